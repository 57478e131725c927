//! A connection that is driven by whoever uses it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use concur_oauth_core::transport::{Error, Limits, Stage};
use concur_oauth_shared::hyper::{Body, Failure, Watched, receive};
use http::{Request, Response};
use hyper::client::conn::http1::{self, SendRequest};
use smol_hyper::rt::FuturesIo;

use crate::connect::Stream;

type Io = Watched<FuturesIo<Box<dyn Stream>>>;

/// Both ends of hyper's connection. No task of its own keeps it going, so that it ends with the
/// exchange that drops it, on any executor.
pub(crate) struct Connection {
    requests: SendRequest<Body>,
    driver: http1::Connection<Io, Body>,
    state: State,
}

enum State {
    Open,
    /// The driver returned, perhaps with what nobody else was told.
    Ended(Option<hyper::Error>),
}

impl Connection {
    pub(crate) async fn open(stream: Io, limits: &Limits) -> Result<Self, Error> {
        let opened = http1::Builder::new()
            // Room for a head at its limit and what hyper reads with it.
            .max_buf_size(limits.head() + 8192)
            .handshake(stream);
        let (requests, driver) = opened
            .await
            .map_err(|error| Error::interrupted(Stage::Handshake, error))?;
        Ok(Self {
            requests,
            driver,
            state: State::Open,
        })
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        if let State::Open = self.state {
            if let Poll::Ready(ended) = pin!(&mut self.driver).poll(cx) {
                self.state = State::Ended(ended.err());
            }
        }
    }

    /// Whether another exchange can go over it: the peer has neither closed nor said anything.
    pub(crate) async fn is_usable(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(matches!(self.state, State::Open) && self.requests.is_ready())
        })
        .await
    }

    /// One request, and one answer.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Body>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let method = request.method().clone();
        let response = self.requests.send_request(request);
        let mut exchange = pin!(async move {
            let response = response.await.map_err(Outcome::Unanswered)?;
            receive(response, &method, limits)
                .await
                .map_err(Outcome::Unreadable)
        });
        let result = poll_fn(|cx| {
            // What the exchange has for the connection first, and then what that has for it.
            if let ended @ Poll::Ready(_) = exchange.as_mut().poll(cx) {
                return ended;
            }
            self.drive(cx);
            exchange.as_mut().poll(cx)
        })
        .await;
        result.map_err(|outcome| match (outcome, &mut self.state) {
            (Outcome::Unreadable(error), _) => Failure::Final(error),
            // Whatever ended the connection before the request left says more.
            (Outcome::Unanswered(error), State::Ended(cause)) if error.is_canceled() => {
                Failure::of(cause.take().unwrap_or(error))
            }
            (Outcome::Unanswered(error), _) => Failure::of(error),
        })
    }
}

enum Outcome {
    Unanswered(hyper::Error),
    Unreadable(Error),
}
