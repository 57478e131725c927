//! HTTP/1.1 without I/O: a client's codec for transports that have nothing but a stream of bytes.
//!
//! [`encode_request`] turns a request into the bytes to write. [`ResponseReader`] takes the bytes that
//! are read, in pieces of any size, and returns the response when it is complete. This module knows
//! nothing of Concur.
//!
//! ```text
//!   http::Request ──▶ encode_request ──▶ bytes to write ──▶ ┐
//!                                                           │  your stream
//!   CompleteResponse ◀── ResponseReader ◀── bytes read  ◀── ┘
//! ```
//!
//! # Examples
//!
//! A transport over a connection that is open:
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use std::io::{ErrorKind, Read, Write};
//! use std::time::SystemTime;
//!
//! use concur_oauth::http1::{self, Limits, ResponseReader};
//! use concur_oauth::transport::{parse_response, prepare_request, user_agent};
//! use concur_oauth::{Error, Exchange, ResponseContext, Stage};
//!
//! fn send<E: Exchange>(
//!     mut connection: impl Read + Write,
//!     exchange: E,
//! ) -> Result<E::Output, Error> {
//!     let base_url = exchange.base_url().clone();
//!     let mut request = exchange.into_request()?;
//!     prepare_request(&mut request, &base_url, &user_agent("my-app/1.0")?)?;
//!     let mut reader = ResponseReader::new(request.method().clone(), Limits::default());
//!     let bytes = http1::encode_request(&request); // wiped when it is dropped
//!     let context = ResponseContext::new(base_url, SystemTime::now());
//!     connection.write_all(&bytes).map_err(|error| Error::interrupted(Stage::Send, error))?;
//!
//!     let mut piece = [0; 2048];
//!     let response = loop {
//!         match connection.read(&mut piece) {
//!             // No bytes are the end of the stream. The reader takes that in too.
//!             Ok(length) => if let Some(response) = reader.receive(&piece[..length])? {
//!                 break response;
//!             },
//!             Err(error) if error.kind() == ErrorKind::Interrupted => {}
//!             // An error status that came before the connection broke is kept.
//!             Err(error) => break reader.cut_off()
//!                 .ok_or_else(|| Error::interrupted(Stage::Receive, error))?,
//!         }
//!     };
//!     Ok(parse_response::<E>(response.into_response(), &context)?)
//! }
//! # use concur_oauth::{BaseUrl, ConsumerKey, Credentials, net2::NativeFlow};
//! # let flow = NativeFlow::new(
//! #     BaseUrl::US_PRODUCTION,
//! #     ConsumerKey::new("key")?,
//! #     Credentials::without_password("jo@example.com")?,
//! # );
//! # struct Peer(&'static [u8]);
//! # impl Read for Peer { fn read(&mut self, b: &mut [u8]) -> std::io::Result<usize> { self.0.read(b) } }
//! # impl Write for Peer {
//! #     fn write(&mut self, b: &[u8]) -> std::io::Result<usize> { Ok(b.len()) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n<Access_Token><Token>t</Token></Access_Token>");
//! # send(peer, flow)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Deadlines, TLS and connection pools are the transport's own.
//!
//! A tunnel through a proxy is opened by a [`Tunnel`](crate::transport::proxy::Tunnel).

mod chunked;
mod connect;
mod framing;
mod head;
mod limits;
mod protocol_error;
mod request;
mod response;

pub(crate) use connect::ConnectReader;
pub use connect::{AuthSchemes, ConnectError};
pub use framing::BodyFraming;
pub use head::HeadReader;
pub use limits::{Limits, MAX_BODY};
pub use protocol_error::ProtocolError;
pub(crate) use request::encode_connect;
pub use request::encode_request;
pub(crate) use response::keep_error_status;
pub use response::{CompleteResponse, ResponseReader};
