//! The access-token document.

use std::borrow::Cow;

use secrecy::SecretString;

use super::AccessToken;
use crate::field::{self, FieldError, Found};
use crate::response::{self, ResponseError, Unreadable};
use crate::xml::{self, Part};
use crate::{InstanceUrl, date};

/// Reads an answer that should hold an access token.
pub(crate) fn parse(
    response: &http::Response<&[u8]>,
    asked: &InstanceUrl,
) -> Result<AccessToken, ResponseError> {
    response::read_success(response, |body| read(body, asked))
}

/// What the document's fields said so far.
struct Document<'a> {
    /// What it is instead, if its root is another's.
    other: Option<Unreadable>,
    token: Found<Cow<'a, str>>,
    refresh_token: Found<Cow<'a, str>>,
    expires_at: Found<Cow<'a, str>>,
    instance_url: Found<Cow<'a, str>>,
}

fn read(body: &[u8], asked: &InstanceUrl) -> Result<AccessToken, Unreadable> {
    let mut document = Document {
        other: None,
        token: Ok(None),
        refresh_token: Ok(None),
        expires_at: Ok(None),
        instance_url: Ok(None),
    };
    xml::read_fields(body, |part| match part {
        Part::Root(name) if name.eq_ignore_ascii_case("Access_Token") => {}
        Part::Root(name) => document.other = Some(response::other_document(name)),
        Part::Field(name, value) => {
            let field = if name.eq_ignore_ascii_case("Token") {
                &mut document.token
            } else if name.eq_ignore_ascii_case("Refresh_Token") {
                &mut document.refresh_token
            } else if name.eq_ignore_ascii_case("Expiration_date") {
                &mut document.expires_at
            } else if name.eq_ignore_ascii_case("Instance_Url") {
                &mut document.instance_url
            } else {
                return;
            };
            field::meet(field, value);
        }
    })?;
    if let Some(other) = document.other {
        return Err(other);
    }
    let token = match &document.token {
        Ok(Some(token)) => field::trim(token),
        Err(FieldError::Repeated) => return Err(Unreadable::RepeatedToken),
        Ok(None) | Err(_) => return Err(Unreadable::NoToken),
    };
    if token.is_empty() {
        return Err(Unreadable::EmptyToken);
    }
    let instance_url = field::read(&document.instance_url, |text| {
        let instance: InstanceUrl = text.parse().map_err(|_| FieldError::Unreadable)?;
        if asked.is_https() && !instance.is_https() {
            return Err(FieldError::Insecure);
        }
        Ok(instance)
    });
    Ok(AccessToken {
        token: SecretString::from(token),
        refresh_token: field::read(&document.refresh_token, |text| Ok(SecretString::from(text))),
        expires_at: field::read(&document.expires_at, |text| {
            date::month_first(text).ok_or(FieldError::Unreadable)
        }),
        asked: match instance_url {
            Ok(Some(_)) => None,
            Ok(None) | Err(_) => Some(asked.clone()),
        },
        instance_url,
    })
}

#[cfg(test)]
mod tests;
