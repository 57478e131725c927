//! SAP Concur's OAuth 2.0 token flows, without I/O.
//!
//! A flow is an [`Exchange`]: a value that turns itself into an [`http::Request`] and knows how to read the
//! response. This crate opens no socket, reads no clock and no environment, and draws no random number. Your
//! runtime carries the bytes from one half to the other:
//!
//! ```text
//!            ┌────────────── concur-oauth-core ──────────────┐
//!            │                                               │
//!  password ─┼─▶ NativeFlow ──▶ into_request ─▶ http::Request┼─▶ bytes out
//!            │                                               │        your runtime,
//!            │                                               │        or a transport
//!     token ◀┼── AccessToken ◀── parse ◀─────── http::Response◀┼── bytes in
//!            │                                               │
//!            └───────────────────────────────────────────────┘
//! ```
//!
//! # Examples
//!
//! From credentials to a token, and to the first request that carries it:
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use std::time::SystemTime;
//!
//! use concur_oauth::net2::NativeFlow;
//! use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Exchange, ResponseContext, Rfc3339, http};
//!
//! let flow = NativeFlow::new(
//!     BaseUrl::US_PRODUCTION, // https://www.concursolutions.com
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let context = ResponseContext::new(flow.base_url().clone(), SystemTime::now());
//!
//! // The first half: credentials to a request. The flow is consumed. The only copy of the password is
//! // now inside the request, and is wiped when that is dropped.
//! let request = flow.into_request()?;
//! assert_eq!(request.uri().path(), "/net2/oauth2/accesstoken.ashx");
//!
//! // ... your runtime sends the request, and receives ...
//! let response = http::Response::new(&b"<Access_Token>
//!   <Instance_Url>https://www.concursolutions.com/</Instance_Url>
//!   <Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token>
//!   <Expiration_date>9/25/2016 1:36:50 PM</Expiration_date>
//!   <Refresh_Token>AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6</Refresh_Token>
//! </Access_Token>"[..]);
//!
//! // The second half: bytes to a token.
//! let token = NativeFlow::parse(response, &context)?;
//! let expires_at = token.expires_at().expect("Concur says when");
//! assert_eq!(Rfc3339(expires_at).to_string(), "2016-09-25T13:36:50Z");
//!
//! // Every later request for this user carries the token, and goes to the user's own base URL.
//! let mut call = http::Request::get("https://www.concursolutions.com/api/v3.0/common/lists")
//!     .body(())?;
//! token.authorize(&mut call)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! Start with [which flow](guide::which_flow) to use and what
//! [registering an application](guide::registering) gives. The [glossary](guide::glossary) defines Concur's words.
//!
//! Concur has two token services: [`v0`], which new applications use, and [`net2`], which the example above asks. Both
//! bring an [`AccessToken`].
//!
//! | to… | use |
//! |---|---|
//! | get a token of `/oauth2/v0`, refresh it, and revoke it | [`v0`], with an [`Application`] |
//! | move from the older service to the newer one | [`v0::MigrateToken`], and [the way over](guide::moving_to_v0) |
//! | know for whom a token is | [`v0::IdToken`] |
//! | get a token for a user's credentials | [`net2::NativeFlow`], with [`ConsumerKey`] and [`Credentials`] |
//! | send a user to consent, and parse the callback | [`net2::WebFlow`] and [`parse_callback`]; [`parse_app_center_callback`] |
//! | exchange a request token for an access token | [`net2::CodeExchange`], with an [`Application`] and its secret |
//! | connect a TripLink supplier's users | [`auto_connect`] |
//! | say which data center to ask | [`BaseUrl`] |
//! | use, check and store a token | [`AccessToken`], [`TokenParts`] |
//! | refresh a token, and revoke one | [`net2::Refresh`], [`net2::RevokeToken`], [`net2::RevokeUser`] |
//! | keep tokens fresh | the module `keeper`, by the feature of that name |
//! | know what went wrong | [`Error`], which holds [`InputError`] before anything is sent and [`ResponseError`] after; [`CallbackError`] of a callback |
//! | reach Concur from [behind a proxy](guide::behind_a_proxy) | [`Proxy`] |
//! | write a transport | [`transport`], [`http1`] |
//!
//! Ready-made transports, chosen by a feature flag, are in the `concur-oauth` crate, which has all of this under
//! the same paths.
//!
//! # Secrets
//!
//! Credentials are consumed by the request that carries them. The buffers that hold them are zeroed when they are
//! dropped: the joined `login:password`, the `Authorization` value, a request's body, and the query of a code exchange,
//! refresh or revocation. `Debug` and `Display` show none, and no error carries one, or any text of a response
//! except for the words of Concur's error document.
//!
//! What cannot be promised: that a runtime which copies the request wipes its copies,
//! and that the bytes of a *response*, token included, are wiped anywhere but inside [`AccessToken`].
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

mod application;
mod authorization;
pub mod auto_connect;
mod base_url;
mod credentials;
mod document_warning;
mod error;
mod exchange;
pub mod guide;
pub mod http1;
mod input;
#[cfg(feature = "keeper")]
pub mod keeper;
pub mod net2;
mod request;
mod response;
mod secret;
mod step_request;
mod token;
pub mod transport;
pub mod v0;
mod wire;

pub use application::{Application, ConsumerKey};
pub use authorization::{
    AccessDenied, CallbackError, CsrfState, RedirectUri, RequestToken, Scope,
    parse_app_center_callback, parse_callback,
};
pub use base_url::BaseUrl;
pub use credentials::Credentials;
pub use document_warning::{DocumentWarning, FieldProblem};
pub use error::{BoxError, BuildError, Error, Stage};
pub use exchange::{Exchange, ResponseContext};
#[doc(no_inline)]
pub use http;
pub use input::{InputError, InputField, InputProblem};
pub use response::{BodyError, DEFAULT_RETRY_AFTER, ErrorKind, ErrorResponse, ResponseError};
#[doc(no_inline)]
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::SecretBody;
pub use step_request::{StepRequest, StepResponse};
pub use token::{AccessToken, RefreshResponse, TokenChanges, TokenParts, TokenScheme};
pub use transport::proxy::Proxy;
pub use wire::date::Rfc3339;
#[doc(hidden)]
pub use wire::display_text::{clean as clean_text, is_unseen};
#[doc(hidden)]
pub use wire::xml;
pub use wire::xml::{XmlError, XmlErrorKind};
