//! What a user's browser returns with.

use secrecy::SecretString;

use crate::authorization::{CallbackError, CsrfState, RequestToken, check_state, granted, once};
use crate::input::{InputError, InputField};
use crate::secret;
use crate::wire::display_text;
use crate::wire::percent::{self, Plus};

/// An authorization code: what a user's browser brings once the user has consented, for the
/// [`AuthorizationCodeGrant`](super::AuthorizationCodeGrant). It is valid once. `Debug` does not show it, and it is wiped
/// when it is dropped.
#[derive(Debug, Clone)]
pub struct AuthorizationCode(SecretString);

impl InputField {
    /// An authorization code.
    pub const AUTHORIZATION_CODE: Self = Self("authorization code");
}

impl AuthorizationCode {
    /// Creates a code that came some other way. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a control character.
    pub fn new(code: impl Into<String>) -> Result<Self, InputError> {
        secret::secret(InputField::AUTHORIZATION_CODE, code).map(Self)
    }

    /// Returns the code itself. Guard it like a password until it is spent.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// What a callback of the [`WebFlow`](super::WebFlow) brings.
#[derive(Debug, Clone)]
pub struct Callback {
    code: AuthorizationCode,
    geolocation: Option<Box<str>>,
}

impl Callback {
    /// Returns the authorization code.
    #[must_use]
    pub fn code(&self) -> &AuthorizationCode {
        &self.code
    }

    /// Returns the data center that the callback names for the user, for a log, at most 256 characters.
    ///
    /// It is a text and not a base URL on purpose. It came through a browser, so anyone could have written it: an
    /// application that sent its secret there would send it to a host of an attacker's choice. The token says where the user
    /// lives.
    #[must_use]
    pub fn geolocation(&self) -> Option<&str> {
        self.geolocation.as_deref()
    }
}

/// Parses the query that a user of the [`WebFlow`](super::WebFlow) returns with: `code` (`cc` in responses of old), or
/// `error_code` and `error_description`, and `state`, which must be the one that the user was sent with.
///
/// The query is what stands after the `?` of the URL, as it came, with or without the `?`. Names that are not Concur's belong
/// to the redirect URI and are ignored.
///
/// Concur documents `error_code` where OAuth has `error`: both are read. Where the company has disabled the application,
/// both error and description come empty.
///
/// # Errors
///
/// [`CallbackError`]. The state is checked first: nothing else in a callback of another user counts.
pub fn parse_callback(query: &str, state: &CsrfState) -> Result<Callback, CallbackError> {
    check_state(query, state)?;
    let code = once(query, "code")?.or(once(query, "cc")?);
    let error = once(query, "error_code")?.or(once(query, "error")?);
    let code = granted(code, error, query)?;
    let code = AuthorizationCode::new(code.as_str()).map_err(|_| CallbackError::Malformed)?;
    let geolocation = once(query, "geolocation")?
        .and_then(|encoded| percent::decode(encoded, Plus::Space))
        .and_then(|named| display_text::clean(&named, 256));
    Ok(Callback { code, geolocation })
}

/// What a browser brings from Concur's App Center: a request token, and the ID of the company or the user that it is for.
#[derive(Debug, Clone)]
pub struct AppCenterLanding {
    id: Box<str>,
    request_token: RequestToken,
    user_id: Option<Box<str>>,
}

impl AppCenterLanding {
    /// Returns the ID that the [`RequestTokenGrant`](super::RequestTokenGrant) needs: the company's UUID, or the user's
    /// where the application connects users.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the request token. It is valid for 24 hours.
    #[must_use]
    pub fn request_token(&self) -> &RequestToken {
        &self.request_token
    }

