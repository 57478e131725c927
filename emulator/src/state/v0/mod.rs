//! What the newer token service knows.

mod application;
mod errors;
mod jwt;
mod one_time;
mod principal;
mod refresh_tokens;

use std::time::{Duration, SystemTime};

pub use application::Application;
pub(crate) use application::Secret;
pub(crate) use errors::Refusal;
use jwt::TokenClaims;
pub(crate) use jwt::jwks;
pub(crate) use one_time::{Code, OneTimePassword, RequestToken};
pub use principal::{Company, User};
pub(crate) use principal::{Kind, Principal};
pub use refresh_tokens::Rotation;
pub(crate) use refresh_tokens::{Dead, RefreshTokens};

use super::random;

/// How long an access token and an ID token are valid: an hour by default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenLife(pub(crate) Duration);

impl Default for TokenLife {
    fn default() -> Self {
        Self(Duration::from_secs(3600))
    }
}

/// The newer token service: its data centers, applications, companies and users, and what was granted to whom.
///
/// [`Emulator::v0`](crate::Emulator::v0) returns it.
#[derive(Debug, Clone, Default)]
pub struct Service {
    pub(crate) data_centers: Vec<DataCenter>,
    pub(crate) applications: Vec<Application>,
    pub(crate) users: Vec<User>,
    pub(crate) companies: Vec<Company>,
    pub(crate) request_tokens: Vec<RequestToken>,
    pub(crate) codes: Vec<Code>,
    pub(crate) one_time_passwords: Vec<OneTimePassword>,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) access_tokens: Vec<AccessToken>,
    token_life: TokenLife,
    pub(crate) next_refusal: Option<u32>,
    pub(crate) is_strict: bool,
    pub(crate) has_documented_form: bool,
}

/// A data center, and the URL that it is reached at.
#[derive(Debug, Clone)]
pub(crate) struct DataCenter {
    pub(crate) name: String,
    pub(crate) url: String,
}

/// An access token that was issued.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) token: String,
    pub(crate) client_id: String,
    /// The company or user; `None` for the application itself.
    pub(crate) principal: Option<String>,
    pub(crate) expires_at: SystemTime,
}

/// What a token's response is made of.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) life: Duration,
    pub(crate) refresh: Option<(String, SystemTime)>,
    pub(crate) id_token: Option<String>,
    pub(crate) scope: String,
    pub(crate) geolocation: String,
}

impl Service {
    /// Registers an application.
    pub fn add_application(&mut self, application: Application) {
        self.applications.push(application);
    }

    /// Registers a redirect URI for the application with this client ID, if there is one.
    pub fn register_redirect_uri(&mut self, client_id: &str, uri: &str) {
        let mut all = self.applications.iter_mut();
        if let Some(application) = all.find(|application| application.client_id == client_id) {
            application.redirect_uris.push(uri.to_owned());
        }
    }

    /// Adds a user.
    pub fn add_user(&mut self, user: User) {
        self.users.push(user);
    }

    /// Adds a company.
    pub fn add_company(&mut self, company: Company) {
        self.companies.push(company);
    }

    /// Makes a request token of the company or user with this ID, for this application: what an administrator makes by
    /// Concur's Company Request Token tool, and App Center for its landing. It is valid for 24 hours, five times.
    pub fn make_request_token(
        &mut self,
        client_id: &str,
        principal_id: &str,
        now: SystemTime,
    ) -> String {
        let text = RequestToken::random();
        self.add_request_token(text.clone(), client_id, principal_id, now);
        text
    }

    pub(crate) fn add_request_token(
        &mut self,
        token: String,
        client_id: &str,
        principal_id: &str,
        now: SystemTime,
    ) {
        let token = RequestToken::new(token, client_id, principal_id, now);
        self.request_tokens.push(token);
    }

    /// Returns the query with which App Center sends a browser to an application's landing page: the ID of the company or
    /// user, a request token made for it, and, where it is a company, the ID of its administrator.
    pub fn app_center_landing(
        &mut self,
        client_id: &str,
        principal_id: &str,
        now: SystemTime,
    ) -> String {
        let token = self.make_request_token(client_id, principal_id, now);
        let is_company = self
            .companies
            .iter()
            .any(|company| company.id == principal_id);
        let administrator = self.users.first().filter(|_| is_company);
        let administrator = administrator.map(|user| format!("&userId={}", user.id));
        format!(
            "id={principal_id}&requestToken={token}{}",
            administrator.unwrap_or_default()
        )
    }

    /// Returns the one-time password that was mailed to this address last.
    #[must_use]
    pub fn one_time_password(&self, email: &str) -> Option<&str> {
        self.mailed(email).map(|mailed| mailed.otp.as_str())
    }

    /// Returns the link of the mail that was sent to this address last, if the application gave one. The password is
    /// appended as a query, or in the [documented form](Self::set_documented_form) as `&token=`, where the link has no `?`
    /// either.
    #[must_use]
    pub fn mailed_link(&self, email: &str) -> Option<String> {
        let mailed = self.mailed(email)?;
        let (_, link) = mailed.facts.iter().find(|(name, _)| name == "link")?;
        let separator = if self.has_documented_form || link.contains('?') {
            '&'
        } else {
            '?'
        };
        Some(format!("{link}{separator}token={}", mailed.otp))
    }

