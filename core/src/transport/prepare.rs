//! A request before it is sent, and a response after it came.

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING, USER_AGENT};
use http::response::Parts;
use http::{Method, Request, Response};

use crate::base_url::{BaseUrl, TrustDomain};
use crate::error::Error;
use crate::exchange::{Exchange, ResponseContext};
use crate::http1::{ProtocolError, keep_error_status};
use crate::input::{InputError, InputField, InputProblem};
use crate::response::ResponseError;
use crate::secret::SecretBody;

/// Prepares a request to be sent: checks that it leads to `base_url` and nowhere else, adds the
/// transport's `User-Agent` where the request has none, and frames its body.
///
/// A body is framed by `Content-Length`, where the request has or could have one, because Concur accepts no
/// chunked body. What the request says of `Host`, `Connection` and its framing is removed: those are the
/// transport's.
///
/// # Errors
///
/// [`InputError`] where the request's URI has another origin.
pub fn prepare_request(
    request: &mut Request<SecretBody>,
    base_url: &BaseUrl,
    user_agent: &HeaderValue,
) -> Result<(), InputError> {
    if !base_url.is_origin_of(request.uri()) {
        return Err(InputError::new(
            InputField::REQUEST_URI,
            InputProblem::OtherOrigin,
        ));
    }
    let length = request.body().as_ref().len();
    let bodiless = [Method::GET, Method::HEAD, Method::DELETE].contains(request.method());
    let headers = request.headers_mut();
    for name in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    if length > 0 || !bodiless {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    headers
        .entry(USER_AGENT)
        .or_insert_with(|| user_agent.clone());
    Ok(())
}

/// Returns where the same request is to be sent in place of the base URL that was asked: where [`Exchange::elsewhere`] says
/// that the user lives, if that is inside Concur's domain, or on this machine where that was asked. Never from https to http.
#[must_use]
pub fn elsewhere<E: Exchange>(
    response: &Response<&[u8]>,
    context: &ResponseContext,
) -> Option<BaseUrl> {
    let named = E::elsewhere(response, context)?;
    TrustDomain::NET2
        .trusts(context.base_url(), &named)
        .then_some(named)
}

/// Directs a request to another base URL, where [`elsewhere`] says that the user lives there. Path,
/// query, header fields and body stay the same.
///
/// # Errors
///
/// [`InputError`] where the request has no path.
pub fn retarget_request(
    request: &mut Request<SecretBody>,
    base_url: &BaseUrl,
) -> Result<(), InputError> {
    let path = request.uri().path_and_query().cloned();
    let missing = InputError::new(InputField::REQUEST_URI, InputProblem::Missing);
    *request.uri_mut() = base_url.uri(path.ok_or(missing)?)?;
    Ok(())
}

/// Joins the head of a response and its body, as an HTTP library has read them.
///
/// Where the body could not be read, a head whose status is an error, or a redirect, says enough by itself: the response
/// goes on with an empty body, as it does over [`http1`](crate::http1). Otherwise, or where the deadline passed, the error
/// is returned.
///
/// # Errors
///
/// That of the body.
pub fn join_response(
    head: Parts,
    body: Result<Vec<u8>, Error>,
) -> Result<Response<Vec<u8>>, Error> {
    let error = match body {
        Ok(body) => return Ok(Response::from_parts(head, body)),
        Err(error @ Error::Timeout { .. }) => return Err(error),
        Err(error) => error,
    };
    let reason = match &error {
        Error::Protocol(reason) => *reason,
        _ => ProtocolError::Truncated,
    };
    let head = keep_error_status(head, reason).map_err(|_| error)?;
    Ok(Response::from_parts(head, Vec::new()))
}

/// Reads a response as what the exchange asked for.
///
/// # Errors
///
/// As [`Exchange::parse`].
pub fn parse_response<E: Exchange>(
    response: Response<impl AsRef<[u8]>>,
    context: &ResponseContext,
) -> Result<E::Output, ResponseError> {
    let (head, body) = response.into_parts();
    E::parse(Response::from_parts(head, body.as_ref()), context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Stage;
    use crate::transport::user_agent;

    fn request(uri: &str) -> Request<SecretBody> {
        let request = Request::get(uri).header("host", "evil.example");
        request.body(SecretBody::empty()).unwrap()
    }

    #[test]
    fn request_to_another_origin_is_refused() {
        let agent = user_agent("concur-oauth/1").unwrap();
        let base_url = BaseUrl::US_PRODUCTION;
        let mut good = request("https://www.concursolutions.com/net2");
        prepare_request(&mut good, &base_url, &agent).unwrap();
        assert_eq!(good.headers()[USER_AGENT], "concur-oauth/1");
        assert_eq!(good.headers().len(), 1);
        prepare_request(&mut good, &base_url, &user_agent("other").unwrap()).unwrap();
        assert_eq!(good.headers()[USER_AGENT], "concur-oauth/1");
        let mut bad = request("https://evil.example/net2");
        assert!(prepare_request(&mut bad, &base_url, &agent).is_err());
    }

    #[test]
    fn body_gets_its_length() {
        let agent = user_agent("a").unwrap();
        for (method, body, length) in [
            (Method::GET, "", None),
            (Method::POST, "", Some("0")),
            (Method::PUT, "abc", Some("3")),
            (Method::DELETE, "", None),
        ] {
            let mut request = request("https://www.concursolutions.com/");
            *request.method_mut() = method;
            *request.body_mut() = SecretBody::from(body.as_bytes().to_vec());
            prepare_request(&mut request, &BaseUrl::US_PRODUCTION, &agent).unwrap();
            let stated = request.headers().get(CONTENT_LENGTH);
            assert_eq!(stated.map(|value| value.to_str().unwrap()), length);
        }
    }

    #[test]
    fn error_status_outlives_its_body() {
        let head = |status: u16| {
            let response = Response::builder().status(status).body(()).unwrap();
            response.into_parts().0
        };
        let broken = || Error::interrupted(Stage::Receive, "reset");
        let late = || Error::Timeout {
            stage: Stage::Receive,
            after: crate::transport::DEFAULT_TIMEOUT,
        };
        let response = join_response(head(200), Ok(b"body".to_vec())).unwrap();
        assert_eq!(response.body(), b"body");
        for (error, expected) in [
            (broken(), ProtocolError::Truncated),
            (
                ProtocolError::BodyTooLarge.into(),
                ProtocolError::BodyTooLarge,
            ),
        ] {
            let response = join_response(head(503), Err(error)).unwrap();
            assert_eq!(response.status(), 503);
            let reason = response.extensions().get::<ProtocolError>();
            assert_eq!(reason, Some(&expected));
        }
        for (status, error) in [(200, broken()), (503, late())] {
            let shown = error.to_string();
            let error = join_response(head(status), Err(error)).unwrap_err();
            assert_eq!(error.to_string(), shown);
        }
    }

    /// An exchange that believes what it is told.
    struct Credulous(BaseUrl);

    impl Exchange for Credulous {
        type Output = ();

        fn base_url(&self) -> &BaseUrl {
            &self.0
        }

        fn is_resendable(&self) -> bool {
            false
        }

        fn into_request(self) -> Result<Request<SecretBody>, InputError> {
            Ok(request("https://www.concursolutions.com/"))
        }

        fn elsewhere(response: &Response<&[u8]>, _: &ResponseContext) -> Option<BaseUrl> {
            std::str::from_utf8(response.body()).ok()?.parse().ok()
        }

        fn parse(_: Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
            Ok(())
        }
    }

    #[test]
    fn no_exchange_names_a_host_outside_the_trust_domain() {
        let now = std::time::SystemTime::UNIX_EPOCH;
        for (asked, named, is_trusted) in [
            (
                "https://glz.api.concursolutions.com",
                "https://us2.api.concursolutions.com",
                true,
            ),
            (
                "https://glz.api.concursolutions.com",
                "https://evil.example",
                false,
            ),
            (
                "https://glz.api.concursolutions.com",
                "http://localhost",
                false,
            ),
            ("https://localhost:1", "http://localhost:2", false),
            ("http://localhost:1", "https://localhost:2", true),
            (
                "https://concur.example",
                "https://us2.api.concursolutions.com",
                false,
            ),
        ] {
            let context = ResponseContext::new(asked.parse().unwrap(), now);
            let response = Response::new(named.as_bytes());
            let found = elsewhere::<Credulous>(&response, &context);
            assert_eq!(found.is_some(), is_trusted, "{asked} {named}");
        }
    }

    #[test]
    fn retargeted_request_keeps_path_and_query() {
        let mut request = request("https://www.concursolutions.com/net2?a=b");
        retarget_request(&mut request, &BaseUrl::EU_PRODUCTION).unwrap();
        assert_eq!(request.uri(), "https://eu1.concursolutions.com/net2?a=b");
    }
}
