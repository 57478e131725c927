//! The emulator on a socket.

mod background;
mod certificates;
mod clock;
mod connection;
mod control;
mod faults;
mod hooks;
mod proxy;
mod record;
mod rule;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio_rustls::TlsAcceptor;

use crate::emulator::Emulator;
use crate::state::v0::DataCenter;
use crate::time::exact_moment;
use background::Background;
use certificates::Identity;
use clock::Clock;
use control::Control;
use hooks::Hooks;
use record::Records;
use rule::Rules;

pub use certificates::Certificate;
pub use faults::{End, Fault};
pub use proxy::{Proxy, ProxyBuilder, ProxyFault, ProxyRequest};
pub use record::RequestRecord;
pub use rule::{FaultRule, FaultRuleError};

/// An emulator that listens on a port of this machine. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    data_centers: Vec<DataCenter>,
    ca_pem: String,
    ca_der: Vec<u8>,
    address: SocketAddr,
    shared: Arc<Shared>,
    _background: Background,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) emulator: Mutex<Emulator>,
    rules: Mutex<Rules>,
    records: Mutex<Records>,
    clock: Mutex<Clock>,
    connections: AtomicUsize,
    open: AtomicUsize,
    requests: AtomicUsize,
    hooks: Hooks,
    control: Control,
    /// By which clients know it, beside its address.
    names: Vec<String>,
}

impl Shared {
    fn now(&self) -> SystemTime {
        lock(&self.clock).now()
    }

    fn add_record(&self, record: RequestRecord) {
        if let Some(log) = &self.hooks.log {
            log(&record.to_string());
        }
        lock(&self.records).add(record);
    }

    /// Says what came of a connection without a request.
    fn log_connection(&self, what: impl fmt::Display) {
        if let Some(log) = &self.hooks.log {
            log(&format!(
                "{} a connection: {what}",
                exact_moment(self.now())
            ));
        }
    }
}

/// Builds a [`Server`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct ServerBuilder {
    emulator: Emulator,
    listen: SocketAddr,
    data_centers: Vec<String>,
    plain_http: bool,
    certificate: Certificate,
    names: Vec<String>,
    clock: Clock,
    hooks: Hooks,
    control: Control,
}

impl ServerBuilder {
    /// Sets the emulator: one with the sample account by default.
    pub fn emulator(mut self, emulator: Emulator) -> Self {
        self.emulator = emulator;
        self
    }