    fn mailed(&self, email: &str) -> Option<&OneTimePassword> {
        let mut mailed = self.one_time_passwords.iter().rev();
        mailed.find(|mailed| mailed.email == email)
    }

    /// Refuses the next grant, a refresh included, or one-time password with this of Concur's codes, such as 134 for a company in maintenance.
    pub fn fail_with(&mut self, code: u32) {
        self.next_refusal = Some(code);
    }

    /// Sets what a refresh does to its refresh token: by default it stays the same.
    pub fn set_rotation(&mut self, rotation: Rotation) {
        self.refresh_tokens.rotation = rotation;
    }

    /// Sets how long the access tokens and ID tokens that are issued from now on are valid: an hour by default. Whole seconds
    /// count.
    pub fn set_token_life(&mut self, life: Duration) {
        self.token_life = TokenLife(life);
    }

    /// Sets how long a refresh token is valid from its last use: 180 days by default.
    pub fn set_refresh_token_life(&mut self, life: Duration) {
        self.refresh_tokens.life = life;
    }

    /// Refuses what Concur's documentation refuses and its servers may not: a `charset` in the content type, parameters in
    /// the URL, and a one-time password that is not exchanged with all that it was sent with.
    pub fn set_strict(&mut self, strict: bool) {
        self.is_strict = strict;
    }

    /// Writes what differs as Concur documents it, and not as it was observed: a token's lifetime as a text, no end of the
    /// refresh token, and links of mails with `&token=`.
    pub fn set_documented_form(&mut self, documented: bool) {
        self.has_documented_form = documented;
    }

    /// Returns the company or user, by ID, that an access token is for, if it is valid at this time.
    #[must_use]
    pub fn holder(&self, access_token: &str, now: SystemTime) -> Option<&str> {
        self.valid(access_token, now)?.principal.as_deref()
    }

    /// Returns whether an application has a refresh token of this company or user that is valid at this time.
    #[must_use]
    pub fn is_connected(&self, client_id: &str, principal_id: &str, now: SystemTime) -> bool {
        self.refresh_tokens.has(client_id, principal_id, now)
    }

    pub(crate) fn valid(&self, access_token: &str, now: SystemTime) -> Option<&AccessToken> {
        let mut all = self.access_tokens.iter();
        all.find(|known| known.token == access_token && known.expires_at > now)
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        let mut all = self.applications.iter();
        all.find(|application| application.client_id == client_id)
    }

    /// Returns the company or user with this ID, or the user with this login ID.
    pub(crate) fn principal(&self, name: &str) -> Option<Principal> {
        let user = self
            .users
            .iter()
            .find(|user| user.id == name || user.login_id == name);
        let company = || self.companies.iter().find(|company| company.id == name);
        user.map(User::principal)
            .or_else(|| company().map(Company::principal))
    }

    /// Returns the data center that a request came to, by the port of its `Host`: the first where none has it.
    pub(crate) fn data_center(&self, authority: &str) -> Option<&DataCenter> {
        let port = |authority: &str| authority.rsplit_once(':').map(|(_, port)| port.to_owned());
        let asked = port(authority);
        let mut all = self.data_centers.iter();
        all.find(|center| asked.is_some() && port(&center.url) == asked)
            .or(self.data_centers.first())
    }

    /// Returns a data center that a user or a company lives in, and that is none of these.
    pub(crate) fn unknown_home(&self) -> Option<&str> {
        let users = self.users.iter().map(User::home);
        let companies = self.companies.iter().map(Company::home);
        let mut homes = users.chain(companies).flatten();
        homes.find(|home| self.url_of(home).is_none())
    }

    /// Returns the URL of a data center by its name.
    pub(crate) fn url_of(&self, name: &str) -> Option<&str> {
        let center = self
            .data_centers
            .iter()
            .find(|center| center.name == name)?;
        Some(&center.url)
    }

    /// Issues tokens of a company or user to an application: all but those that a refresh keeps.
    pub(crate) fn issue(
        &mut self,
        client_id: &str,
        principal: &Principal,
        scope: String,
        geolocation: String,
        refresh: Option<(String, SystemTime)>,
        now: SystemTime,
    ) -> Issued {
        let TokenLife(life) = self.token_life;
        let claims = TokenClaims {
            life,
            client_id,
            subject: &principal.id,
            kind: principal.kind,
            issuer: &geolocation,
            scope: &scope,
            now,
        };
        let access_token = claims.access_token();
        let id_token = (principal.kind != Kind::Application).then(|| claims.id_token());
        self.access_tokens.push(AccessToken {
            token: access_token.clone(),
            client_id: client_id.to_owned(),
            principal: (principal.kind != Kind::Application).then(|| principal.id.clone()),
            expires_at: now.checked_add(life).unwrap_or(now),
        });
        Issued {
            access_token,
            life,
            refresh,
            id_token,
            scope,
            geolocation,
        }
    }
}

/// Returns the seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
