//! A connection that is driven by whoever uses it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use concur_oauth_core::transport::{Error, Limits, Stage};
use concur_oauth_shared::hyper::{Body, Failure, Watched, receive};
use http::{Request, Response};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use smol_hyper::rt::FuturesIo;

use crate::connect::Stream;

type Io = Watched<FuturesIo<Box<dyn Stream>>>;

/// Both ends of hyper's connection. No task of its own keeps it going, so that it ends with the
/// exchange that drops it, on any executor.
pub(crate) struct Connection {
    requests: SendRequest<Body>,
    /// Dropped when it has ended: only then does hyper give back a request that it never sent.
    driver: Option<http1::Connection<Io, Body>>,
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
            driver: Some(driver),
        })
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        // What it ends in, whoever awaits the answer hears too.
        if self
            .driver
            .as_mut()
            .is_some_and(|driver| pin!(driver).poll(cx).is_ready())
        {
            self.driver = None;
        }
    }

    /// Whether another exchange can follow, as far as is known without asking the system.
    pub(crate) fn is_reusable(&self) -> bool {
        self.driver.is_some() && self.requests.is_ready()
    }

    /// One request, and one answer. Before it writes, hyper looks whether the peer has closed or said
    /// anything in the meantime; then the request comes back unsent.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Body>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, Outcome> {
        let method = request.method().clone();
        let response = self.requests.try_send_request(request);
        let mut exchange = pin!(async move {
            let response = response.await.map_err(End::Unanswered)?;
            let answer = receive(response, &method, limits).await;
            answer.map_err(End::Unreadable)
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
        result.map_err(|end| match end {
            End::Unreadable(error) => Outcome::Failed(Failure::Final(error)),
            End::Unanswered(mut error) => match error.take_message() {
                None => Outcome::Failed(Failure::of(error.into_error())),
                Some(request) => Outcome::Unsent(request, error.into_error()),
            },
        })
    }
}

enum End {
    Unanswered(TrySendError<Request<Body>>),
    Unreadable(Error),
}

/// What became of an exchange without an answer.
pub(crate) enum Outcome {
    /// Nothing was sent, because of this.
    Unsent(Request<Body>, hyper::Error),
    Failed(Failure),
}
