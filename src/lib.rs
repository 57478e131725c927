//! SAP Concur's OAuth 2.0 token flows.
//!
//! Sign in with what Concur gave you, over the transport of your choice, and get a token that knows
//! where it may be sent and how long it lives.
//!
//! # Examples
//!
//! ```
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::blocking::Client;
//! use concur_oauth::v0::{ClientId, RequestTokenGrant};
//! use concur_oauth::{Application, RequestToken, Rfc3339};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth::blocking::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
//! # let now = std::time::SystemTime::now();
//! # /*
//! let client = Client::new()?;
//! let secret = std::env::var("CONCUR_CLIENT_SECRET")?;
//! # */
//! # let client = Client::builder().no_proxy().add_root(root).build()?;
//! # let secret = concur_oauth_emulator::SAMPLE_CLIENT_SECRET;
//! let id = "3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11";
//! let application = Application::new(ClientId::new(id)?, secret)?;
//!
//! // From the company's administrator: its UUID, and a request token that is good for a day.
//! let company = "2a09b1ba-125f-4e4c-a8ef-f48a018583cc";
//! # /*
//! let request_token = RequestToken::new(std::env::var("CONCUR_REQUEST_TOKEN")?)?;
//! # */
//! # let request_token = RequestToken::new(server.emulator().v0().make_request_token(id, company, now))?;
//! let grant = RequestTokenGrant::new(&application, company, &request_token)?;
//! # let base_url = server.url().parse()?;
//! # let grant = grant.at(&base_url);
//! let token = client.send(grant)?;
//! if let Some(at) = token.expires_at() {
//!     println!("a token until {}", Rfc3339(at)); // a token until 2027-09-25T13:36:50Z
//! }
//! # Ok(()) }
//! # #[cfg(not(feature = "blocking"))] fn main() {}
//! ```
//!
//! Everything that is not a transport comes from the crate `concur-oauth-core`, which does no I/O and can be
//! embedded in any runtime. Its central trait is [`Exchange`]: one request to Concur, and how its response is read.
//!
//! # Which service
//!
//! Concur has two: [`v0`] speaks `/oauth2/v0`, which the example above asks and every new application uses, and [`net2`] the
//! older `/net2/oauth2`. See [which flow](guide::which_flow) and [moving over](guide::moving_to_v0).
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `blocking` (default) | the module `blocking`: `std::net` and rustls, no async runtime |
//! | `hyper` | the module `hyper`: hyper's pooled client, on tokio |
//! | `http2` | the module `hyper` with HTTP/2, where the server speaks it |
//! | `smol` | the module `smol`: smol's sockets and rustls |
//! | `async-std` | the module `async_std`: the same on async-std, which has been discontinued |
//! | `keeper` | tokens that stay fresh: the state machine [`keeper`], and a module `keeper` in each transport. [The guide](guide::keeping_tokens) begins it |
//! | `serde` | [`TokenParts`] in the form in which it is stored |
//! | `ring` (default) | TLS by ring |
//! | `aws-lc-rs` | TLS by aws-lc-rs; it is used where `ring` is enabled too |
//!
//! Any combination builds. With `default-features = false` this crate is the core alone, which is
//! what a [transport of your own](transport::writing) needs.
//!
//! # One client, four runtimes
//!
//! Every transport is a `Client` with the same builder, and the same [`Error`] for the same cause. Where
//! `send` blocks for one, it is awaited for the others. Otherwise only the name of the module changes:
//!
//! ```
//! # #[cfg(feature = "hyper")]
//! # async fn token(flow: concur_oauth::net2::NativeFlow) -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::hyper::Client; // or concur_oauth::smol::Client
//!
//! let client = Client::new()?;
//! match client.send(flow).await {
//!     Ok(token) => println!("a token for {}", token.base_url()),
//!     Err(error) => {
//!         println!("{}", error.report());
//!         println!("may have reached Concur: {}", error.may_have_reached_concur());
//!         println!("worth trying again after: {:?}", error.retry_after());
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! `Client::builder()` has the same settings for every transport:
//!
//! | method | what it sets | default |
//! |---|---|---|
//! | `timeout` | the deadline of a whole exchange | 60 seconds |
//! | `add_root` | a root certificate to trust besides the platform's | |
//! | `rustls_config` | the whole TLS configuration | the platform's trusted roots |
//! | `user_agent` | the `User-Agent` | `concur-oauth/` and its version |
//! | `limits` | how much of a response is read | 16 KiB of head, 64 KiB of body |
//! | `max_idle_connections` | how many idle connections are kept | 8 |
//! | `idle_timeout` | how long an idle connection is kept | 30 seconds |
//! | `proxy`, `no_proxy` | the [`Proxy`] to go through, or none | what the environment's variables say |
//!
//! # Behind a proxy
//!
//! The variables `https_proxy`, `no_proxy` and others are read nearly as curl reads them: see [behind a
//! proxy](guide::behind_a_proxy). In code:
//!
//! ```
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::Proxy;
//! use concur_oauth::blocking::Client;
//!
//! # let password = "secret";
//! let proxy = Proxy::new("http://proxy.example:3128")?.with_credentials("jo", password)?;
//! let client = Client::builder().proxy(proxy).build()?;
//! # assert!(format!("{client:?}").contains("http://proxy.example:3128"));
//!
//! let direct = Client::builder().no_proxy().build()?;
//! # Ok(()) }
//! # #[cfg(not(feature = "blocking"))] fn main() {}
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "keeper")]
#[doc(inline)]
pub use concur_oauth_core::keeper;
#[doc(inline)]
pub use concur_oauth_core::{
    AccessDenied, AccessToken, Application, BaseUrl, BodyError, BoxError, BuildError,
    CallbackError, ConsumerKey, Credentials, CsrfState, DEFAULT_RETRY_AFTER, DocumentWarning,
    Error, ErrorKind, ErrorResponse, Exchange, FieldProblem, InputError, InputField, InputProblem,
    Proxy, RedirectUri, RefreshResponse, RequestToken, ResponseContext, ResponseError, Rfc3339,
    Scope, SecretBody, Stage, StepRequest, StepResponse, TokenChanges, TokenParts, TokenScheme,
    XmlError, XmlErrorKind, auto_connect, guide, http1, net2, parse_app_center_callback,
    parse_callback, transport, v0,
};
#[doc(no_inline)]
pub use concur_oauth_core::{ExposeSecret, SecretString, http};
#[doc(hidden)]
pub use concur_oauth_core::{clean_text, is_unseen};

