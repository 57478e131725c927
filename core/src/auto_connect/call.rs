//! What goes between a round and whatever sends for it.

use std::fmt;

use zeroize::Zeroizing;

use crate::input::{Field, InputError, Problem};
use crate::{Exchange, InstanceUrl, ResponseError};

/// A call that a round wants sent.
///
/// It is an [`Exchange`] like any other; what its answer means is the round's to read.
#[must_use = "the round waits for its answer"]
pub struct Call<'a> {
    instance: &'a InstanceUrl,
    request: http::Request<Vec<u8>>,
    resendable: bool,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        exchange: impl Exchange,
        instance: &'a InstanceUrl,
    ) -> Result<Self, InputError> {
        Ok(Self {
            instance,
            resendable: exchange.is_resendable(),
            request: exchange.into_request(instance)?,
        })
    }

    /// Where it goes: the administrator's own instance.
    #[must_use]
    pub fn instance(&self) -> &'a InstanceUrl {
        self.instance
    }
}

impl fmt::Debug for Call<'_> {
    /// With method and path, for a log, and without the query, which holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .finish_non_exhaustive()
    }
}

impl Exchange for Call<'_> {
    type Output = Answer;

    fn is_resendable(&self) -> bool {
        self.resendable
    }

    /// # Errors
    ///
    /// [`InputError`] where the instance is another than [its own](Call::instance).
    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        if instance == self.instance {
            Ok(self.request)
        } else {
            Err(InputError::new(Field::InstanceUrl, Problem::OtherInstance))
        }
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<Answer, ResponseError> {
        Ok(Answer(response.map(|body| Zeroizing::new(body.to_vec()))))
    }
}

/// What came of a [`Call`], for [`Round::receive`](super::Round::receive). It is wiped when it is dropped.
pub struct Answer(http::Response<Zeroizing<Vec<u8>>>);

impl Answer {
    /// What it is as the answer to such an exchange.
    pub(super) fn parse<E: Exchange>(
        self,
        instance: &InstanceUrl,
    ) -> Result<E::Output, ResponseError> {
        let (head, body) = self.0.into_parts();
        E::parse(http::Response::from_parts(head, body.as_slice()), instance)
    }
}

impl fmt::Debug for Answer {
    /// Without the body, which may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answer").field(&self.0.status()).finish()
    }
}
