//! HTTP/1.1 without I/O, for transports that have nothing but a stream of bytes.
//!
//! [`encode`] makes a request the bytes to write; [`AnswerReader`] takes the bytes that are read, in
//! pieces of any size, and says when the answer is whole. With them, a transport is a dozen lines:
//!
//! ```
//! use std::io::{Read, Write};
//!
//! use concur_oauth_core::transport::{Error, Limits, Stage, http1, user_agent};
//! use concur_oauth_core::{Exchange, InstanceUrl};
//!
//! /// Sends an exchange over a connection to `instance` that is open.
//! fn send<E: Exchange>(
//!     mut connection: impl Read + Write,
//!     instance: &InstanceUrl,
//!     exchange: E,
//! ) -> Result<E::Output, Error> {
//!     let request = exchange.into_request(instance)?;
//!     let mut reader = http1::AnswerReader::new(request.method().clone(), Limits::default());
//!     // Wiped when it goes.
//!     let bytes = http1::encode(request, instance, &user_agent("my-app/1.0")?)?;
//!     connection.write_all(&bytes).map_err(|error| Error::interrupted(Stage::Send, error))?;
//!
//!     let mut piece = [0; 2048];
//!     let answer = loop {
//!         match connection.read(&mut piece) {
//!             // No bytes are the end, which the reader wants to know of too.
//!             Ok(length) => if let Some(answer) = reader.receive(&piece[..length])? {
//!                 break answer;
//!             },
//!             Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
//!             Err(error) => break reader.fail(Error::interrupted(Stage::Receive, error))?,
//!         }
//!     };
//!     Ok(answer.parse::<E>(instance)?)
//! }
//! # let flow = concur_oauth_core::NativeFlow::new(
//! #     concur_oauth_core::ConsumerKey::new("key")?,
//! #     concur_oauth_core::Credentials::without_password("jo@example.com")?,
//! # );
//! # struct Peer(&'static [u8]);
//! # impl Read for Peer { fn read(&mut self, b: &mut [u8]) -> std::io::Result<usize> { self.0.read(b) } }
//! # impl Write for Peer {
//! #     fn write(&mut self, b: &[u8]) -> std::io::Result<usize> { Ok(b.len()) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n<Access_Token><Token>t</Token></Access_Token>");
//! # send(peer, &InstanceUrl::default(), flow)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Deadlines, TLS and the keeping of connections are the writer's.

mod answer;
mod chunked;
mod head;
mod request;

pub use answer::{Answer, AnswerReader};
pub use head::HeadReader;
pub use request::encode;
