//! The client, on any runtime.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use concur_oauth_core::http1::{self, CompleteResponse, ResponseReader};
use concur_oauth_core::{BuildError, Error, Exchange};
use concur_oauth_shared::{
    Call, ClientBuilder, Deadline, Failure, Pool, Read, Settings, Timer, exchange, idle_timeout,
};
use http::Response;

use crate::connection::{self, Connection, Connector};
use crate::runtime::Runtime;

/// Sends exchanges on a runtime.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply: make
/// one client, and give clones to as many tasks as you like.
#[derive(Clone)]
pub struct Client<R: Runtime> {
    shared: Arc<Shared>,
    runtime: PhantomData<R>,
}

struct Shared {
    settings: Settings,
    connector: Connector,
    pool: Pool<Connection>,
}

impl<R: Runtime> Client<R> {
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
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::default()
    }

    #[cfg(feature = "keeper")]
    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// A clone, whatever the runtime's type can.
    #[cfg(feature = "keeper")]
    pub(crate) fn share(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            runtime: PhantomData,
        }
    }

    /// Sends an exchange, and returns what its response is read as.
    ///
    /// Dropping the future gives the exchange up and closes its connection.
    ///
    /// # Errors
    ///
    /// [`Error`] says whether the request may have reached Concur, and whether and when to try
    /// again. The client stays usable.
    pub async fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, Error> {
        let timeout = self.shared.settings.timeout();
        let mut deadline = (Deadline::after(timeout), R::timer(timeout));
        let call = Call::new(exchange, &self.shared.settings)?;
        let response = self.exchange(&call, &mut deadline).await?;
        match call.read::<E>(response)? {
            Read::Output(output) => Ok(output),
            Read::Elsewhere(call) => {
                let response = self.exchange(&call, &mut deadline).await?;
                call.parse::<E>(response)
            }
        }
    }

    /// Sends a call over a reused connection, or over a new one.
    async fn exchange(
        &self,
        call: &Call,
        deadline: &mut (Deadline, Timer),
    ) -> Result<Response<Vec<u8>>, Error> {
        let request = http1::encode_request(call.request());
        let mut first = None;
        if let Some(connection) = self.reusable_connection(call) {
            match self.send_over(connection, call, &request, deadline).await {
                Ok(response) if response.is_idle_timeout() => first = Some(idle_timeout()),
                Err(Failure::BeforeResponse(error)) => first = Some(error),
                result => return Ok(result.map_err(Failure::into_error)?.into_response()),
            }
        }
        let Shared {
            settings,
            connector,
            ..
        } = &*self.shared;
        let opened = connector.connect::<R>(call.base_url(), settings, deadline);
        let response = match opened.await {
            Ok(connection) => self.send_over(connection, call, &request, deadline).await,
            Err(error) => Err(Failure::Final(error)),
        };
        let response = response.map_err(|failure| match first {
            Some(first) => failure.after(first),
            None => failure.into_error(),
        });
        Ok(response?.into_response())
    }

    /// Takes an idle connection from the pool. A call that may not be sent twice gets none: a connection can be
    /// closing at that moment.
    fn reusable_connection(&self, call: &Call) -> Option<Connection> {
        if !call.is_resendable() {
            return None;
        }
        loop {
            let mut connection = self.shared.pool.take(call.base_url())?;
            if connection::is_usable(&mut connection) {
                return Some(connection);
            }
        }
    }

    /// Sends a call over an open connection, which goes to the pool if it can be reused.
    async fn send_over(
        &self,
        mut connection: Connection,
        call: &Call,
        request: &[u8],
        deadline: &mut (Deadline, Timer),
    ) -> Result<CompleteResponse, Failure> {
        let method = call.request().method().clone();
        let reader = ResponseReader::new(method, self.shared.settings.limits());
        let response = exchange(&mut connection, request, reader, deadline).await?;
        if call.is_resendable() && response.leaves_connection_usable() {
            self.shared.pool.put(call.base_url(), connection);
        }
        Ok(response)
    }
}

impl<R: Runtime> From<Settings> for Client<R> {
    /// Ends [`ClientBuilder::build`].
    fn from(settings: Settings) -> Self {
        let shared = Arc::new(Shared {
            connector: Connector::new(&settings),
            pool: Pool::new(settings.max_idle(), settings.idle_timeout()),
            settings,
        });
        let runtime = PhantomData;
        Self { shared, runtime }
    }
}

impl<R: Runtime> fmt::Debug for Client<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.settings.fmt_client(f)
    }
}
