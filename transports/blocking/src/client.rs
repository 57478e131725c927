//! The client.

use std::fmt;
use std::sync::Arc;

use concur_oauth_core::transport::http1::{self, Answer, AnswerReader};
use concur_oauth_core::transport::{BuildError, Error, Stage};
use concur_oauth_core::{Exchange, InstanceUrl};
use concur_oauth_shared::{Pool, Settings, second_try};
use http::Method;
use rustls::ClientConfig;

use crate::ClientBuilder;
use crate::connect::connect;
use crate::connection::Connection;
use crate::deadline::Deadline;

/// How much is asked of a connection at a time, in bytes. A token's answer fits.
const READ: usize = 2048;

/// Sends exchanges and blocks until they are answered.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply; make
/// one and give clones to as many threads as you like.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    tls: Arc<ClientConfig>,
    pool: Pool<Connection>,
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
        let deadline = Deadline::after(self.shared.settings.timeout());
        let resendable = exchange.is_resendable();
        let request = exchange.into_request(instance)?;
        let method = request.method().clone();
        let bytes = http1::encode(request, instance, self.shared.settings.user_agent())?;

        let call = Call {
            instance,
            method,
            bytes: &bytes,
            deadline,
        };
        let answer = match self.kept_connection(instance) {
            Some(kept) => match self.exchange(kept, &call) {
                Err(Failure::Unanswered(first)) if resendable => {
                    let second = self.exchange_anew(&call);
                    second.map_err(|second| Failure::Final(second_try(first, second.into_error())))
                }
                result => result,
            },
            None => self.exchange_anew(&call),
        };
        Ok(answer.map_err(Failure::into_error)?.parse::<E>(instance)?)
    }

    fn kept_connection(&self, instance: &InstanceUrl) -> Option<Connection> {
        loop {
            let mut kept = self.shared.pool.take(instance)?;
            if kept.is_usable() {
                return Some(kept);
            }
        }
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
        let mut reader = AnswerReader::new(call.method.clone(), self.shared.settings.limits());
        let answer = receive(&mut connection, &mut reader, &call.deadline)
            .map_err(|error| Failure::new(error, reader.has_received()))?;
        if answer.leaves_connection_usable() {
            self.shared.pool.put(call.instance, connection);
        }
        Ok(answer)
    }
}

fn receive(
    connection: &mut Connection,
    reader: &mut AnswerReader,
    deadline: &Deadline,
) -> Result<Answer, Error> {
    let mut piece = [0; READ];
    loop {
        match connection.read(&mut piece, deadline) {
            Ok(length) => {
                let bytes = piece.get(..length).unwrap_or_default();
                if let Some(answer) = reader.receive(bytes)? {
                    return Ok(answer);
                }
            }
            Err(error) => return reader.fail(deadline.name(Stage::Receive, error)),
        }
    }
}

impl From<Settings> for Client {
    /// What [`ClientBuilder::build`] ends in.
    fn from(settings: Settings) -> Self {
        let shared = Arc::new(Shared {
            tls: Arc::new(settings.tls(&[b"http/1.1"])),
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
