//! The Auto-Connect flow, for TripLink suppliers that are listed in Concur's App Center.
//!
//! A user presses Connect at Concur and says who they are at the supplier. That makes a connection
//! request, which waits. On a timer, the supplier's application
//!
//! 1. lists what is pending, with an administrator's token,
//! 2. exchanges each request token, before its 15 minutes end,
//! 3. matches the user with its own records, and reports what became of it,
//! 4. revokes the access token where the user is not connected, so that they see it and can try again.
//!
//! A [`Round`] is all of that, as a state machine without I/O. Whatever sends for you drives it, and
//! no step can be forgotten: a token that it was given is handed to you as a connected user's, or
//! revoked, or handed back with the reason why it could not be.
//!
//! ```
//! use std::time::SystemTime;
//! use concur_oauth_core::auto_connect::{Finished, Outcome, Round, Step};
//! # use concur_oauth_core::{Application, AccessToken, ConsumerKey, Exchange, InstanceUrl, TokenParts};
//! # let application = Application::new(ConsumerKey::new("key")?, "secret")?;
//! # let mut parts = TokenParts::new("administrator");
//! # parts.instance_url = Some(InstanceUrl::default());
//! # let administrator = AccessToken::from(parts);
//! # struct Client;
//! # impl Client {
//! #     fn send<E: Exchange>(&self, instance: &InstanceUrl, exchange: E) -> Result<E::Output, concur_oauth_core::transport::Error> {
//! #         let request = exchange.into_request(instance)?;
//! #         let answer = match request.uri().path() {
//! #             "/net2/oauth2/GetAccessToken.ashx" => "<Access_Token><Token>t</Token></Access_Token>",
//! #             path if path.ends_with("s") => "<ConnectionRequests><Items><ConnectionRequest><id>1</id>\
//! #                 <requestToken>r</requestToken><loyaltyNumber>7</loyaltyNumber></ConnectionRequest></Items></ConnectionRequests>",
//! #             _ => "",
//! #         };
//! #         Ok(E::parse(http::Response::new(answer.as_bytes()), instance)?)
//! #     }
//! # }
//! # let client = Client;
//! # let mut connected = 0;
//! # let members = ["7"];
//!
//! let mut round = Round::new(&application, &administrator)?;
//! loop {
//!     match round.step(SystemTime::now()) {
//!         // Over any transport: `client.send(call.instance(), call).await` on others.
//!         Step::Send(call) => {
//!             let answer = client.send(call.instance(), call);
//!             round.receive(answer);
//!         }
//!         // Yours to say: whose is it?
//!         Step::Match { request, token: _ } => {
//!             let known = request.loyalty_number().is_some_and(|number| members.contains(&number));
//!             let outcome = if known { Outcome::Connected } else { Outcome::LoyaltyNumberNotFound };
//!             round.matched(outcome);
//!         }
//!         Step::Finished(Finished::Connected { request, token }) => {
//!             println!("{:?} is connected: store {token:?}", request.id());
//! #           connected += 1;
//!         }
//!         Step::Finished(Finished::Rejected { request, outcome }) => println!("{:?}: {outcome}", request.id()),
//!         Step::Finished(Finished::Failed(mut failure)) => {
//!             println!("{}", failure.with_causes());
//!             if let Some(token) = failure.take_token() {
//!                 // It may still be good: keep it, to revoke it later.
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
//! # Storing tokens without losing one
//!
//! Concur is told that a user is connected before [`Finished::Connected`] hands you the token. Where a crash
//! in between must not cost it, write it down at [`Step::Match`] (`token.clone().into_parts()` is what to write), as
//! one that does not count yet; let it count at
//! [`Finished::Connected`]; and strike it out otherwise, but keep what a [`Failure`] hands back until it is revoked.
//! To end early, call [`Round::stop`] and go on
//! until [`Step::Done`]; or [`Round::give_up`], which is sudden.
//!
//! No round can hand you a token whose answer was lost on the way. Concur is told of a network error then, and the
//! user connects again; the token that nobody saw ends with its year, or when an administrator
//! [revokes all](crate::RevokeUser) of the user's, by a login ID.
//!
//! # What was not reported comes again
//!
//! As Concur described v3.2 in 2022, a connection request that was listed and not reported is listed again
//! after 24 hours, after a reported error too, and an hour after [`Outcome::Retry`]. So what a round leaves
//! pending comes again, and not at once: by then its request token may have expired.
//! [`Outcome::Connected`] and what is wrong with the loyalty account is told to the user by mail.
//!
//! # Call by call
//!
//! Each call is there by itself, too: [`Pages`] walks a list, and [`GetConnectionRequest`],
//! [`CreateConnectionRequest`], [`DeleteConnectionRequest`] and [`ReportConnection`] are of one.
//!
//! (Concur's pages: *Authentication, Auto-Connect Flow*; *Connection Requests*.)

mod call;
mod connection_request;
mod document;
mod finished;
mod one;
mod page;
mod pages;
mod path;
mod report;
mod round;
mod seen;
mod step;
mod verdict;
mod version;

pub use call::{Answer, Call};
pub use connection_request::ConnectionRequest;
pub use finished::{Cause, Failure, Finished, RoundError};
pub use one::{CreateConnectionRequest, DeleteConnectionRequest, GetConnectionRequest};
pub use page::{ConnectionRequests, ListConnectionRequests, NextPageError};
pub use pages::{MAX_PAGES, Pages};
pub use report::ReportConnection;
pub use round::{MAX_REQUESTS, Round};
pub use step::Step;
pub use version::{Outcome, Status, Version};

#[cfg(test)]
mod tests;
