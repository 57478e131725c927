//! Accounts from a JSON file.

mod error;
mod object;
mod v0;

use std::time::SystemTime;

use serde::Deserialize;

use crate::emulator::Emulator;
use crate::http::request::is_absolute;
use crate::state::application::Application;
use crate::state::connection_requests::ConnectionRequest;
use crate::state::user::User;
pub use error::AccountsError;
use error::{Problem, of_json};
use object::Object;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accounts {
    #[serde(default)]
    applications: Vec<Object<ApplicationEntry>>,
    #[serde(default)]
    users: Vec<Object<UserEntry>>,
    #[serde(default)]
    connection_requests: Vec<Object<ConnectionEntry>>,
    v0: Option<Object<v0::Accounts>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationEntry {
    consumer_key: String,
    consumer_secret: Option<String>,
    name: Option<String>,
    app_center_uri: Option<String>,
    #[serde(default)]
    auto_connect: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEntry {
    login_id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    administrator: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectionEntry {
    consumer_key: String,
    login_id: String,
    request_token: Option<String>,
    loyalty_number: Option<String>,
    first_name: Option<String>,
    middle_name: Option<String>,
    last_name: Option<String>,
    #[serde(default)]
    email_addresses: Vec<String>,
}

impl Emulator {
    /// Creates an emulator with the applications, users and connection requests of a JSON text. The request
    /// tokens of the connection requests are issued at this time.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use concur_oauth_emulator::Emulator;
    /// let accounts = r#"{
    ///     "applications": [
    ///         { "consumer_key": "key", "consumer_secret": "secret", "name": "Trips",
    ///           "app_center_uri": "http://localhost:8080/connect" }
    ///     ],
    ///     "users": [
    ///         { "login_id": "jo@example.com", "password": "x" },
    ///         { "login_id": "admin@example.com", "password": "y", "administrator": true }
    ///     ],
    ///     "connection_requests": [
    ///         { "consumer_key": "key", "login_id": "jo@example.com", "loyalty_number": "0042",
    ///           "first_name": "Jo", "last_name": "Doe", "email_addresses": ["jo@example.com"] }
    ///     ],
    ///     "v0": {
    ///         "applications": [{ "client_id": "3e5a...", "client_secret": "c6ad..." }],
    ///         "users": [{ "login_id": "jo@example.com", "password": "x" }],
    ///         "companies": [{ "id": "2a09..." }]
    ///     }
    /// }"#;
    /// let emulator = Emulator::from_json(accounts, SystemTime::now())?;
    /// # Ok::<(), concur_oauth_emulator::AccountsError>(())
    /// ```
    ///
    /// The lists are of the older service, but for those in `v0`. Each can be left out; so can all of an entry but its
    /// `consumer_key`, `client_id` and `client_secret`, `login_id` or `id`. An application of `v0` can have a `name`, `scopes` and
    /// `redirect_uris`, a user an `id` and a `data_center`, a company a `request_token`, for the first application, and a
    /// `data_center`, which must be one of [the server's](crate::ServerBuilder::data_centers). A connection request without a
    /// `request_token` gets one made at random.
    ///
    /// # Errors
    ///
    /// [`AccountsError`] where it is not JSON, has a name that is not known here, two applications or users of
    /// one name, an `app_center_uri` that is not absolute, or a connection request to an application that is not
    /// in it.
    pub fn from_json(text: &str, now: SystemTime) -> Result<Self, AccountsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Object(accounts) =
            serde_json::from_str::<Object<Accounts>>(text).map_err(|error| of_json(&error))?;
        let mut emulator = Self::new();
        for Object(entry) in accounts.applications {
            if emulator.knows(&entry.consumer_key) {
                return Err(AccountsError(Problem::Twice("consumer keys")));
            }
            let mut application = Application::new(entry.consumer_key);
            application.secret = entry.consumer_secret;
            application.name = entry.name;
            application = match (entry.app_center_uri, entry.auto_connect) {
                (Some(_), true) => return Err(AccountsError(Problem::ListedTwice)),
                (Some(uri), false) if !is_absolute(&uri) => {
                    return Err(AccountsError(Problem::NotAbsolute("an app_center_uri")));
                }
                (Some(uri), false) => application.with_app_center_uri(uri),
                (None, true) => application.with_auto_connect(),
                (None, false) => application,
            };
            emulator.add_application(application);
        }
        for Object(entry) in accounts.users {
            if emulator.has_user(&entry.login_id) {
                return Err(AccountsError(Problem::Twice("login IDs")));
            }
            let mut user = User::new(entry.login_id, entry.password);
            user.administrator = entry.administrator;
            emulator.add_user(user);
        }
        if let Some(Object(accounts)) = accounts.v0 {
            accounts.add_to(&mut emulator.v0, now)?;
        }
        for Object(entry) in accounts.connection_requests {
            if !emulator.knows(&entry.consumer_key) {
                return Err(AccountsError(Problem::UnknownKey));
            }
            let mut request = ConnectionRequest::new(entry.consumer_key, entry.login_id);
            if let Some(token) = entry.request_token {
                request = request.with_request_token(token);
            }
            request.loyalty_number = entry.loyalty_number;
            request.first_name = entry.first_name;
            request.middle_name = entry.middle_name;
            request.last_name = entry.last_name;
            request.email_addresses = entry.email_addresses;
            emulator.add_connection_request(request, now);
        }
        Ok(emulator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_accounts_are_refused_with_their_place() {
        let error = |text| Emulator::from_json(text, SystemTime::now()).unwrap_err();
        let shown = error(r#"{ "users": [{ "login": "jo" }] }"#).to_string();
        assert!(
            shown.contains("unknown field `login`") && shown.contains("column"),
            "{shown}"
        );
        error("");
        error(r#"{ "applications": [{ "name": "no key" }] }"#);
        for (text, words) in [
            (
                r#"{ "connection_requests": [{ "consumer_key": "k", "login_id": "jo" }] }"#,
                "no application has",
            ),
            (
                r#"{ "users": [{ "login_id": "a" }, { "login_id": "a" }] }"#,
                "the same",
            ),
            (
                r#"{ "users": [{ "login_id": "a", "password": 12345 }] }"#,
                "column",
            ),
            (
                r#"{ "applications": [{ "consumer_key": "a", "app_center_uri": "https://a", "auto_connect": true }] }"#,
                "both",
            ),
            (r#"{ "users": ["12345"] }"#, "column"),
            ("[]", "column"),
            (r#"{ "users": [["12345", "pw"]] }"#, "column"),
            (
                r#"{ "applications": [{ "consumer_key": "a", "app_center_uri": "12345" }] }"#,
                "not absolute",
            ),
            (
                r#"{ "applications": [{ "consumer_key": "a", "consumer_key": "b" }] }"#,
                "duplicate",
            ),
        ] {
            let shown = error(text).to_string();
            assert!(shown.contains(words) && !shown.contains("12345"), "{shown}");
        }
        assert!(Emulator::from_json("\u{feff}{}", SystemTime::now()).is_ok());
        assert!(Emulator::from_json("{}", SystemTime::now()).is_ok());
    }
}
