//! Listing the secrets of an application.

use std::time::SystemTime;

use http::{Method, Request};

use super::path;
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::{self, BodyError, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::v0::request;
use crate::wire::Format;
use crate::wire::date;
use crate::wire::json::{self, JsonField, JsonValue};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
