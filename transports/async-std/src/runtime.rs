//! What is asked of async-std or of smol: sockets, names and time. Either runs on any executor.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

#[cfg(not(any(feature = "async-std", feature = "smol")))]
compile_error!("enable the feature `async-std` or `smol`");

#[cfg(all(feature = "smol", not(feature = "async-std")))]
pub(crate) use async_net::TcpStream;
#[cfg(feature = "async-std")]
pub(crate) use async_std::net::TcpStream;

/// Ends after a while.
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

#[cfg(feature = "async-std")]
pub(crate) fn sleep(duration: Duration) -> Sleep {
    Box::pin(async_std::task::sleep(duration))
}

#[cfg(all(feature = "smol", not(feature = "async-std")))]
pub(crate) fn sleep(duration: Duration) -> Sleep {
    let timer = async_io::Timer::after(duration);
    Box::pin(async {
        timer.await;
    })
}

/// Looks a name up, on a thread of the runtime's.
#[cfg(feature = "async-std")]
pub(crate) async fn lookup(host: &str, port: u16) -> io::Result<impl Iterator<Item = SocketAddr>> {
    async_std::net::ToSocketAddrs::to_socket_addrs(&(host, port)).await
}

/// Looks a name up, on a thread of the runtime's.
#[cfg(all(feature = "smol", not(feature = "async-std")))]
pub(crate) async fn lookup(host: &str, port: u16) -> io::Result<impl Iterator<Item = SocketAddr>> {
    Ok(async_net::resolve((host, port)).await?.into_iter())
}
