//! The accounts of the newer service.

use std::time::SystemTime;

use serde::Deserialize;

use super::error::{AccountsError, Problem};
use super::object::Object;
use crate::http::request::is_absolute;
use crate::state::v0::{Application, Company, Service, User};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accounts {
    #[serde(default)]
    applications: Vec<Object<ApplicationEntry>>,
    #[serde(default)]
    users: Vec<Object<UserEntry>>,
    #[serde(default)]
    companies: Vec<Object<CompanyEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationEntry {
    client_id: String,
    client_secret: String,
    name: Option<String>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    redirect_uris: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEntry {
    login_id: String,
    #[serde(default)]
    password: String,
    id: Option<String>,
    data_center: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompanyEntry {
    id: String,
    /// For the first application.
    request_token: Option<String>,
    data_center: Option<String>,
}

impl Accounts {
    /// Adds them to the service, where no two are the same.
    pub(super) fn add_to(
        self,
        service: &mut Service,
        now: SystemTime,
    ) -> Result<(), AccountsError> {
        let twice = |what| Err(AccountsError(Problem::Twice(what)));
        let first = self.applications.first();
        let first = first.map(|Object(application)| application.client_id.clone());
        for Object(entry) in self.applications {
            if service.application(&entry.client_id).is_some() {
                return twice("client IDs");
            }
            let mut application = Application::new(entry.client_id, entry.client_secret);
            if let Some(name) = entry.name {
                application = application.with_name(name);
            }
            if let Some(scopes) = entry.scopes {
                application = application.with_scopes(scopes);
            }
            for uri in entry.redirect_uris {
                if !is_absolute(&uri) {
                    return Err(AccountsError(Problem::NotAbsolute("a redirect URI")));
                }
                application = application.with_redirect_uri(uri);
            }
            service.add_application(application);
        }
        for Object(entry) in self.users {
            if service
                .users
                .iter()
                .any(|user| user.login_id == entry.login_id)
            {
                return twice("login IDs");
            }
            let mut user = User::new(entry.login_id, entry.password);
            if let Some(id) = entry.id {
                user = user.with_id(id);
            }
            if service.users.iter().any(|other| other.id == user.id) {
                return twice("users' IDs");
            }
            if let Some(name) = entry.data_center {
                user = user.in_data_center(name);
            }
            service.add_user(user);
        }
        for Object(entry) in self.companies {
            if service
                .companies
                .iter()
                .any(|company| company.id == entry.id)
            {
                return twice("companies' IDs");
            }
            if let Some(token) = entry.request_token {
                let Some(client_id) = &first else {
                    return Err(AccountsError(Problem::NoApplication));
                };
                service.add_request_token(token, client_id, &entry.id, now);
            }
            let mut company = Company::new(entry.id);
            if let Some(name) = entry.data_center {
                company = company.in_data_center(name);
            }
            service.add_company(company);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use crate::emulator::Emulator;

    #[test]
    fn accounts_of_the_newer_service_are_read() {
        let text = r#"{ "v0": {
            "applications": [{ "client_id": "id", "client_secret": "12345", "scopes": ["LIST"], "redirect_uris": ["https://app.example/"] }],
            "users": [{ "login_id": "jo@example.com", "password": "12345", "id": "u1", "data_center": "us2" }],
            "companies": [{ "id": "c1", "request_token": "12345" }]
        } }"#;
        let emulator = Emulator::from_json(text, SystemTime::now()).unwrap();
        let application = emulator.v0.application("id").unwrap();
        assert!(application.has_secret("12345") && application.scopes == ["LIST"]);
        assert_eq!(emulator.v0.users[0].id, "u1");
        assert_eq!(emulator.v0.companies[0].id, "c1");
        for (text, words) in [
            (
                r#"{ "v0": { "applications": [{ "client_id": "id" }] } }"#,
                "missing field `client_secret`",
            ),
            (
                r#"{ "v0": { "companies": [{ "uuid": "12345" }] } }"#,
                "unknown field `uuid`",
            ),
            (
                r#"{ "v0": { "companies": [{ "id": "12345" }, { "id": "12345" }] } }"#,
                "two companies' IDs are the same",
            ),
            (
                r#"{ "v0": { "users": [{ "login_id": "12345" }, { "login_id": "12345" }] } }"#,
                "the same",
            ),
            (
                r#"{ "v0": { "users": [{ "login_id": "a", "id": "12345" }, { "login_id": "b", "id": "12345" }] } }"#,
                "two users' IDs are the same",
            ),
            (
                r#"{ "v0": { "applications": [{ "client_id": "id", "client_secret": "12345", "redirect_uris": ["/12345"] }] } }"#,
                "a redirect URI is not absolute",
            ),
            (
                r#"{ "v0": { "companies": [{ "id": "c", "request_token": "12345" }] } }"#,
                "there is no application for it",
            ),
            (r#"{ "v0": [] }"#, "column"),
        ] {
            let error = Emulator::from_json(text, SystemTime::now()).unwrap_err();
            let shown = error.to_string();
            assert!(shown.contains(words) && !shown.contains("12345"), "{shown}");
        }
    }
}
