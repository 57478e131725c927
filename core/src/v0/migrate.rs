//! Moving over: a token of `net2` for a refresh token of `v0`.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use secrecy::{ExposeSecret, SecretString};

use super::request;
use crate::application::{Application, ConsumerKey};
use crate::base_url::{BaseUrl, TrustDomain};
use crate::document_warning::{DocumentWarning, FieldProblem, Warnings};
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField, InputProblem};
use crate::response::{self, BodyError, ResponseError};
use crate::secret::{self, SecretBody};
use crate::token::{AccessToken, TokenScheme};
use crate::wire::Format;
use crate::wire::json::{self, JsonField, JsonValue};
use crate::wire::percent;

/// Exchanges a stored token of [`net2`](crate::net2) for a refresh token of `v0`, so that the user does not have to connect
/// again.
///
/// It is authorized by a token of the new application ([`ClientCredentialsGrant`](super::ClientCredentialsGrant)) and goes
/// to that token's data center. The old token leaves its instance here and nowhere else. So both base URLs must be in
/// Concur's domain, or be one origin.
///
/// A transport never sends this twice by itself: whether the old token can be exchanged again is not documented.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// # use concur_oauth::{AccessToken, Application, BaseUrl, ConsumerKey, Exchange, ResponseContext, TokenParts};
/// # use concur_oauth::{TokenScheme, http};
/// # let id = ConsumerKey::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// # let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// # let application_token = AccessToken::from(TokenParts::new(TokenScheme::Bearer, "eyJ0", BaseUrl::US2));
/// # let old_token = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "q962", BaseUrl::US_PRODUCTION));
/// use concur_oauth::v0::{MigrateToken, Refresh};
///
/// // The old application's key, and a token that it was granted.
/// let old_key = ConsumerKey::new("hj7683jslks93lalkjss93")?;
/// let migrate = MigrateToken::new(&application_token, &application, &old_key, &old_token)?;
/// // let migrated = client.send(migrate)?;
/// # let context = ResponseContext::new(BaseUrl::US2, std::time::SystemTime::UNIX_EPOCH);
/// # let response = http::Response::new(&br#"{"token":"8c844478"}"#[..]);
/// # let migrated = MigrateToken::parse(response, &context)?;
///
/// // Store the new refresh token first. Then it brings access tokens.
/// let refresh = Refresh::new(application_token.base_url(), &application, migrated.refresh_token());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Migration Guide*.)
#[derive(Debug, Clone, Copy)]
pub struct MigrateToken<'a> {
    authorization: &'a AccessToken,
    application: &'a Application,
    old_key: &'a ConsumerKey,
    old_token: &'a AccessToken,
    for_company: bool,
}

impl<'a> MigrateToken<'a> {
    /// Creates the exchange of `old_token`, which was granted to the application with `old_key`, authorized by a token of
    /// the new `application` itself.
    ///
    /// # Errors
    ///
    /// [`InputError`] where `old_token` is not one of `net2`, where `old_key` has `.` or `..` between slashes, or where the two tokens' base URLs are neither both in Concur's
    /// domain nor one origin.
    pub fn new(
        authorization: &'a AccessToken,
        application: &'a Application,
        old_key: &'a ConsumerKey,
        old_token: &'a AccessToken,
    ) -> Result<Self, InputError> {
        if old_token.scheme() != TokenScheme::OAuth {
            let problem = InputProblem::Malformed("is not one of the older service");
            return Err(InputError::new(InputField::ACCESS_TOKEN, problem));
        }
        input::path_segment(InputField::CONSUMER_KEY, old_key.as_str())?;
        if !TrustDomain::NET2.trusts(old_token.base_url(), authorization.base_url()) {
            return Err(InputError::new(
                InputField::BASE_URL,
                InputProblem::OtherOrigin,
            ));
        }
        Ok(Self {
            authorization,
            application,
            old_key,
            old_token,
            for_company: false,
        })
    }

    /// Asks for a refresh token of the company, where the old token is of a Web Services Administrator.
    #[must_use]
    pub fn for_company(mut self) -> Self {
        self.for_company = true;
        self
    }
}

impl Exchange for MigrateToken<'_> {
    type Output = MigratedToken;

    fn base_url(&self) -> &BaseUrl {
        self.authorization.base_url()
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let mut path = "/appmgmt/v0/legacyApps/".to_owned();
        percent::encode(self.old_key.as_str(), |byte| path.push(char::from(byte)));
        path.push_str("/exchangeRefreshToken/me");
        let pairs: &[_] = if self.for_company {
            &[("returnType", "companyToken")]
        } else {
            &[]
        };
        let path = secret::path_with_query(&path, pairs, InputField::CONSUMER_KEY)?;
        let mut request = request::authorized(Method::POST, path, self.authorization)?;
        let body = json::object(&[
            ("token", self.old_token.token().expose_secret()),
            ("secret", self.application.secret().expose_secret()),
        ]);
        let too_long = InputError::new(InputField::ACCESS_TOKEN, InputProblem::Missing);
        *request.body_mut() = body.ok_or(too_long)?.into();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        Ok(request)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<MigratedToken, ResponseError> {
        response::read_success(&response, Format::Json, read).map_err(response::of_bearer)
    }
}

