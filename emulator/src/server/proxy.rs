//! A proxy that leads every tunnel to a server.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::background::{self, Background};
use super::certificates::{Certificate, Identity};
use super::{Server, listen, lock, url};

/// The longest head of a request that is read, in bytes.
const MAX_HEAD: usize = 16_384;

/// The head that opens a tunnel.
const OPENED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// An HTTP proxy on a port of this machine, for tests. It stops when it is dropped.
///
/// Every tunnel leads to one [`Server`], whatever host it is asked for. So a client can be tried with Concur's own host
/// names, which the server's certificate takes by [`ServerBuilder::name`](crate::ServerBuilder::name). Clients do not
/// ask a proxy for `localhost`. The server refuses a request that has credentials of a proxy.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use concur_oauth_emulator::{Proxy, Server};
///
/// let name = "www.concursolutions.com";
/// let server = Server::builder().name(name).start()?;
/// server.emulator().set_instance_url(format!("https://{name}"));
/// let proxy = Proxy::start(&server)?;
/// println!("HTTPS_PROXY={} reaches https://{name}", proxy.url());
/// // ... the client under test gets a token ...
/// for request in proxy.requests() {
///     println!("asked for a tunnel to {}", request.target());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Proxy {
    url: String,
    ca_der: Option<Vec<u8>>,
    shared: Arc<Shared>,
    _background: Background,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    /// The `Proxy-Authorization` that is asked for.
    authorization: Option<String>,
    faults: Mutex<VecDeque<ProxyFault>>,
    requests: Mutex<Vec<ProxyRequest>>,
}

/// A request that a [`Proxy`] was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyRequest {
    line: String,
    headers: Vec<(String, String)>,
}

impl ProxyRequest {
    /// Returns the host and port to which a tunnel was asked for, such as `www.concursolutions.com:443`. Empty where it was
    /// no CONNECT request.
    #[must_use]
    pub fn target(&self) -> &str {
        let target = self.line.strip_prefix("CONNECT ");
        target.map_or("", |rest| rest.split(' ').next().unwrap_or_default())
    }

    /// Returns the header fields, with their names in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&field.1)
    }

    fn parse(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let fields = lines.filter_map(|line| line.split_once(':'));
        let headers = fields
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self { line, headers }
    }
}

/// A fault of a [`Proxy`]'s response to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyFault {
    /// A 407 that offers these authentication schemes, such as `Negotiate`.
    Authenticate(Vec<String>),
    /// A response with this status, such as 403, and a page. No tunnel is opened.
    Refuse(u16),
    /// The tunnel is opened by a head in two pieces.
    Split,
    /// The tunnel is opened by a 204.
    NoContent,
    /// The tunnel is opened in HTTP/1.0.
    Http10,
    /// The tunnel is opened by a 200 that has a body. A client must refuse it: the server behind the tunnel would seem to have
    /// sent those bytes.
    Body,
    /// No response comes.
    Silence,
    /// The tunnel is opened by a head that comes a byte at a time, with this long before each.
    Drip(Duration),
    /// The connection ends after this many bytes of a 200.
    CutOff(usize),
}

/// Builds a [`Proxy`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct ProxyBuilder {
    certificate: Option<Certificate>,
    authorization: Option<String>,
}

impl ProxyBuilder {
    /// Speaks TLS with its clients, by a certificate of this kind.
    pub fn https(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Asks for this user name and password. By default no credentials are asked for.
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        let joined = STANDARD.encode(format!("{user}:{password}"));
        self.authorization = Some(format!("Basic {joined}"));
        self
    }

    /// Starts the proxy. When this returns, it accepts connections.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where no port can be listened on.
    pub fn start(self, server: &Server) -> io::Result<Proxy> {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = listener.local_addr()?;
        let identity = self
            .certificate
            .map(|kind| Identity::new(kind, address.ip(), &[]))
            .transpose()?;
        let (acceptor, ca_der) = match identity {
            Some(identity) => (
                Some(TlsAcceptor::from(identity.config)),
                Some(identity.ca_der),
            ),
            None => (None, None),
        };
        let shared = Arc::new(Shared {
            server: server.address,
            authorization: self.authorization,
            faults: Mutex::default(),
            requests: Mutex::default(),
        });
        let url = url(address, acceptor.is_none());
        let accepting = accept(listener, acceptor, Arc::clone(&shared));
        Ok(Proxy {
            url,
            ca_der,
            shared,
            _background: Background::start("concur-oauth-proxy", vec![accepting])?,
        })
    }
}