/// A transport that blocks the calling thread: `std::net` and rustls, without an async runtime.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use concur_oauth::net2::NativeFlow;
/// use concur_oauth::blocking::Client;
/// use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
///
/// # let server = concur_oauth_emulator::Server::start()?;
/// # let root = concur_oauth::blocking::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
/// # /*
/// let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
/// # */
/// let base_url = BaseUrl::US_PRODUCTION;
/// # let client = Client::builder().no_proxy().add_root(root).build()?;
/// # let base_url: BaseUrl = server.url().parse()?;
/// let flow = NativeFlow::new(
///     base_url,
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
/// );
/// let token = client.send(flow)?;
/// if let Some(at) = token.expires_at() {
///     println!("a token until {}", Rfc3339(at));
/// }
/// # Ok(()) }
/// ```
///
/// What it promises is on the front page of [`concur_oauth_blocking`].
#[cfg(feature = "blocking")]
pub mod blocking {
    #[cfg(feature = "keeper")]
    #[doc(inline)]
    pub use concur_oauth_blocking::keeper;
    #[doc(no_inline)]
    pub use concur_oauth_blocking::rustls;
    #[doc(inline)]
    pub use concur_oauth_blocking::{Client, ClientBuilder, verify_rs256};
}

/// A transport on tokio: hyper's pooled client and rustls, with HTTP/2 by the feature `http2`.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use concur_oauth::net2::NativeFlow;
/// use concur_oauth::hyper::Client;
/// use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
///
/// # let server = concur_oauth_emulator::Server::start()?;
/// # let root = concur_oauth::hyper::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
/// # /*
/// let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
/// # */
/// let base_url = BaseUrl::US_PRODUCTION;
/// # let client = Client::builder().no_proxy().add_root(root).build()?;
/// # let base_url: BaseUrl = server.url().parse()?;
/// let flow = NativeFlow::new(
///     base_url,
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
/// );
/// let token = client.send(flow).await?;
/// if let Some(at) = token.expires_at() {
///     println!("a token until {}", Rfc3339(at));
/// }
/// # Ok(()) }) }
/// ```
///
/// What it promises, and what hyper does otherwise than the other transports, is on the front page of
/// [`concur_oauth_hyper`].
#[cfg(feature = "hyper")]
pub mod hyper {
    #[cfg(feature = "keeper")]
    #[doc(inline)]
    pub use concur_oauth_hyper::keeper;
    #[doc(no_inline)]
    pub use concur_oauth_hyper::rustls;
    #[doc(inline)]
    pub use concur_oauth_hyper::{Client, ClientBuilder, verify_rs256};
}

