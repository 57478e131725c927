//! What the requests of `v0` have in common.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request};
use secrecy::ExposeSecret;

use crate::application::Application;
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::input::{InputError, InputField, InputProblem};
use crate::secret::{self, SecretBody};
use crate::token::{AccessToken, TokenScheme};
use crate::wire::Format;

/// Builds the request of a grant: the application's ID and secret, the type, what the type needs, and scopes. All stand in
/// the body: Concur refuses them in the URL. (Concur's page: *Authentication, Obtaining a Token*.)
pub(super) fn token(
    base_url: &BaseUrl,
    application: &Application,
    grant_type: &str,
    pairs: &[(&str, &str)],
    scopes: &[Scope],
) -> Result<Request<SecretBody>, InputError> {
    let scope = scopes
        .iter()
        .map(Scope::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let mut all = Vec::with_capacity(pairs.len().saturating_add(4));
    all.extend(application_pairs(application));
    all.push(("grant_type", grant_type));
    all.extend_from_slice(pairs);
    if !scopes.is_empty() {
        all.push(("scope", &scope));
    }
    form(base_url, "/oauth2/v0/token", &all)
}

/// Returns how a form names the application.
pub(super) fn application_pairs(application: &Application) -> [(&'static str, &str); 2] {
    [
        ("client_id", application.key().as_str()),
        ("client_secret", application.secret().expose_secret()),
    ]
}

/// Builds a request with a form. Its content type has no `charset`, which Concur refuses.
pub(super) fn form(
    base_url: &BaseUrl,
    path: &'static str,
    pairs: &[(&str, &str)],
) -> Result<Request<SecretBody>, InputError> {
    let path = PathAndQuery::from_static(path);
    let mut request = new(Method::POST, base_url, path)?;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, form);
    *request.body_mut() = secret::form(pairs);
    Ok(request)
}

/// Checks that a base URL can be asked for `v0`: the hosts of `net2` under `concursolutions.com` do not speak it.
///
/// Every request of `v0` checks this before it is sent. An application can check what its user typed earlier.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::{BaseUrl, v0};
///
/// assert!(v0::check_base_url(&BaseUrl::US2).is_ok());
/// assert!(v0::check_base_url(&BaseUrl::US_PRODUCTION).is_err());
/// ```
///
/// # Errors
///
/// [`InputError`], which says how such a host is written.
pub fn check_base_url(base_url: &BaseUrl) -> Result<(), InputError> {
    base_url.check_v0()
}

/// Builds a request without a body.
pub(super) fn new(
    method: Method,
    base_url: &BaseUrl,
    path: PathAndQuery,
) -> Result<Request<SecretBody>, InputError> {
    check_base_url(base_url)?;
    crate::request::new(method, base_url, path, Format::Json)
}

/// Builds a request without a body, authorized by a token. It goes to the token's own base URL.
pub(super) fn authorized(
    method: Method,
    path: PathAndQuery,
    token: &AccessToken,
) -> Result<Request<SecretBody>, InputError> {
    if token.scheme() != TokenScheme::Bearer {
        let problem = InputProblem::Malformed("is one of the older service: get one of the newer");
        return Err(InputError::new(InputField::ACCESS_TOKEN, problem));
    }
    let mut request = new(method, token.base_url(), path)?;
    token.authorize(&mut request)?;
    Ok(request)
}
