//! The application's secrets: listing, making, activating and deleting them.

use std::time::SystemTime;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request};
use secrecy::SecretString;

use super::request;
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField};
use crate::response::{self, BodyError, ResponseError};
use crate::secret::{self, SecretBody};
use crate::token::AccessToken;
use crate::wire::Format;
use crate::wire::date;
use crate::wire::json::{self, JsonField, JsonValue};
use crate::wire::percent;

/// Lists the secrets of an application, authorized by a token of the application itself.
///
/// Concur marks this and the other calls for secrets as *prerelease*: they can change. An application can have two active
/// secrets at once, so that a new one can be rolled out before the old one is deactivated.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// # use concur_oauth::{AccessToken, BaseUrl, TokenParts, TokenScheme};
/// # let token = AccessToken::from(TokenParts::new(TokenScheme::Bearer, "eyJ0", BaseUrl::US2));
/// use concur_oauth::v0::{ClientId, CreateSecret, DeleteSecret, ListSecrets, SetSecretStatus};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let list = ListSecrets::new(&token, &id);
/// // for secret in client.send(list)? { println!("{} {}", secret.id(), secret.is_active()); }
///
/// // A rotation: make a secret, activate it, deploy it, and then
/// let old = "3c955ea9-9b2c-4927-8465-08f5d2af53cd";
/// let deactivate = SetSecretStatus::inactive(&token, &id, old)?;
/// let delete = DeleteSecret::new(&token, &id, old)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Rotating Application Secrets*.)
#[derive(Debug, Clone, Copy)]
pub struct ListSecrets<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
}

impl InputField {
    /// The ID of one of an application's secrets.
    pub const SECRET_ID: Self = Self("secret's ID");
}

impl<'a> ListSecrets<'a> {
    /// Creates the request for the secrets of the application with this client ID.
    #[must_use]
    pub fn new(token: &'a AccessToken, application: &'a ConsumerKey) -> Self {
        Self { token, application }
    }
}

impl Exchange for ListSecrets<'_> {
    type Output = Vec<ApplicationSecret>;

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        request::authorized(Method::GET, path(self.application, None)?, self.token)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<Vec<ApplicationSecret>, ResponseError> {
        response::read_success(&response, Format::Json, read_list).map_err(response::of_bearer)
    }
}

/// What Concur says of one of an application's secrets. The secret itself is never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationSecret {
    id: Box<str>,
    is_active: bool,
    created_at: Option<SystemTime>,
    updated_at: Option<SystemTime>,
}

impl ApplicationSecret {
    /// Returns the ID by which the secret is activated and deleted.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns whether the secret can be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    /// Returns when the secret was made, if Concur says.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at
    }

    /// Returns when the secret was last changed, if Concur says.
    #[must_use]
    pub fn updated_at(&self) -> Option<SystemTime> {
        self.updated_at
    }
}

/// Makes a new secret of an application, authorized by a token of the application itself.
///
/// A transport never sends this twice by itself. (Concur's page: *Rotating Application Secrets*, a prerelease.)
#[derive(Debug, Clone, Copy)]
pub struct CreateSecret<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
}

impl<'a> CreateSecret<'a> {
    /// Creates the request for a new secret of the application with this client ID.
    #[must_use]
    pub fn new(token: &'a AccessToken, application: &'a ConsumerKey) -> Self {
        Self { token, application }
    }
}

impl Exchange for CreateSecret<'_> {
    type Output = CreatedSecret;

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        request::authorized(Method::POST, path(self.application, None)?, self.token)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<CreatedSecret, ResponseError> {
        created(&response).map_err(response::of_bearer)
    }
}

/// The document of a new secret. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct CreatedSecret {
    document: SecretString,
    id: Option<Box<str>>,
}

impl CreatedSecret {
    /// Returns the body of Concur's response as it came. It holds the secret, which Concur shows once and does not publish the
    /// form of. So nothing of it is left out, and whatever came with a success status is taken, but for a web page.
    #[must_use]
    pub fn document(&self) -> &SecretString {
        &self.document
    }

