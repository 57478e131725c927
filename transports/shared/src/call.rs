//! One exchange on its way.

use std::time::SystemTime;

use concur_oauth_core::transport::{elsewhere, parse_response, prepare_request, retarget_request};
use concur_oauth_core::{BaseUrl, Error, Exchange, ResponseContext, SecretBody};
use http::{Request, Response};

use crate::Settings;

/// An exchange on its way: the prepared request, and what its response is read with.
#[derive(Debug)]
pub struct Call {
    request: Request<SecretBody>,
    context: ResponseContext,
    is_resendable: bool,
}

/// What a response is read as.
#[derive(Debug)]
pub enum Read<T> {
    /// The output of the exchange.
    Output(T),
    /// The user lives in another data center: the same call, to be sent there.
    Elsewhere(Box<Call>),
}

impl Call {
    /// Turns an exchange into a call.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] where a value cannot stand in a request, or the request has another origin than the
    /// exchange's base URL.
    pub fn new<E: Exchange>(exchange: E, settings: &Settings) -> Result<Self, Error> {
        let base_url = exchange.base_url().clone();
        let is_resendable = exchange.is_resendable();
        let mut request = exchange.into_request()?;
        prepare_request(&mut request, &base_url, settings.user_agent())?;
        Ok(Self {
            request,
            context: ResponseContext::new(base_url, SystemTime::now()),
            is_resendable,
        })
    }

    /// Returns the request. Never format it: its URI can hold a secret.
    #[must_use]
    pub fn request(&self) -> &Request<SecretBody> {
        &self.request
    }

    /// Returns where the request goes.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        self.context.base_url()
    }

    /// Returns whether the request may be sent a second time.
    #[must_use]
    pub fn is_resendable(&self) -> bool {
        self.is_resendable
    }

    /// Reads the response, or finds that the call must be sent to another data center.
    ///
    /// # Errors
    ///
    /// [`Error::Response`] as [`Exchange::parse`] has it.
    pub fn read<E: Exchange>(
        mut self,
        response: Response<Vec<u8>>,
    ) -> Result<Read<E::Output>, Error> {
        let (head, body) = response.into_parts();
        let response = Response::from_parts(head, body.as_slice());
        let Some(base_url) = elsewhere::<E>(&response, &self.context) else {
            return Ok(Read::Output(E::parse(response, &self.context)?));
        };
        retarget_request(&mut self.request, &base_url)?;
        self.context = ResponseContext::new(base_url, SystemTime::now());
        Ok(Read::Elsewhere(Box::new(self)))
    }

    /// Reads the response of the last call, whatever it says of another data center.
    ///
    /// # Errors
    ///
    /// [`Error::Response`] as [`Exchange::parse`] has it.
    pub fn parse<E: Exchange>(&self, response: Response<Vec<u8>>) -> Result<E::Output, Error> {
        Ok(parse_response::<E>(response, &self.context)?)
    }
}
