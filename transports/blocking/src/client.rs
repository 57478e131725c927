//! The client.

use std::fmt;
use std::sync::Arc;

use concur_oauth_core::http1::{self, CompleteResponse, ResponseReader};
use concur_oauth_core::{BuildError, Error, Exchange, Stage};
use concur_oauth_shared::{Call, Deadline, Failure, Pool, Read, Settings, idle_timeout};
use http::Response;

use crate::ClientBuilder;
use crate::connect::Connector;
use crate::connection::{Connection, PIECE};
use crate::deadline;

/// Sends exchanges, and blocks the calling thread until each has its response.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply: make
/// one client, and give clones to as many threads as you like.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    connector: Connector,
    pool: Pool<Connection>,
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
    /// # Errors
    ///
    /// [`Error`] says whether the request may have reached Concur, and whether and when to try
    /// again. The client stays usable.
    pub fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, Error> {
        let deadline = Deadline::after(self.shared.settings.timeout());
        let call = Call::new(exchange, &self.shared.settings)?;
        let response = self.exchange(&call, &deadline)?;
        match call.read::<E>(response)? {
            Read::Output(output) => Ok(output),
            Read::Elsewhere(call) => call.parse::<E>(self.exchange(&call, &deadline)?),
        }
    }

    /// Sends a call over a reused connection, or over a new one.
    fn exchange(&self, call: &Call, deadline: &Deadline) -> Result<Response<Vec<u8>>, Error> {
        let request = http1::encode_request(call.request());
        let over = |connection| self.send_over(connection, call, &request, deadline);
        let Shared {
            settings,
            connector,
            ..
        } = &*self.shared;
        let anew = || {
            let connection = connector.connect(call, settings, deadline);
            over(connection.map_err(Failure::Final)?)
        };
        let response = match self.reusable_connection(call) {
            Some(connection) => match over(connection) {
                Ok(response) if response.is_idle_timeout() => {
                    anew().map_err(|second| second.after(idle_timeout()))?
                }
                Err(Failure::BeforeResponse(first)) => {
                    anew().map_err(|second| second.after(first))?
                }
                result => result.map_err(Failure::into_error)?,
            },
            None => anew().map_err(Failure::into_error)?,
        };
        Ok(response.into_response())
    }

    /// Takes an idle connection from the pool. A call that may not be sent twice gets none: a connection can be
    /// closing at that moment.
    fn reusable_connection(&self, call: &Call) -> Option<Connection> {
        if !call.is_resendable() {
            return None;
        }
        loop {
            let mut connection = self.shared.pool.take(call.base_url())?;
            if connection.is_usable() {
                return Some(connection);
            }
        }
    }

    /// Sends a call over an open connection, which goes to the pool if it can be reused.
    fn send_over(
        &self,
        mut connection: Connection,
        call: &Call,
        request: &[u8],
        deadline: &Deadline,
    ) -> Result<CompleteResponse, Failure> {
        connection
            .write_all(request, deadline)
            .map_err(|error| Failure::new(deadline::name(deadline, Stage::Send, error), false))?;
        let method = call.request().method().clone();
        let mut reader = ResponseReader::new(method, self.shared.settings.limits());
        let response = receive(&mut connection, &mut reader, deadline)
            .map_err(|error| Failure::new(error, reader.has_received()))?;
        if call.is_resendable() && response.leaves_connection_usable() {
            self.shared.pool.put(call.base_url(), connection);
        }
        Ok(response)
    }
}

fn receive(
    connection: &mut Connection,
    reader: &mut ResponseReader,
    deadline: &Deadline,
) -> Result<CompleteResponse, Error> {
    let mut piece = [0; PIECE];
    loop {
        match connection.read(&mut piece, deadline) {
            Ok(length) => {
                let bytes = piece.get(..length).unwrap_or_default();
                if let Some(response) = reader.receive(bytes)? {
                    return Ok(response);
                }
            }
            Err(error) => {
                return match deadline::name(deadline, Stage::Receive, error) {
                    error @ Error::Timeout { .. } => Err(error),
                    error => reader.cut_off().ok_or(error),
                };
            }
        }
    }
}

impl From<Settings> for Client {
    /// Ends [`ClientBuilder::build`].
    fn from(settings: Settings) -> Self {
        let shared = Arc::new(Shared {
            connector: Connector::new(&settings),
            pool: Pool::new(settings.max_idle(), settings.idle_timeout()),
            settings,
        });
        Self { shared }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.settings.fmt_client(f)
    }
}
