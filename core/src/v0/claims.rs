//! The claims of an ID token.

use std::time::{Duration, SystemTime};

use crate::wire::json::{self, JsonField, JsonValue};

/// What an ID token claims.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    subject: Option<Box<str>>,
    principal_type: Option<Box<str>>,
    issuer: Option<Box<str>>,
    audience: Vec<Box<str>>,
    expires_at: Option<SystemTime>,
    not_before: Option<SystemTime>,
    issued_at: Option<SystemTime>,
}

impl Claims {
    /// Returns for whom the token is: the UUID of a user or of a company. It is compared as it is, and not cleaned to be
    /// shown.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Returns what kind of principal that is, `concur.type`: `user` or `company`.
    #[must_use]
    pub fn principal_type(&self) -> Option<&str> {
        self.principal_type.as_deref()
    }

    /// Returns the issuer: the base URL of a data center.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns the client IDs of the applications that the token is for.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audience.iter().map(AsRef::as_ref)
    }

    /// Returns when the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Returns when the token begins to be valid.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        self.not_before
    }

    /// Returns when the token was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.issued_at
    }

    /// Reads the claims of a JWT. `None` where they are no object, repeat a claim, or have a time that is none.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let mut fields = <[JsonField<'_>; 7]>::default();
        let [subject, kind, issuer, audience, expires, begins, created] = &mut fields;
        json::read_fields(text, |name, value| match name {
            "sub" => subject.add(value),
            "concur.type" => kind.add(value),
            "iss" => issuer.add(value),
            "aud" => audience.add(value),
            "exp" => expires.add(value),
            "nbf" => begins.add(value),
            "iat" => created.add(value),
            _ => {}
        })
        .ok()?;
        // Of two claims with one name, readers could take either (RFC 7519 section 4).
        if fields
            .iter()
            .any(|field| matches!(field, JsonField::Repeated))
        {
            return None;
        }
        let [subject, kind, issuer, audience, expires, begins, created] = fields;
        let text = |field: JsonField| field.text().map(|text| text.to_owned().into());
        let time = |field: JsonField| match field {
            JsonField::Absent => Some(None),
            field => Some(Some(seconds(&field.text()?)?)),
        };
        Some(Self {
            subject: text(subject),
            principal_type: text(kind),
            issuer: text(issuer),
            audience: audience.value().map(names).unwrap_or_default(),
            expires_at: time(expires)?,
            not_before: time(begins)?,
            issued_at: time(created)?,
        })
    }
}

/// Reads a name, or an array of them (RFC 7519 section 4.1.3).
fn names(value: JsonValue<'_>) -> Vec<Box<str>> {
    let values = value.values().unwrap_or_else(|| vec![value]);
    let names = values.into_iter().filter_map(JsonValue::string);
    names.map(|name| name.to_owned().into()).collect()
}

/// Reads seconds since 1970. A fraction is dropped. What is written with an exponent is refused.
fn seconds(text: &str) -> Option<SystemTime> {
    if text.contains(['e', 'E']) {
        return None;
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(whole.parse().ok()?))
}