    /// Sets the address to listen on: a free port of `127.0.0.1` by default.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Stands for several data centers of the newer service at once: the first at the server's own address, the others on
    /// free ports beside it. `glz` is the Global Landing Zone. By default there is one, which has no name.
    ///
    /// Each user and company that [lives](crate::v0::User::in_data_center) in a data center must live in one of these when the server
    /// starts.
    pub fn data_centers<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.data_centers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Speaks plain http in place of TLS.
    pub fn plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Sets the kind of certificate: a valid one by default.
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = certificate;
        self
    }

    /// Adds a host name or an address to the certificate, for clients that know the server by it: those that come
    /// through a [`Proxy`]. May be called again for more.
    ///
    /// The documents still name the server by its own URL: see [`Emulator::set_instance_url`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Has this function see each request and the response to it, before that is sent. A fault that it returns takes the place of
    /// one that was injected.
    pub fn on_exchange(
        mut self,
        see: impl Fn(&http::Request<Vec<u8>>, &http::Response<Vec<u8>>) -> Option<Fault>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.hooks.on_exchange = Some(Box::new(see));
        self
    }

    /// Has this function see a line for each request, and for each connection that failed before one. No line holds a secret, or ends
    /// with a line break.
    pub fn log(mut self, see: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.hooks.log = Some(Box::new(see));
        self
    }

    /// Has this function respond at this path, and below it where the path ends with `/`: a fake of an API that tokens are for, behind
    /// the same host. It is given the emulator, to look a token up, the request, and the time by the server's clock. Faults apply to
    /// its responses too.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use concur_oauth_emulator::Server;
    /// use http::{Response, header::AUTHORIZATION};
    ///
    /// let server = Server::builder()
    ///     .route("/expensereports/v4/reports/", |emulator, request, now| {
    ///         let token = request.headers().get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    ///         let token = token.and_then(|it| it.strip_prefix("Bearer "));
    ///         let status = match token.and_then(|it| emulator.v0().holder(it, now)) {
    ///             Some(_) => 200,
    ///             None => 403,
    ///         };
    ///         let mut response = Response::new(b"{}".to_vec());
    ///         *response.status_mut() = status.try_into().expect("a status");
    ///         response
    ///     })
    ///     .start()?;
    /// # Ok(()) }
    /// ```
    pub fn route(
        mut self,
        path: impl AsRef<str>,
        handler: impl Fn(&mut Emulator, &http::Request<Vec<u8>>, SystemTime) -> http::Response<Vec<u8>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.hooks.route(path.as_ref(), Box::new(handler));
        self
    }

    /// Has the server's clock show this moment when it starts: this machine's time by default.
    pub fn clock(mut self, at: SystemTime) -> Self {
        self.clock = Clock::at(at);
        self
    }

    /// Serves the [control endpoint](crate#from-any-language) and the index page, to this machine alone. They are off by default.
    pub fn control(mut self) -> Self {
        self.control = Control::FromThisMachine;
        self
    }

    /// Serves the control endpoint and the index page to each machine that reaches the server, such as the host of a container.
    pub fn control_from_anywhere(mut self) -> Self {
        self.control = Control::FromAnywhere;
        self
    }

    /// Starts the server. When this returns, it accepts connections.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the address cannot be listened on, and of kind [`NotFound`](io::ErrorKind::NotFound) where a user or
    /// a company lives in a data center that is not among [`data_centers`](Self::data_centers).
    pub fn start(self) -> io::Result<Server> {
        let mut listeners = vec![listen(self.listen)?];
        let address = listeners[0].local_addr()?;
        let beside = SocketAddr::new(address.ip(), 0);
        for _ in self.data_centers.iter().skip(1) {
            listeners.push(listen(beside)?);
        }
        let identity = Identity::new(self.certificate, address.ip(), &self.names)?;
        let mut urls = Vec::new();
        for listener in &listeners {
            urls.push(url(listener.local_addr()?, self.plain_http));
        }
        let url = urls[0].clone();
        let names = self.data_centers.into_iter();
        let data_centers: Vec<_> = names
            .zip(urls)
            .map(|(name, url)| DataCenter { name, url })
            .collect();
        let mut emulator = self.emulator;
        emulator.set_instance_url(url.as_str());
        emulator.v0.data_centers.clone_from(&data_centers);
        if let Some(home) = emulator.v0.unknown_home() {
            let what = format!(
                "a user or a company lives in the data center {home:?}, which this server does not stand for"
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, what));
        }
        let shared = Arc::new(Shared {
            emulator: Mutex::new(emulator),
            rules: Mutex::default(),
            records: Mutex::default(),
            clock: Mutex::new(self.clock),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            hooks: self.hooks,
            control: self.control,
            names: self.names,
        });
        let acceptor = (!self.plain_http).then(|| TlsAcceptor::from(identity.config));
        let accepting = listeners
            .into_iter()
            .map(|listener| connection::accept(listener, acceptor.clone(), Arc::clone(&shared)));
        let background = Background::start("concur-oauth-emulator", accepting.collect())?;
        Ok(Server {
            url,
            data_centers,
            ca_pem: identity.ca_pem,
            ca_der: identity.ca_der,
            address,
            shared,
            _background: background,
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

    /// Returns a builder for a server with other settings.
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            emulator: Emulator::with_sample_account(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            data_centers: Vec::new(),
            plain_http: false,
            certificate: Certificate::Valid,
            names: Vec::new(),
            clock: Clock::default(),
            hooks: Hooks::default(),
            control: Control::default(),
        }
    }

    /// Returns its URL, such as `https://localhost:12345`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL of the data center of this name. `None` where [`ServerBuilder::data_centers`] did not name it.
    #[must_use]
    pub fn data_center(&self, name: &str) -> Option<&str> {
        let center = self
            .data_centers
            .iter()
            .find(|center| center.name == name)?;
        Some(&center.url)
    }

    /// Returns the certificate authority that clients must trust, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Returns the certificate authority that clients must trust, in DER.
    #[must_use]
    pub fn ca_der(&self) -> &[u8] {
        &self.ca_der
    }

    /// Adds a fault: of the next response, or of those that its [`FaultRule`] names. The first that is for a response applies to it.
    pub fn inject(&self, rule: impl Into<FaultRule>) {
        lock(&self.shared.rules).add(rule.into());
    }

    /// Returns the faults that are still to come, in their order.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultRule> {
        lock(&self.shared.rules).all().to_vec()
    }

    /// Takes all faults back that are still to come.
    pub fn clear_faults(&self) {
        lock(&self.shared.rules).clear();
    }

    /// Moves the server's clock forward, so that tokens age: a month passes in a test. A client that is to believe it must
    /// take its time from [`now`](Self::now).
    pub fn advance(&self, by: Duration) {
        lock(&self.shared.clock).advance(by);
    }

    /// Returns the time by the server's clock: this machine's, unless it was [moved](Self::advance).
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shared.now()
    }

    /// Locks the emulator, to add users while the server runs, for example.
    ///
    /// The server sends no response while the guard is held, and a second call waits for the first: keep it in no
    /// variable across a request, and call this once in an expression.
    pub fn emulator(&self) -> MutexGuard<'_, Emulator> {
        lock(&self.shared.emulator)
    }

    /// Returns how many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns how many connections are open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Returns how many requests were read so far.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Returns what was asked, and what came of it: of the last 1,000 requests, the newest at the end.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.shared.records).all().cloned().collect()
    }

    /// Stops the server and closes every connection, as dropping it does.
    pub fn stop(self) {
        drop(self);
    }
}

fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn url(address: SocketAddr, plain_http: bool) -> String {
    let scheme = if plain_http { "http" } else { "https" };
    let host = match address.ip() {
        // The name need not lead to any other loopback address.
        IpAddr::V4(Ipv4Addr::LOCALHOST | Ipv4Addr::UNSPECIFIED) => "localhost".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => format!("[{}]", Ipv6Addr::LOCALHOST),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    format!("{scheme}://{host}:{}", address.port())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
