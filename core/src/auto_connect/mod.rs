//! The Auto-Connect flow, for TripLink suppliers that are listed in Concur's App Center.
//!
//! A user presses Connect at Concur and enters their membership at the supplier. That creates a connection
//! request, which waits. On a timer, the supplier's application
//!
//! 1. lists the pending connection requests, authorized by an administrator's token,
//! 2. exchanges each request token, before its 15 minutes end,
//! 3. matches the user with its own records, and reports the outcome,
//! 4. revokes the access token where the user is not connected, so that the user sees it and can try again.
//!
//! A [`Round`] is all of that, as a state machine without I/O. Your program drives it with any transport, and
//! no step can be forgotten: a token that it was granted is handed to you as a connected user's, or
//! revoked, or handed back with the reason why it could not be.
//!
//! # Examples
//!
//! A round over a transport:
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use std::time::SystemTime;
//!
//! use concur_oauth::auto_connect::{ConnectionResult, Outcome, Round, Step};
//! # use concur_oauth::{
//! #     AccessToken, Application, BaseUrl, ConsumerKey, Exchange, ResponseContext, TokenParts, TokenScheme, http,
//! # };
//! # let application = Application::new(ConsumerKey::new("key")?, "secret")?;
//! # let administrator = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "administrator", BaseUrl::US_PRODUCTION));
//! # struct Client;
//! # impl Client {
//! #     fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, concur_oauth::Error> {
//! #         let context = ResponseContext::new(exchange.base_url().clone(), SystemTime::UNIX_EPOCH);
//! #         let request = exchange.into_request()?;
//! #         let body = match request.uri().path() {
//! #             "/net2/oauth2/GetAccessToken.ashx" => "<Access_Token><Token>t</Token></Access_Token>",
//! #             path if path.ends_with("s") => "<ConnectionRequests><Items><ConnectionRequest><id>1</id>\
//! #                 <requestToken>r</requestToken><loyaltyNumber>7</loyaltyNumber></ConnectionRequest></Items></ConnectionRequests>",
//! #             _ => "",
//! #         };
//! #         Ok(E::parse(http::Response::new(body.as_bytes()), &context)?)
//! #     }
//! # }
//! # let client = Client;
//! # let mut connected = 0;
//! # let members = ["7"];
//!
//! let mut round = Round::new(&application, &administrator);
//! loop {
//!     match round.step(SystemTime::now()) {
//!         // Over any transport: `client.send(request).await` where it is asynchronous.
//!         Step::Send(request) => {
//!             let received = client.send(request);
//!             round.receive(received);
//!         }
//!         // Yours to decide: which member is this?
//!         Step::Match { request, token: _ } => {
//!             let known = request.loyalty_number().is_some_and(|number| members.contains(&number));
//!             let outcome = if known { Outcome::Connected } else { Outcome::LoyaltyNumberNotFound };
//!             round.matched(outcome);
//!         }
//!         Step::Finished(ConnectionResult::Connected { request, token }) => {
//!             println!("{:?} is connected: store {token:?}", request.id());
//! #           connected += 1;
//!         }
//!         Step::Finished(ConnectionResult::Rejected { request, outcome, .. }) => {
//!             println!("{:?}: {outcome}", request.id());
//!         }
//!         Step::Finished(ConnectionResult::Failed(mut failure)) => {
//!             println!("{}", failure.report());
//!             if let Some(token) = failure.take_token() {
//!                 // It may still be valid: keep it, to revoke it later.
//!                 # drop(token);
//!             }
//!         }
//!         Step::Done(end) => break end?,
//!     }
//! }
//! # assert_eq!(connected, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Both services
//!
//! With an administrator's token of `net2` a round speaks `net2`; with a partner's token of `v0`, whose application has the
//! scope `CONREQ`, it speaks `v0`. There request tokens live for 24 hours, tokens of users come with a refresh token, and
//! what a rejected user granted is handed back: see [`Round::revoke_rejected`].
//!
//! # Storing tokens without losing one
//!
//! Concur is told that a user is connected before [`ConnectionResult::Connected`] hands you the token. Where a crash
//! in between must not lose it, store it at [`Step::Match`] as provisional (`token.clone().into_parts()` is what to
//! store), and make it final at [`ConnectionResult::Connected`]. Otherwise delete it, except for one that a
//! [`ConnectionFailure`] hands back: keep that until it is revoked.
//!
//! To end early, call [`Round::stop`] and go on until [`Step::Done`]. [`Round::give_up`] ends at once.
//!
//! No round can hand you a token whose response was lost on the way. A network error is reported then, and the
//! user connects again. The lost token ends with its year, or when an administrator
//! [revokes all tokens](crate::net2::RevokeUser) of the user by login ID.
//!
//! # Unreported requests return
//!
//! As Concur described v3.2 in 2022, a connection request that was listed and not reported is listed again
//! after 24 hours, also after a reported error, and an hour after [`Outcome::Retry`]. What a round leaves
//! pending therefore returns later, and its request token may have expired by then.
//! [`Outcome::Connected`] and problems of the loyalty account reach the user by mail.
//!
//! # Single calls
//!
//! Each call is also available by itself: [`Pages`] walks a list, and [`GetConnectionRequest`],
//! [`CreateConnectionRequest`], [`DeleteConnectionRequest`] and [`ReportConnection`] are about one connection
//! request.
//!
//! (Concur's pages: *Authentication, Auto-Connect Flow*; *Connection Requests*.)

mod requests;
mod result;
mod round;
mod seen_ids;
mod service;
mod step;
mod stop_policy;
mod transitions;

pub use requests::{
    ConnectionRequest, ConnectionRequestId, ConnectionRequests, CreateConnectionRequest,
    DeleteConnectionRequest, GetConnectionRequest, ListConnectionRequests, MAX_PAGES,
    NextPageError, Outcome, Pages, ReportConnection, Status, Version,
};
pub use result::{ConnectionFailure, ConnectionResult, FailureCause, RoundError};
pub use round::{MAX_REQUESTS, Round};
pub use step::Step;