/// A refresh token of `v0`, in exchange for a token of `net2`. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct MigratedToken {
    refresh_token: SecretString,
    refresh_expires_at: Option<SystemTime>,
    created_at: Option<SystemTime>,
    scope: Option<String>,
    warnings: Vec<DocumentWarning>,
}

impl MigratedToken {
    /// Returns the refresh token. Store it: the first [`Refresh`](super::Refresh) brings an access token, and may bring another
    /// refresh token.
    #[must_use]
    pub fn refresh_token(&self) -> &SecretString {
        &self.refresh_token
    }

    /// Returns when the refresh token expires, unless it is used before, if Concur says.
    #[must_use]
    pub fn refresh_expires_at(&self) -> Option<SystemTime> {
        self.refresh_expires_at
    }

    /// Returns when the refresh token was made, if Concur says.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at
    }

    /// Returns the scopes, separated by spaces, if Concur says.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Returns what was wrong with single fields of the document.
    #[must_use]
    pub fn warnings(&self) -> &[DocumentWarning] {
        &self.warnings
    }
}

fn read(body: &[u8]) -> Result<MigratedToken, BodyError> {
    let (mut token, mut created, mut expired) = <(JsonField, JsonField, JsonField)>::default();
    let (mut scopes, mut is_error) = (JsonField::default(), false);
    response::json_fields(body, |name, value| match name {
        "token" => token.add(value),
        "created" => created.add(value),
        "expired" => expired.add(value),
        "scopes" => scopes.add(value),
        "code" | "error" => is_error = true,
        _ => {}
    })?;
    let token = match token {
        JsonField::Repeated => return Err(BodyError::RepeatedToken),
        JsonField::Absent if is_error => return Err(BodyError::OtherDocument),
        JsonField::Absent => return Err(BodyError::NoToken),
        JsonField::Value(value) => value.string().ok_or(BodyError::NoToken)?,
    };
    if token.is_empty() {
        return Err(BodyError::EmptyToken);
    }
    let mut warnings = Warnings::default();
    Ok(MigratedToken {
        refresh_token: SecretString::from(&*token),
        refresh_expires_at: warnings.read_json("expired", &expired, milliseconds),
        created_at: warnings.read_json("created", &created, milliseconds),
        scope: scope(scopes, &mut warnings),
        warnings: warnings.into_vec(),
    })
}

/// Reads an array of scopes.
fn scope(scopes: JsonField<'_>, warnings: &mut Warnings) -> Option<String> {
    if matches!(scopes, JsonField::Absent) {
        return None;
    }
    let scopes = scopes.value().and_then(JsonValue::values);
    let scopes = scopes.and_then(|scopes| {
        let texts = scopes.into_iter().map(JsonValue::string);
        texts.collect::<Option<Vec<_>>>()
    });
    if scopes.is_none() {
        warnings.add("scopes", FieldProblem::Unreadable);
    }
    let scopes = scopes?;
    let scopes: Vec<&str> = scopes.iter().map(|scope| &**scope).collect();
    Some(scopes.join(" "))
}

/// The end of the year 9999, in milliseconds since 1970.
const LAST: u64 = 253_402_300_799_999;

/// Reads milliseconds since 1970: seconds stand everywhere else.
fn milliseconds(text: &str) -> Result<SystemTime, FieldProblem> {
    let number = text.parse().ok().filter(|number| *number <= LAST);
    number
        .and_then(|number| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(number)))
        .ok_or(FieldProblem::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_03_times_are_in_milliseconds() {
        let body = br#"{"token":"8c844478","created":1479407196809,"expired":"1494959196809",
            "scopes":["EXPRPT","LIST"],"context":"{\"userid\":\"7934467f\"}"}"#;
        let migrated = read(body).unwrap();
        let at = |milliseconds| SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds);
        assert_eq!(migrated.refresh_token().expose_secret(), "8c844478");
        assert_eq!(migrated.created_at(), Some(at(1_479_407_196_809)));
        assert_eq!(migrated.refresh_expires_at(), Some(at(1_494_959_196_809)));
        assert_eq!(migrated.scope(), Some("EXPRPT LIST"));
        assert!(migrated.warnings().is_empty());
        let shown = format!("{migrated:?}");
        assert!(
            !shown.contains("8c84") && !shown.contains("7934"),
            "{shown}"
        );
    }

    #[test]
    fn side_fields_cost_no_token() {
        for (field, warnings) in [
            ("\"created\":-1", 1),
            ("\"expired\":253402300800000", 1),
            ("\"scopes\":\"EXPRPT\"", 1),
            ("\"scopes\":[1]", 1),
            ("\"scopes\":[\"\\ud800\"]", 1),
            ("\"scopes\":null", 0),
        ] {
            let migrated = read(format!(r#"{{"token":"t",{field}}}"#).as_bytes()).unwrap();
            assert_eq!(migrated.warnings().len(), warnings, "{field}");
        }
    }

    #[test]
    fn document_without_one_token_is_an_error() {
        use BodyError as E;
        for (body, error) in [
            ("{}", E::NoToken),
            ("{\"token\":1}", E::NoToken),
            ("{\"token\":\"\"}", E::EmptyToken),
            ("{\"token\":\"a\",\"token\":\"a\"}", E::RepeatedToken),
            ("{\"code\":\"INVALIDTOKEN\"}", E::OtherDocument),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err(), error, "{body}");
        }
    }
}
