//! From an instance to a socket.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use concur_oauth_core::InstanceUrl;
use concur_oauth_core::transport::{BoxError, Error, Stage};
use concur_oauth_shared::candidates;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tower_service::Service;

use crate::call::{CALL, Call};
use crate::runtime;

/// Opens sockets, to addresses that the instance may have, for an exchange that has a deadline.
#[derive(Debug, Clone)]
pub(crate) struct Tcp;

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let call = CALL.try_with(Arc::clone);
        Box::pin(async move {
            let call = call?;
            let instance = uri.to_string().parse()?;
            let stream = connect(&instance, &call).await?;
            call.reach(Stage::Handshake);
            Ok(TokioIo::new(stream))
        })
    }
}

async fn connect(instance: &InstanceUrl, call: &Arc<Call>) -> Result<TcpStream, Error> {
    call.reach(Stage::Lookup);
    // Tokio looks names up on a thread of its own.
    let addresses = lookup_host((instance.host(), instance.port()))
        .await
        .map_err(|error| Error::interrupted(Stage::Lookup, error))?;
    call.reach(Stage::Connect);
    let mut last = call.timeout(Stage::Connect);
    for (address, share) in candidates(instance, addresses)? {
        let left = call.deadline - Instant::now();
        match timeout(left / share, runtime::io(open(address))).await {
            Ok(opened) => match opened? {
                Ok((stream, peer)) => {
                    instance.check_peer(peer)?;
                    return Ok(stream);
                }
                Err(error) => last = Error::interrupted(Stage::Connect, error),
            },
            Err(_) => last = call.timeout(Stage::Connect),
        }
    }
    Err(last)
}

async fn open(address: SocketAddr) -> io::Result<(TcpStream, IpAddr)> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?.ip();
    Ok((stream, peer))
}