    /// Returns the ID of the administrator that connects the company. `None` where a user connects.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }
}

/// Parses the query of a landing from Concur's App Center: `id`, `requestToken`, and `userId` or `userID`.
///
/// No state comes with it, because the application did not send the browser out. Have the user sign in to the application
/// first, and finish its own page: the grant is what makes App Center show "Connected", so it comes last.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::v0::{ClientId, RequestTokenGrant, parse_app_center_landing};
/// use concur_oauth::Application;
///
/// let landing = parse_app_center_landing(
///     "id=8568a4cd-8ffc-49d6-9417-be2d69aa075f&requestToken=at-si86uekvgga2qj2i1bfj89juqgn\
///      &userId=9bdded51-00b8-4f84-8bef-6d3afe727007",
/// )?;
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// let grant = RequestTokenGrant::new(&application, landing.id(), landing.request_token())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`CallbackError`], except for those of the state: [`Malformed`](CallbackError::Malformed) where the ID is missing or
/// cannot be read, too.
pub fn parse_app_center_landing(query: &str) -> Result<AppCenterLanding, CallbackError> {
    let error = once(query, "error_code")?.or(once(query, "error")?);
    let token = granted(once(query, "requestToken")?, error, query)?;
    let request_token = RequestToken::new(token.as_str()).map_err(|_| CallbackError::Malformed)?;
    let id = id(once(query, "id")?.unwrap_or_default())?;
    let user_id = once(query, "userId")?
        .or(once(query, "userID")?)
        .map(self::id);
    Ok(AppCenterLanding {
        id,
        request_token,
        user_id: user_id.transpose()?,
    })
}

/// Decodes an ID. It is one of Concur's, so nothing but visible ASCII can stand in it.
fn id(encoded: &str) -> Result<Box<str>, CallbackError> {
    percent::decode(encoded, Plus::Plus)
        .filter(|id| {
            (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .map(|id| id.as_str().into())
        .ok_or(CallbackError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const STATE: &str = "8c1d2f6b0a9e4d775e3f0b1a7c6d9284";

    fn parse(query: &str) -> Result<Callback, CallbackError> {
        let state = CsrfState::new(STATE).unwrap();
        parse_callback(&format!("{query}&state={STATE}"), &state)
    }

    #[test]
    fn trap_14_denial_is_read_from_error_code_and_may_be_empty() {
        let query = "error_code=user_denied&error_description=The+user+denied+your+request.";
        let CallbackError::Denied(denied) = parse(query).unwrap_err() else {
            panic!("a denial");
        };
        assert_eq!(denied.error(), "user_denied");
        assert_eq!(denied.description(), Some("The user denied your request."));
        for query in ["error_code=&error_description=", "error=access_denied"] {
            assert!(
                matches!(parse(query), Err(CallbackError::Denied(_))),
                "{query}"
            );
        }
    }

    #[test]
    fn trap_15_old_names_are_read() {
        for query in ["code=c0%2Fde", "cc=c0%2Fde", "code=c0%2Fde&cc=other"] {
            assert_eq!(
                parse(query).unwrap().code().secret().expose_secret(),
                "c0/de"
            );
        }
        for name in ["userId", "userID"] {
            let landing = format!("?id=company&requestToken=at-1&{name}=admin");
            let landing = parse_app_center_landing(&landing).unwrap();
            assert_eq!(
                (landing.id(), landing.user_id()),
                ("company", Some("admin"))
            );
            assert_eq!(landing.request_token().secret().expose_secret(), "at-1");
        }
        let landing = parse_app_center_landing("id=user&requestToken=at-1").unwrap();
        assert_eq!(landing.user_id(), None);
    }

    #[test]
    fn geolocation_of_a_callback_is_reported_as_text() {
        let query = "geolocation=https%3A%2F%2Fevil.example%1b&code=c0de";
        assert_eq!(
            parse(query).unwrap().geolocation(),
            Some("https://evil.example")
        );
        assert_eq!(parse("code=c0de").unwrap().geolocation(), None);
    }

    #[test]
    fn callback_without_one_code_is_an_error() {
        use CallbackError as E;
        for (query, error) in [
            ("a=b", E::Neither),
            ("code=a&error_code=b", E::Both),
            ("code=a&code=b", E::Repeated("code")),
            (
                "code=a&geolocation=b&geolocation=c",
                E::Repeated("geolocation"),
            ),
            ("code=", E::Malformed),
            ("code=%ff", E::Malformed),
            ("code=%00", E::Malformed),
        ] {
            assert_eq!(parse(query).unwrap_err(), error, "{query}");
        }
        let state = CsrfState::new(STATE).unwrap();
        for (query, error) in [
            ("code=a", E::NoState),
            (
                "code=a&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9285",
                E::WrongState,
            ),
            ("state=a&code=a&state=b", E::RepeatedState),
        ] {
            assert_eq!(parse_callback(query, &state).unwrap_err(), error, "{query}");
        }
        for (query, error) in [
            ("requestToken=a", E::Malformed),
            ("id=&requestToken=a", E::Malformed),
            ("id=a%20b&requestToken=a", E::Malformed),
            ("id=a", E::Neither),
            ("id=a&requestToken=", E::Malformed),
            ("id=a&id=b&requestToken=a", E::Repeated("id")),
            (
                "id=a&requestToken=a&requestToken=b",
                E::Repeated("requestToken"),
            ),
            ("id=a&requestToken=a&userId=", E::Malformed),
        ] {
            assert_eq!(
                parse_app_center_landing(query).unwrap_err(),
                error,
                "{query}"
            );
        }
    }
}
