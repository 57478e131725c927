//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use concur_oauth_core::transport::{self, BuildError, Error, Limits, Stage};
use concur_oauth_core::{Exchange, InstanceUrl};
use http::{HeaderValue, Method};
use rustls::ClientConfig;
use zeroize::Zeroizing;

use crate::answer::{Answer, Buffer};
use crate::builder::ClientBuilder;
use crate::connect::connect;
use crate::connection::Connection;
use crate::deadline::Deadline;
use crate::pool::Pool;
use crate::wire;

/// Sends exchanges and blocks until they are answered.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply; make
/// one and give clones to as many threads as you like.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    tls: Arc<ClientConfig>,
    pool: Pool,
    user_agent: HeaderValue,
    limits: Limits,
    timeout: Duration,
}

impl Client {
    /// A client with the defaults.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the platform has no trusted roots, or no cryptography is compiled in.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn from_settings(
        tls: Arc<ClientConfig>,
        pool: Pool,
        user_agent: HeaderValue,
        limits: Limits,
        timeout: Duration,
    ) -> Self {
        let shared = Arc::new(Shared {
            tls,
            pool,
            user_agent,
            limits,
            timeout,
        });
        Self { shared }
    }

    /// Sends an exchange to an instance, and returns what its answer is read as.
    ///
    /// # Errors
    ///
    /// [`Error`] says whether the request may have reached Concur, and whether and when to try
    /// again. The client stays usable.
    pub fn send<E: Exchange>(
        &self,
        instance: &InstanceUrl,
        exchange: E,
    ) -> Result<E::Output, Error> {
        let deadline = Deadline::after(self.shared.timeout);
        // Its headers wipe themselves; its body does not.
        let mut request = exchange.into_request(instance)?.map(Zeroizing::new);
        transport::prepare(&mut request, instance, &self.shared.user_agent)?;
        let method = request.method().clone();
        let bytes = wire::serialize(&request, instance);
        drop(request);

        let call = Call {
            instance,
            method,
            bytes: &bytes,
            deadline,
        };
        let answer = match self.shared.pool.take(instance) {
            Some(kept) => match self.exchange(kept, &call) {
                Err(Failure::Unanswered(_)) if E::RESENDABLE => self.exchange_anew(&call),
                result => result,
            },
            None => self.exchange_anew(&call),
        };
        let answer = answer.map_err(Failure::into_error)?;
        Ok(answer.read_with(|response| E::parse(response, instance))?)
    }

    fn exchange_anew(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        let connection =
            connect(call.instance, &self.shared.tls, &call.deadline).map_err(Failure::Final)?;
        self.exchange(connection, call)
    }

    /// One request and one answer over an open connection, which is kept if it can be.
    fn exchange(&self, mut connection: Connection, call: &Call<'_>) -> Result<Answer, Failure> {
        connection
            .write_all(call.bytes, &call.deadline)
            .map_err(|error| Failure::new(call.deadline.name(Stage::Send, error), false))?;
        let mut buffer = Buffer::new(&mut connection, &call.deadline);
        let answer = Answer::read(&mut buffer, &call.method, &self.shared.limits)
            .map_err(|error| Failure::new(error, buffer.has_received()))?;
        if answer.leaves_connection_usable() {
            self.shared.pool.put(call.instance, connection);
        }
        Ok(answer)
    }
}

impl fmt::Debug for Client {
    /// The settings that can be read at a glance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("timeout", &self.shared.timeout)
            .field("user_agent", &self.shared.user_agent)
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

/// What stays the same when an exchange is sent once more.
struct Call<'a> {
    instance: &'a InstanceUrl,
    method: Method,
    bytes: &'a [u8],
    deadline: Deadline,
}

enum Failure {
    /// The connection broke before one byte of an answer came.
    Unanswered(Error),
    Final(Error),
}

impl Failure {
    fn new(error: Error, answered: bool) -> Self {
        match error {
            // A server that has had enough of a kept connection may say so by a TLS alert.
            Error::Interrupted { .. } | Error::Tls { .. } if !answered => Self::Unanswered(error),
            error => Self::Final(error),
        }
    }

    fn into_error(self) -> Error {
        match self {
            Self::Unanswered(error) | Self::Final(error) => error,
        }
    }
}