/// A transport on smol's sockets and timers, with rustls. It runs on any executor.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # async_io::block_on(async {
/// use concur_oauth::net2::NativeFlow;
/// use concur_oauth::smol::Client;
/// use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
///
/// # let server = concur_oauth_emulator::Server::start()?;
/// # let root = concur_oauth::smol::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
/// # /*
/// let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
/// # */
/// let base_url = BaseUrl::US_PRODUCTION;
/// # let client = Client::builder().no_proxy().add_root(root).build()?;
/// # let base_url: BaseUrl = server.url().parse()?;
/// let flow = NativeFlow::new(
///     base_url,
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
/// );
/// let token = client.send(flow).await?;
/// if let Some(at) = token.expires_at() {
///     println!("a token until {}", Rfc3339(at));
/// }
/// # Ok(()) }) }
/// ```
///
/// What it promises is on the page of [`concur_oauth_smol::smol`].
#[cfg(feature = "smol")]
pub mod smol {
    #[cfg(feature = "keeper")]
    #[doc(inline)]
    pub use concur_oauth_smol::smol::keeper;
    #[doc(no_inline)]
    pub use concur_oauth_smol::smol::rustls;
    #[doc(inline)]
    pub use concur_oauth_smol::smol::{Client, ClientBuilder, verify_rs256};
}

/// A transport on async-std, with rustls. async-std was discontinued in 2025
/// ([RUSTSEC-2025-0052](https://rustsec.org/advisories/RUSTSEC-2025-0052)): this module is for applications that use it
/// already.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # async_std::task::block_on(async {
/// use concur_oauth::net2::NativeFlow;
/// use concur_oauth::async_std::Client;
/// use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
///
/// # let server = concur_oauth_emulator::Server::start()?;
/// # let root = concur_oauth::async_std::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
/// # /*
/// let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
/// # */
/// let base_url = BaseUrl::US_PRODUCTION;
/// # let client = Client::builder().no_proxy().add_root(root).build()?;
/// # let base_url: BaseUrl = server.url().parse()?;
/// let flow = NativeFlow::new(
///     base_url,
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
/// );
/// let token = client.send(flow).await?;
/// if let Some(at) = token.expires_at() {
///     println!("a token until {}", Rfc3339(at));
/// }
/// # Ok(()) }) }
/// ```
///
/// What it promises is on the page of [`concur_oauth_smol::async_std`].
#[cfg(feature = "async-std")]
pub mod async_std {
    #[cfg(feature = "keeper")]
    #[doc(inline)]
    pub use concur_oauth_smol::async_std::keeper;
    #[doc(no_inline)]
    pub use concur_oauth_smol::async_std::rustls;
    #[doc(inline)]
    pub use concur_oauth_smol::async_std::{Client, ClientBuilder, verify_rs256};
}

/// The Rust in the guides of `book` is compiled with the tests of the repository.
#[cfg(all(doctest, feature = "blocking", feature = "keeper"))]
mod guides {
    #[doc = include_str!("../book/src/quick_start_v0.md")]
    mod quick_start_v0 {}
    #[doc = include_str!("../book/src/quick_start_net2.md")]
    mod quick_start_net2 {}
    #[doc = include_str!("../book/src/quick_start_testing.md")]
    mod quick_start_testing {}
    #[doc = include_str!("../book/src/quick_start_transport.md")]
    mod quick_start_transport {}
    #[doc = include_str!("../book/src/errors.md")]
    mod errors {}
}
