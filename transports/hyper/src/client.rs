//! The client.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use concur_oauth_core::{BuildError, Error, Exchange, Stage};
use concur_oauth_shared::{Call, Deadline, Failure, Read, Settings, idle_timeout};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::{self, Builder};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::ClientBuilder;
use crate::carried::Carried;
use crate::connector::Connector;
use crate::progress::{PROGRESS, Progress};
use crate::{failure, response, runtime};

type HyperClient = legacy::Client<Connector, Full<Bytes>>;

/// Sends exchanges on tokio.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply: make
/// one client, and give clones to as many tasks as you like.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Arc<Settings>,
    pooled: HyperClient,
    /// Keeps no connection. For what may not be sent twice, and for a second attempt.
    unpooled: HyperClient,
    carried: Arc<Carried>,
}

impl Client {
    /// Creates a client with the default settings.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the platform has no trusted roots, no cryptography is compiled in, or a proxy variable of the
    /// environment is no URL of a proxy.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Returns a builder for a client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    #[cfg(feature = "keeper")]
    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Sends an exchange, and returns what its response is read as.
    ///
    /// Dropping the future gives the exchange up and closes its connection.
    ///
    /// # Errors
    ///
    /// [`Error`] says whether the request may have reached Concur, and whether and when to try
    /// again. The client stays usable. Outside of a tokio runtime, or in one without timer or I/O, it is
    /// [`Error::Unsupported`].
    pub async fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, Error> {
        let call = Call::new(exchange, &self.shared.settings)?;
        let deadline = Deadline::after(self.shared.settings.timeout());
        let mut timer = pin!(runtime::sleep_until(deadline.at().into())?);
        let progress = Progress::begin(deadline);
        let work = async {
            let response = self.exchange(&call, &progress).await?;
            match call.read::<E>(response)? {
                Read::Output(output) => Ok(output),
                Read::Elsewhere(call) => call.parse::<E>(self.exchange(&call, &progress).await?),
            }
        };
        let mut work = pin!(PROGRESS.scope(Arc::clone(&progress), work));
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Pending => timer.as_mut().poll(cx).map(|()| Err(progress.end())),
            done @ Poll::Ready(_) => done,
        })
        .await
    }

    /// Sends a call over a connection of the pool, and once more where that was reused and broke. A call that may
    /// not be sent twice has a connection of its own.
    async fn exchange(&self, call: &Call, progress: &Progress) -> Result<Response<Vec<u8>>, Error> {
        if !call.is_resendable() {
            let attempt = self.attempt(&self.shared.unpooled, call, progress).await;
            return attempt.map_err(|(error, _)| error);
        }
        match self.attempt(&self.shared.pooled, call, progress).await {
            Err((first, Some(client))) => {
                let second = self.attempt(client, call, progress).await;
                second.map_err(|(second, _)| Failure::Final(second).after(first))
            }
            attempt => attempt.map_err(|(error, _)| error),
        }
    }

    /// Sends a call once. Where a reused connection broke, the error comes with the client for a second attempt.
    async fn attempt(
        &self,
        client: &HyperClient,
        call: &Call,
        progress: &Progress,
    ) -> Result<Response<Vec<u8>>, (Error, Option<&HyperClient>)> {
        let request = call.request();
        let method = request.method().clone();
        let mut request = request.clone().map(|body| Full::new(body.into()));
        progress.attempt(&mut request);
        let Shared {
            settings,
            pooled,
            unpooled,
            carried,
        } = &*self.shared;
        let response = client.request(request).await;
        // Before this response counts.
        let was_reused = || carried.contains(progress);
        // All that shared an HTTP/2 connection are sent again, and share the next.
        let again = if progress.is_http2() {
            pooled
        } else {
            unpooled
        };
        match response {
            Ok(head) if head.status() == StatusCode::REQUEST_TIMEOUT && was_reused() => {
                Err((idle_timeout(), Some(again)))
            }
            Ok(head) => {
                carried.insert(progress);
                let response = response::receive(head, &method, &settings.limits()).await;
                response.map_err(|error| (error, None))
            }
            Err(error) if error.is_connect() => {
                let known = progress.take_connect_error();
                let error = known.unwrap_or_else(|| Error::interrupted(Stage::Connect, error));
                Err((error, None))
            }
            Err(error) => {
                let error = failure::name(error);
                let broke = matches!(error, Error::Interrupted { .. } | Error::Tls { .. });
                Err((error, (broke && was_reused()).then_some(again)))
            }
        }
    }
}

impl From<Settings> for Client {
    /// Ends [`ClientBuilder::build`].
    fn from(settings: Settings) -> Self {
        let limits = settings.limits();
        #[cfg(feature = "http2")]
        let protocols: &[&[u8]] = &[b"h2", b"http/1.1"];
        #[cfg(not(feature = "http2"))]
        let protocols: &[&[u8]] = &[b"http/1.1"];
        let settings = Arc::new(settings);
        let carried = Arc::default();
        let connector = Connector::new(protocols, Arc::clone(&settings), Arc::clone(&carried));
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle_timeout())
            .pool_max_idle_per_host(settings.max_idle())
            // Room for the largest head and what hyper reads with it. Less than 8 KiB would panic.
            .http1_max_buf_size(limits.max_head() + 8192)
            .http1_max_headers(limits.max_headers());
        #[cfg(feature = "http2")]
        builder
            .http2_max_header_list_size(u32::try_from(limits.max_head()).unwrap_or(u32::MAX))
            // As much of a body as is ever read. The connection's window stays hyper's default: if it is too
            // small for the responses in flight, the server must send tiny frames, which h2 takes for an attack.
            .http2_initial_stream_window_size(1 << 16);
        let pooled = builder.build(connector.clone());
        let unpooled = builder.pool_max_idle_per_host(0).build(connector);
        let shared = Shared {
            settings,
            pooled,
            unpooled,
            carried,
        };
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.settings.fmt_client(f)
    }
}
