//! Connections: accepting them, and serving each until a fault ends it.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::header::{DATE, HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::faults::{Delivery, End, Fault, Script};
use super::record::RequestRecord;
use super::{Shared, background, control, lock};
use crate::services::error_response;
use crate::time::date;

/// The largest request body that is read, in bytes.
const MAX_REQUEST: usize = 1 << 20;

/// Accepts connections until it is dropped.
pub(super) async fn accept(
    listener: std::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) {
    background::accept(listener, |stream| {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        let open = Open::begin(&shared);
        tokio::spawn(async move {
            let _open = open;
            let fault = lock(&shared.rules).take(None);
            if let Some(fault) = fault {
                shared.log_connection(format_args!("it is given the fault {fault}"));
                if let Delivery::Script(script) = fault.apply(http::Response::default()) {
                    let _ = play(stream, script).await;
                }
                return;
            }
            match acceptor {
                None => serve(stream, shared).await,
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => serve(stream, shared).await,
                    Err(error) => shared.log_connection(format_args!(
                        "TLS failed ({error}): see whether the client speaks TLS, trusts the authority of this start, and calls this server by a name \
                         that is in its certificate"
                    )),
                },
            }
        });
    })
    .await;
}

/// Counts an open connection until it is dropped.
struct Open(Arc<Shared>);

impl Open {
    fn begin(shared: &Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A stream, with access to its TCP socket.
trait Socket: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Serves a connection with hyper, until a fault asks for bytes that hyper would not send.
async fn serve<S: Socket>(socket: S, shared: Arc<Shared>) {
    let (scripts, mut script) = mpsc::channel(1);
    let peer = socket.tcp().peer_addr().ok();
    let own = socket.tcp().local_addr().ok();
    // This machine's, by another address than loopback.
    let is_here = peer
        .zip(own)
        .is_some_and(|(peer, own)| peer.ip() == own.ip());
    let shared_here = Arc::clone(&shared);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (shared, scripts) = (Arc::clone(&shared), scripts.clone());
        async move {
            match respond(request, peer, is_here, &shared).await {
                Delivery::Proper(response) => {
                    Ok::<_, Infallible>(response.map(|body| Full::new(Bytes::from(body))))
                }
                Delivery::Script(script) => {
                    let _ = scripts.send(script).await;
                    std::future::pending().await
                }
            }
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    tokio::select! {
        ended = &mut connection => {
            if let Err(error) = ended && !error.is_closed() {
                shared_here.log_connection(format_args!(
                    "no request that can be read ({error}): see whether the client speaks HTTP/1.1, and TLS where this server does"
                ));
            }
        }
        Some(script) = script.recv() => {
            let socket = connection.into_parts().io.into_inner();
            // The client can close before the end.
            let _ = play(socket, script).await;
        }
    }
}

/// Has the emulator respond to a request, and applies the next fault.
async fn respond(
    request: hyper::Request<Incoming>,
    peer: Option<SocketAddr>,
    is_here: bool,
    shared: &Shared,
) -> Delivery {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST).collect().await;
    // RFC 9112 section 3.2: a request without a Host field is refused.
    let has_host = head.version != http::Version::HTTP_11 || head.headers.contains_key(HOST);
    let has_proxy_credentials = head.headers.contains_key(PROXY_AUTHORIZATION);
    let path = head.uri.path().to_owned();
    let body = match body {
        Ok(body) if has_host && control::is_path(&path) && shared.control.is_for(peer, is_here) => {
            let request = http::Request::from_parts(head, body.to_bytes().to_vec());
            return Delivery::Proper(control::respond(shared, &request));
        }
        body => body,
    };
    shared.requests.fetch_add(1, Ordering::SeqCst);
    // A truncated request must have no effect.
    let body = match body {
        _ if has_proxy_credentials => {
            Err((StatusCode::BAD_REQUEST, "it has a proxy's credentials"))
        }
        Ok(body) if has_host => Ok(body.to_bytes().to_vec()),
        Ok(_) => Err((StatusCode::BAD_REQUEST, "it has no Host field")),
        Err(error) if error.is::<LengthLimitError>() => Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            "its body is longer than 1 MiB",
        )),
        Err(_) => Err((StatusCode::BAD_REQUEST, "its body is not whole")),
    };
    let body = match body {
        Ok(body) => body,
        Err((status, why)) => {
            let request = http::Request::from_parts(head, Vec::new());
            return refuse(shared, &request, status, why);
        }
    };
    let request = http::Request::from_parts(head, body);
    let now = shared.now();
    let mut fault = lock(&shared.rules).take(Some(&path));
    let (token, data_center) = {
        let emulator = lock(&shared.emulator);
        let data_center = emulator.v0.asked_of_several(&request);
        (emulator.id_of_token(&request), data_center)
    };
    let handler = shared.hooks.handler(&path);
    let is_routed = handler.is_some();
    let mut response = match (&fault, handler) {
        (Some(Fault::Status(status, retry_after)), _) => {
            error_response(&request, *status, *retry_after, now)
        }
        (_, Some(handler)) => handler(&mut lock(&shared.emulator), &request, now),
        (_, None) => lock(&shared.emulator).respond(&request, now),
    };
    if let Ok(date) = HeaderValue::try_from(date(now)) {
        response.headers_mut().insert(DATE, date);
    }
    if let Some(own) = shared
        .hooks
        .on_exchange
        .as_ref()
        .and_then(|it| it(&request, &response))
    {
        if let Fault::Status(status, retry_after) = own {
            response = error_response(&request, status, retry_after, now);
        }
        fault = Some(own);
    }
    let mut record = RequestRecord::new(&request, &response, now);
    (record.data_center, record.token) = (data_center, token);
    record.fault = fault.as_ref().map(ToString::to_string);
    if is_routed {
        // Its words are not the emulator's.
        record.outcome.clear();
    }
    shared.add_record(record);
    match fault {
        None => Delivery::Proper(response),
        Some(fault) => fault.apply(response),
    }
}

/// Refuses what no service is asked for.
fn refuse(
    shared: &Shared,
    request: &http::Request<Vec<u8>>,
    status: StatusCode,
    why: &str,
) -> Delivery {
    let mut response = http::Response::new(Vec::new());
    *response.status_mut() = status;
    let mut record = RequestRecord::new(request, &response, shared.now());
    why.clone_into(&mut record.outcome);
    shared.add_record(record);
    Delivery::Proper(response)
}

async fn play<S: Socket>(mut socket: S, script: Script) -> io::Result<()> {
    for piece in script.pieces {
        tokio::time::sleep(script.pause).await;
        socket.write_all(&piece).await?;
        socket.flush().await?;
    }
    match script.end {
        End::Close => socket.shutdown().await,
        End::CutOff => Ok(()),
        End::Reset => socket.tcp().set_zero_linger(),
        End::Hold => {
            while socket.read(&mut [0; 1024]).await? > 0 {}
            Ok(())
        }
    }
}
