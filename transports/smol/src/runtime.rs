//! What a runtime provides: sockets and timers.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use concur_oauth_shared::Timer;
use futures_io::{AsyncRead, AsyncWrite};

/// A runtime's sockets and timers. They work on any executor.
pub trait Runtime: Send + Sync + 'static {
    /// A TCP connection.
    type Socket: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Connects to an address, and sends small packets at once.
    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Socket>> + Send;

    /// Returns a future that ends after this time.
    fn timer(duration: Duration) -> Timer;
}