    /// Returns the ID of the new secret, where the document has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// Activates or deactivates one of an application's secrets. Sending it twice is harmless.
///
/// (Concur's page: *Rotating Application Secrets*, a prerelease.)
#[derive(Debug, Clone, Copy)]
pub struct SetSecretStatus<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
    id: &'a str,
    status: &'static str,
}

impl<'a> SetSecretStatus<'a> {
    /// Creates the request that activates the secret with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the ID is empty, longer than 8 KiB, contains a control character, or has `.` or `..` between
    /// slashes.
    pub fn active(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
    ) -> Result<Self, InputError> {
        Self::new(token, application, id, "active")
    }

    /// Creates the request that deactivates the secret with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`active`](Self::active).
    pub fn inactive(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
    ) -> Result<Self, InputError> {
        Self::new(token, application, id, "inactive")
    }

    fn new(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
        status: &'static str,
    ) -> Result<Self, InputError> {
        input::path_segment(InputField::SECRET_ID, id)?;
        Ok(Self {
            token,
            application,
            id,
            status,
        })
    }
}

impl Exchange for SetSecretStatus<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let path = path(self.application, Some(self.id))?;
        let mut request = request::authorized(Method::PATCH, path, self.token)?;
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"/status","value":"{}"}}]}}"#,
            self.status
        );
        *request.body_mut() = body.into_bytes().into();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        Ok(request)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        // Concur says 200 and does not say with what.
        let read = response::read_success(&response, Format::Json, read_any);
        read.or_else(empty).map_err(response::of_bearer)
    }
}

/// Deletes one of an application's secrets. It must be inactive. Sending it twice is harmless.
///
/// (Concur's page: *Rotating Application Secrets*, a prerelease.)
#[derive(Debug, Clone, Copy)]
pub struct DeleteSecret<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
    id: &'a str,
}

impl<'a> DeleteSecret<'a> {
    /// Creates the request that deletes the secret with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`SetSecretStatus::active`].
    pub fn new(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
    ) -> Result<Self, InputError> {
        input::path_segment(InputField::SECRET_ID, id)?;
        Ok(Self {
            token,
            application,
            id,
        })
    }
}

impl Exchange for DeleteSecret<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let path = path(self.application, Some(self.id))?;
        request::authorized(Method::DELETE, path, self.token)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Json).map_err(response::of_bearer)
    }
}

fn path(application: &ConsumerKey, id: Option<&str>) -> Result<PathAndQuery, InputError> {
    input::path_segment(InputField::CONSUMER_KEY, application.as_str())?;
    let mut path = "/app-mgmt/v4/".to_owned();
    percent::encode(application.as_str(), |byte| path.push(char::from(byte)));
    path.push_str("/secrets");
    if let Some(id) = id {
        path.push('/');
        percent::encode(id, |byte| path.push(char::from(byte)));
    }
    secret::path_with_query(&path, &[], InputField::SECRET_ID)
}

fn read_list(body: &[u8]) -> Result<Vec<ApplicationSecret>, BodyError> {
    if body.starts_with(b"{") {
        return Err(BodyError::OtherDocument);
    }
    let values = json::read_array(body).map_err(|error| response::json_error(body, &error))?;
    // One without an ID could be neither activated nor deleted.
    Ok(values.into_iter().filter_map(read_secret).collect())
}

fn read_secret(value: JsonValue<'_>) -> Option<ApplicationSecret> {
    let (mut id, mut status) = <(JsonField, JsonField)>::default();
    let (mut created, mut updated) = <(JsonField, JsonField)>::default();
    value.fields(|name, value| match name {
        "id" => id.add(value),
        "status" => status.add(value),
        "createdAt" => created.add(value),
        "updatedAt" => updated.add(value),
        _ => {}
    })?;
    let time = |field: JsonField| field.text().and_then(|text| date::year_first(&text));
    Some(ApplicationSecret {
        id: id.text().filter(|id| !id.is_empty())?.to_owned().into(),
        is_active: status.text()?.eq_ignore_ascii_case("active"),
        created_at: time(created),
        updated_at: time(updated),
    })
}