impl Proxy {
    /// Starts a proxy that speaks plain HTTP and asks for no credentials.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where no port can be listened on.
    pub fn start(server: &Server) -> io::Result<Self> {
        Self::builder().start(server)
    }

    /// Returns a builder for a proxy with other settings.
    pub fn builder() -> ProxyBuilder {
        ProxyBuilder::default()
    }

    /// Returns its URL, such as `http://localhost:12345`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the certificate authority that clients of an https proxy must trust, in DER. `None` where the proxy speaks
    /// plain HTTP.
    #[must_use]
    pub fn ca_der(&self) -> Option<&[u8]> {
        self.ca_der.as_deref()
    }

    /// Adds a fault for the next request. Faults queue: each is for one request.
    pub fn inject(&self, fault: ProxyFault) {
        lock(&self.shared.faults).push_back(fault);
    }

    /// Returns the requests that were read so far.
    #[must_use]
    pub fn requests(&self) -> Vec<ProxyRequest> {
        lock(&self.shared.requests).clone()
    }
}

async fn accept(
    listener: std::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) {
    background::accept(listener, |stream| {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            // A client can go at any time.
            let _ = match acceptor {
                None => serve(stream, &shared).await,
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => serve(stream, &shared).await,
                    Err(error) => Err(error),
                },
            };
        });
    })
    .await;
}

async fn serve(mut client: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) -> io::Result<()> {
    let request = ProxyRequest::parse(&read_head(&mut client).await?);
    let is_welcome = shared.authorization.is_none()
        || request.header("proxy-authorization") == shared.authorization.as_deref();
    let is_connect = !request.target().is_empty();
    lock(&shared.requests).push(request);
    let fault = lock(&shared.faults).pop_front();
    let opened = OPENED.as_bytes();
    let (pieces, pause): (Vec<&[u8]>, _) = match &fault {
        _ if !is_connect => return refuse(client, StatusCode::METHOD_NOT_ALLOWED, &[]).await,
        None if is_welcome => (vec![opened], Duration::ZERO),
        None => {
            let basic = ["Basic realm=\"emulator\"".to_owned()];
            return refuse(client, StatusCode::PROXY_AUTHENTICATION_REQUIRED, &basic).await;
        }
        Some(ProxyFault::Authenticate(schemes)) => {
            return refuse(client, StatusCode::PROXY_AUTHENTICATION_REQUIRED, schemes).await;
        }
        Some(ProxyFault::Refuse(status)) => {
            let status = StatusCode::from_u16(*status).map_err(io::Error::other)?;
            return refuse(client, status, &[]).await;
        }
        Some(ProxyFault::Split) => {
            let (one, other) = opened.split_at(20);
            (vec![one, other], Duration::from_millis(20))
        }
        Some(ProxyFault::NoContent) => (
            vec![b"HTTP/1.1 204 No Content\r\n\r\n".as_slice()],
            Duration::ZERO,
        ),
        Some(ProxyFault::Http10) => (vec![b"HTTP/1.0 200 OK\r\n\r\n".as_slice()], Duration::ZERO),
        Some(ProxyFault::Body) => (
            vec![b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".as_slice()],
            Duration::ZERO,
        ),
        Some(ProxyFault::Silence) => pending().await,
        Some(ProxyFault::Drip(pause)) => (opened.chunks(1).collect(), *pause),
        Some(ProxyFault::CutOff(length)) => {
            let cut = opened.get(..*length).unwrap_or(opened);
            client.write_all(cut).await?;
            return client.shutdown().await;
        }
    };
    let mut server = TcpStream::connect(shared.server).await?;
    server.set_nodelay(true)?;
    for piece in pieces {
        tokio::time::sleep(pause).await;
        client.write_all(piece).await?;
        client.flush().await?;
    }
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Reads a head. A client waits for the response before it sends more. One that begins with TLS ends here.
async fn read_head(client: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(client.read_u8().await?);
        if !head[0].is_ascii_uppercase() {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(head)
}

async fn refuse(
    mut client: impl AsyncWrite + Unpin,
    status: StatusCode,
    schemes: &[String],
) -> io::Result<()> {
    let page = "<!DOCTYPE html><html><body><h1>The proxy refuses</h1></body></html>";
    let mut offers = String::new();
    for scheme in schemes {
        offers.push_str("Proxy-Authenticate: ");
        offers.push_str(scheme);
        offers.push_str("\r\n");
    }
    let length = page.len();
    let response = format!(
        "HTTP/1.1 {status}\r\n{offers}Content-Type: text/html\r\nContent-Length: {length}\r\n\r\n{page}"
    );
    client.write_all(response.as_bytes()).await?;
    client.shutdown().await
}
