//! The socket to the server, with TLS or without.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use concur_oauth_core::keeper::StoreError;
use concur_oauth_shared::rustls::ClientConfig;
use concur_oauth_shared::server_name;
use redis::ConnectionAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A socket of any kind.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// Connects to the server.
pub(crate) async fn connect(
    address: &ConnectionAddr,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<Pin<Box<dyn Socket>>, StoreError> {
    let unreachable = |error: io::Error| {
        let advice = "the server cannot be reached: see whether it runs, and whether the host and port are right";
        StoreError::new(advice).because(error)
    };
    match address {
        ConnectionAddr::Tcp(host, port) => {
            let socket = tcp(host, *port).await.map_err(unreachable)?;
            let Some(tls) = tls else {
                return Ok(Box::pin(socket));
            };
            let host = host.trim_matches(['[', ']']);
            let connected = async {
                let connector = TlsConnector::from(Arc::clone(tls));
                connector.connect(server_name(host)?, socket).await
            };
            let failed = |error: io::Error| {
                let advice = "TLS with the server failed: see whether its certificate is valid and for this host, and add its authority";
                StoreError::new(advice).because(error)
            };
            Ok(Box::pin(connected.await.map_err(failed)?))
        }
        #[cfg(unix)]
        ConnectionAddr::Unix(path) => {
            let socket = tokio::net::UnixStream::connect(path).await;
            Ok(Box::pin(socket.map_err(unreachable)?))
        }
        _ => Err(StoreError::new(
            "the URL is of a kind that is not supported: give redis://, rediss:// or redis+unix://",
        )),
    }
}

async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let socket = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    socket.set_nodelay(true)?;
    Ok(socket)
}