/// Reads the response to a request for a new secret. A secret that was made and is not understood must not be lost.
fn created(response: &http::Response<&[u8]>) -> Result<CreatedSecret, ResponseError> {
    let read = |body: &[u8]| {
        let mut id = JsonField::default();
        // What is no object has no ID.
        let _ = response::json_fields(body, |name, value| {
            if name == "id" {
                id.add(value);
            }
        });
        Ok(CreatedSecret {
            document: SecretString::from(String::from_utf8_lossy(body).as_ref()),
            id: id.text().map(|id| id.to_owned().into()),
        })
    };
    response::read_any_success(response, read)
}

/// Reads any object that does not say that it is of an error.
fn read_any(body: &[u8]) -> Result<(), BodyError> {
    let mut is_error = false;
    response::json_fields(body, |name, value| {
        is_error |= name == "error" || (name == "code" && value.text().as_deref() != Some("0"));
    })?;
    if is_error {
        Err(BodyError::OtherDocument)
    } else {
        Ok(())
    }
}

fn empty(error: ResponseError) -> Result<(), ResponseError> {
    match error {
        ResponseError::Unreadable {
            reason: BodyError::Empty,
            ..
        } => Ok(()),
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn documented_list_is_read() {
        let body = br#"[{"createdAt":"2026-02-17T00:34:02.735Z","id":"3c955ea9","status":"Active","updatedAt":"x"},
            {"id":"b","status":"Inactive"},{"id":""},{"status":"Active"},1]"#;
        let list = read_list(body).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].id(), list[0].is_active()), ("3c955ea9", true));
        assert!(list[0].created_at().is_some() && list[0].updated_at().is_none());
        assert!(!list[1].is_active());
        for (body, error) in [
            ("{\"error\":\"a\"}", BodyError::OtherDocument),
            ("[{]", BodyError::Json { line: 1, column: 3 }),
        ] {
            assert_eq!(read_list(body.as_bytes()), Err(error));
        }
    }

    #[test]
    fn whatever_a_new_secret_comes_in_is_kept_whole_and_not_shown() {
        let context = ResponseContext::new(BaseUrl::US2, SystemTime::UNIX_EPOCH);
        let parse = |status: u16, body: &str| {
            let response = http::Response::builder().status(status);
            CreateSecret::parse(response.body(body.as_bytes()).unwrap(), &context)
        };
        for (body, id) in [
            (r#"{"id":"3c955ea9","unknown":"hidden"}"#, Some("3c955ea9")),
            (
                r#"{"id":"3c955ea9","secret":"hidden","code":0,"error":null}"#,
                Some("3c955ea9"),
            ),
            (r#"[{"id":"a","secret":"hidden"}]"#, None),
            ("\"hidden\"", None),
            ("hidden", None),
        ] {
            let created = parse(200, body).unwrap();
            assert_eq!(created.document().expose_secret(), body);
            assert_eq!(created.id(), id);
            assert!(!format!("{created:?}").contains("hidden"));
        }
        for (status, body) in [(200, ""), (200, "<html>"), (400, "{}"), (302, "a")] {
            assert!(parse(status, body).is_err(), "{status} {body}");
        }
    }

    #[test]
    fn changed_status_is_confirmed_by_any_object_or_nothing() {
        let context = ResponseContext::new(BaseUrl::US2, SystemTime::UNIX_EPOCH);
        for (status, body, is_ok) in [
            (200, "", true),
            (204, "", true),
            (200, "{}", true),
            (200, "{\"id\":\"a\"}", true),
            (200, "{\"error\":\"a\"}", false),
            (200, "<html>", false),
            (200, "no", false),
            (400, "{\"detail\":\"invalid status\"}", false),
        ] {
            let response = http::Response::builder().status(status);
            let response = response.body(body.as_bytes()).unwrap();
            let result = SetSecretStatus::parse(response, &context);
            assert_eq!(result.is_ok(), is_ok, "{status} {body}");
        }
    }
}
