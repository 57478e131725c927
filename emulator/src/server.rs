//! The emulator on a socket.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use http::header::HOST;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::Emulator;
use crate::fault::{Delivery, End, Fault, Script};
use crate::identity::{Certificate, Identity};

/// The largest request body that is read, in bytes.
const MAX_REQUEST: usize = 1 << 20;

/// An emulator that listens on this machine. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    ca_pem: String,
    ca_der: Vec<u8>,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    emulator: Mutex<Emulator>,
    faults: Mutex<VecDeque<Fault>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    requests: AtomicUsize,
}

/// Makes a [`Server`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct ServerBuilder {
    emulator: Emulator,
    listen: SocketAddr,
    plain_http: bool,
    certificate: Certificate,
}

impl ServerBuilder {
    /// Who is known: the documented sample account by default.
    pub fn emulator(mut self, emulator: Emulator) -> Self {
        self.emulator = emulator;
        self
    }

    /// Where to listen: a free port of `127.0.0.1` by default.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Speaks plain http in place of TLS.
    pub fn plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Shows another certificate than a valid one.
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = certificate;
        self
    }

    /// Starts the server. When this returns, it accepts connections.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the address cannot be listened on.
    pub fn start(self) -> io::Result<Server> {
        let listener = std::net::TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let identity = Identity::new(self.certificate, address.ip())?;
        let scheme = if self.plain_http { "http" } else { "https" };
        let host = match address.ip() {
            // Other loopback addresses need not be what the name leads to.
            IpAddr::V4(Ipv4Addr::LOCALHOST | Ipv4Addr::UNSPECIFIED) => "localhost".to_owned(),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => format!("[{}]", Ipv6Addr::LOCALHOST),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let url = format!("{scheme}://{host}:{}", address.port());
        let mut emulator = self.emulator;
        emulator.set_instance_url(url.as_str());
        let shared = Arc::new(Shared {
            emulator: Mutex::new(emulator),
            faults: Mutex::new(VecDeque::new()),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let acceptor = (!self.plain_http).then(|| TlsAcceptor::from(identity.config));
        let (stop, stopped) = oneshot::channel();
        let accept = accept(listener, acceptor, Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("concur-oauth-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = accept => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Server {
            url,
            ca_pem: identity.ca_pem,
            ca_der: identity.ca_der,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Server {
    /// Starts a server over TLS, on a free port of this machine, with the documented sample account.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where no port can be listened on.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// A server with other settings.
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            emulator: Emulator::with_sample_account(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            plain_http: false,
            certificate: Certificate::Valid,
        }
    }

    /// Where it listens, such as `https://localhost:12345`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificate authority that clients are to trust, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The certificate authority that clients are to trust, in DER.
    #[must_use]
    pub fn ca_der(&self) -> &[u8] {
        &self.ca_der
    }

    /// Makes the next answer go wrong. Called again before that, it is for the answer after.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared.faults).push_back(fault);
    }

    /// What it knows: to add users while it runs, for example.
    ///
    /// The server answers nobody while this is held, and a second call waits for the first: keep it in no
    /// variable across a request, and ask for it once in an expression.
    pub fn emulator(&self) -> MutexGuard<'_, Emulator> {
        lock(&self.shared.emulator)
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many connections are open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// How many requests were read so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Stops it and closes every connection, as dropping it does.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to return, and a panic in it has been printed.
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(
    listener: std::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, perhaps: some may come free.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        let open = Open::begin(&shared);
        tokio::spawn(async move {
            let _open = open;
            let _ = stream.set_nodelay(true);
            match acceptor {
                None => serve(stream, shared).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, shared).await;
                    }
                }
            }
        });
    }
}

/// Counts a connection for as long as it lives.
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

/// A connection, down to its socket.
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

/// Serves one connection by hyper, until a fault asks for what hyper would never send.
async fn serve<S: Socket>(socket: S, shared: Arc<Shared>) {
    let (scripts, mut script) = mpsc::channel(1);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (shared, scripts) = (Arc::clone(&shared), scripts.clone());
        async move {
            match answer(request, &shared).await {
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
        _ = &mut connection => {}
        Some(script) = script.recv() => {
            let socket = connection.into_parts().io.into_inner();
            // The client may well go away before the end.
            let _ = play(socket, script).await;
        }
    }
}

async fn answer(request: hyper::Request<Incoming>, shared: &Shared) -> Delivery {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST).collect().await;
    shared.requests.fetch_add(1, Ordering::SeqCst);
    // RFC 9112 section 3.2. Whoever forgets it should hear of it here.
    let has_host = head.version != http::Version::HTTP_11 || head.headers.contains_key(HOST);
    // Nothing is done of a request of which a part is missing.
    let body = match body {
        Ok(body) if has_host => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => {
            return refuse(http::StatusCode::PAYLOAD_TOO_LARGE);
        }
        _ => return refuse(http::StatusCode::BAD_REQUEST),
    };
    let request = http::Request::from_parts(head, body);
    let response = lock(&shared.emulator).respond(&request, SystemTime::now());
    match lock(&shared.faults).pop_front() {
        None => Delivery::Proper(response),
        Some(fault) => fault.apply(response),
    }
}

fn refuse(status: http::StatusCode) -> Delivery {
    let mut response = http::Response::new(Vec::new());
    *response.status_mut() = status;
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
