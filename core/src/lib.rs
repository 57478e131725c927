//! SAP Concur's OAuth 2.0 token flows, without I/O.
//!
//! A flow is a value that turns itself into an [`http::Request`] and knows how to read the answer:
//! an [`Exchange`]. This crate opens no socket, reads no clock and no environment, and draws no
//! random number. Whatever sends bytes in your program (an async runtime, a thread, an enclave, a
//! test) carries them from one half to the other:
//!
//! ```
//! use concur_oauth_core::{ConsumerKey, Credentials, Exchange, InstanceUrl, NativeFlow};
//!
//! let instance = InstanceUrl::default(); // https://www.concursolutions.com
//! let flow = NativeFlow::new(
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//!
//! // One half: credentials to a request. The flow is consumed: the only copy of the password is
//! // now inside the request, and is wiped when that is dropped.
//! let request = flow.into_request(&instance)?;
//! assert_eq!(request.uri().path(), "/net2/oauth2/accesstoken.ashx");
//!
//! // ... your runtime sends the request, and receives ...
//! let answer = http::Response::new(&b"<Access_Token>
//!   <Instance_Url>https://www.concursolutions.com/</Instance_Url>
//!   <Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token>
//!   <Expiration_date>9/25/2016 1:36:50 PM</Expiration_date>
//!   <Refresh_Token>AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6</Refresh_Token>
//! </Access_Token>"[..]);
//!
//! // The other half: bytes to a token.
//! let token = NativeFlow::parse(answer, &instance)?;
//! assert_eq!(token.is_expired_at(std::time::SystemTime::UNIX_EPOCH), Some(false));
//!
//! // And what comes next: any call to the user's own instance carries the token.
//! let mut call = http::Request::get("https://www.concursolutions.com/api/v3.0/common/lists")
//!     .body(())?;
//! token.authorize(&mut call)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! To begin with: [which flow](guide::which_flow) to use, and what
//! [registering an application](guide::registering) gives.
//!
//! | to… | use |
//! |---|---|
//! | ask with a user's credentials | [`NativeFlow`], with [`ConsumerKey`] and [`Credentials`] |
//! | send a user to consent, and read what they come back with | [`WebFlow`] and [`read_web_return`]; [`read_app_center`] |
//! | make what they came back with a token | [`CodeExchange`], with an [`Application`] and its secret |
//! | connect a TripLink supplier's users | [`auto_connect`] |
//! | say where to ask | [`InstanceUrl`] |
//! | use, judge and store what came back | [`AccessToken`], [`TokenParts`] |
//! | get a new token for an old one, and end one | [`Refresh`], [`RevokeToken`], [`RevokeUser`] |
//! | know what went wrong | [`InputError`] before anything is sent, [`ResponseError`] after, [`ReturnError`] of a user's return |
//! | write a transport | [`transport`] |
//!
//! Ready-made transports, chosen by a feature flag, are in the `concur-oauth` crate.
//!
//! # Secrets
//!
//! Credentials are consumed by the request that carries them. The buffers that hold them (the
//! joined `login:password`, the `Authorization` value) are zeroed when they are dropped; so is a query
//! that holds an application's secret. `Debug` and
//! `Display` show none, and no error carries one, or any text of an answer but the words of Concur's
//! error document. What cannot be promised: that a runtime which copies the request wipes its copies,
//! and that the bytes of an *answer*, token included, are wiped anywhere but inside [`AccessToken`].
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
pub mod auto_connect;
mod code_exchange;
mod consumer_key;
mod credentials;
mod date;
mod exchange;
mod field;
pub mod guide;
mod input;
mod instance_url;
mod native;
mod query;
mod refresh;
mod refusal;
mod request;
mod response;
mod revoke;
mod token;
pub mod transport;
mod web;
mod words;
#[doc(hidden)]
pub mod xml;

pub use application::{Application, RequestToken};
pub use code_exchange::CodeExchange;
pub use consumer_key::ConsumerKey;
pub use credentials::Credentials;
pub use exchange::Exchange;
pub use field::FieldError;
pub use http;
pub use input::{Field, InputError, Problem};
pub use instance_url::InstanceUrl;
pub use native::NativeFlow;
pub use refresh::Refresh;
pub use refusal::{CONCURS_PAUSE, Refusal};
pub use response::{MAX_BODY, ResponseError, Unreadable};
pub use revoke::{RevokeToken, RevokeUser};
pub use secrecy::{ExposeSecret, SecretString};
pub use token::{AccessToken, Renewal, TokenParts};
pub use web::{
    Denial, RedirectUri, ReturnError, Scope, State, WebFlow, read_app_center, read_web_return,
};
#[doc(hidden)]
pub use words::is_unseen;
pub use xml::{XmlError, XmlErrorKind};
