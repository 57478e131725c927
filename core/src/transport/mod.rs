//! For transports: what each of them does with a request before it is sent, and with a response after.
//!
//! A transport carries an [`Exchange`](crate::Exchange): it makes the request, sends it to the exchange's base URL, reads one
//! response and has it parsed. Its whole public surface is a client with a builder and
//! `send(&self, impl Exchange)`.
//!
//! To write one, read [`writing`]. Over a stream of bytes, [`http1`](crate::http1) does most of the work.

// The page is also read outside of rustdoc, so the targets of its links stand here.
#[doc = include_str!("writing.md")]
///
/// [`base_url`]: crate::Exchange::base_url
/// [`into_request`]: crate::Exchange::into_request
/// [`prepare_request`]: crate::transport::prepare_request
/// [`http1::encode_request`]: crate::http1::encode_request
/// [`authority()`]: crate::BaseUrl::authority
/// [`check_peer`]: crate::BaseUrl::check_peer
/// [`Error::Unsupported`]: crate::Error::Unsupported
/// [`ResponseContext`]: crate::ResponseContext
/// [`ResponseReader`]: crate::http1::ResponseReader
/// [`CompleteResponse`]: crate::http1::CompleteResponse
/// [`leaves_connection_usable`]: crate::http1::CompleteResponse::leaves_connection_usable
/// [`into_response`]: crate::http1::CompleteResponse::into_response
/// [`has_received`]: crate::http1::ResponseReader::has_received
/// [`cut_off`]: crate::http1::ResponseReader::cut_off
/// [`Error::Tls`]: crate::Error::Tls
/// [`user_agent`]: crate::transport::user_agent
/// [`BodyFraming::from_head`]: crate::http1::BodyFraming::from_head
/// [`Limits::max_body`]: crate::http1::Limits::max_body
/// [`join_response`]: crate::transport::join_response
/// [`DEFAULT_TIMEOUT`]: crate::transport::DEFAULT_TIMEOUT
/// [`MAX_TIMEOUT`]: crate::transport::MAX_TIMEOUT
/// [`BuildError`]: crate::BuildError
/// [`SecretBody`]: crate::SecretBody
/// [`as_ref`]: AsRef::as_ref
/// [`Bytes`]: bytes::Bytes
/// [`get_ref`]: std::io::Error::get_ref
/// [`elsewhere`]: crate::transport::elsewhere
/// [`retarget_request`]: crate::transport::retarget_request
/// [`parse_response`]: crate::transport::parse_response
/// [`Error`]: crate::Error
/// [`InputError`]: crate::InputError
/// [`ProtocolError`]: crate::http1::ProtocolError
/// [`ResponseError`]: crate::ResponseError
/// [`Error::interrupted`]: crate::Error::interrupted
/// [`Stage`]: crate::Stage
/// [`Error::Timeout`]: crate::Error::Timeout
/// [`http1`]: crate::http1
/// [`is_resendable`]: crate::Exchange::is_resendable
/// [`proxy`]: crate::transport::proxy
/// [`Proxy::for_base_url`]: crate::Proxy::for_base_url
/// [`Proxy::from_vars`]: crate::Proxy::from_vars
/// [`Tunnel`]: crate::transport::proxy::Tunnel
/// [`Stage::Proxy`]: crate::Stage::Proxy
/// [`attribute`]: crate::Proxy::attribute
/// [`authorization`]: crate::Proxy::authorization
pub mod writing {}

mod prepare;
pub mod proxy;
mod user_agent;

pub use prepare::{elsewhere, join_response, parse_response, prepare_request, retarget_request};
pub use user_agent::user_agent;

use std::time::Duration;

/// The deadline of a whole exchange where the caller sets none: 60 seconds, in which Concur
/// promises a response.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest deadline that a transport accepts: one day. A longer one is cut to it.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);
