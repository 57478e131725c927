//! The access-token document.

use std::borrow::Cow;

use secrecy::SecretString;

use super::expiry;
use super::{AccessToken, FieldError};
use crate::InstanceUrl;
use crate::response::{self, ResponseError, Unreadable};
use crate::xml::{self, Value};

/// Reads an answer that should hold an access token.
pub(crate) fn parse(
    response: &http::Response<&[u8]>,
    asked: &InstanceUrl,
) -> Result<AccessToken, ResponseError> {
    response::read_success(response, |body| read(body, asked))
}

/// What the document's fields said so far.
struct Document<'a> {
    is_access_token: bool,
    token: Found<Cow<'a, str>>,
    refresh_token: Found<Cow<'a, str>>,
    expires_at: Found<Cow<'a, str>>,
    instance_url: Found<Cow<'a, str>>,
}

/// `Ok(None)` until the field is met.
type Found<T> = Result<Option<T>, FieldError>;

fn read(body: &[u8], asked: &InstanceUrl) -> Result<AccessToken, Unreadable> {
    let document = xml::read_fields(
        body,
        |name| Document {
            is_access_token: name.eq_ignore_ascii_case("Access_Token"),
            token: Ok(None),
            refresh_token: Ok(None),
            expires_at: Ok(None),
            instance_url: Ok(None),
        },
        |document, name, value| {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if is("Token") {
                found(&mut document.token, value);
            } else if is("Refresh_Token") {
                found(&mut document.refresh_token, value);
            } else if is("Expiration_date") {
                found(&mut document.expires_at, value);
            } else if is("Instance_Url") {
                found(&mut document.instance_url, value);
            }
        },
    )?;
    let document = document
        .filter(|document| document.is_access_token)
        .ok_or(Unreadable::OtherDocument)?;
    let token = match &document.token {
        Ok(Some(token)) => trim(token),
        Err(FieldError::Repeated) => return Err(Unreadable::RepeatedToken),
        Ok(None) | Err(_) => return Err(Unreadable::NoToken),
    };
    if token.is_empty() {
        return Err(Unreadable::EmptyToken);
    }
    Ok(AccessToken {
        token: SecretString::from(token),
        refresh_token: side_field(&document.refresh_token, |text| Ok(SecretString::from(text))),
        expires_at: side_field(&document.expires_at, |text| {
            expiry::parse(text).ok_or(FieldError::Unreadable)
        }),
        instance_url: side_field(&document.instance_url, |text| {
            let instance: InstanceUrl = text.parse().map_err(|_| FieldError::Unreadable)?;
            if asked.is_https() && !instance.is_https() {
                return Err(FieldError::Insecure);
            }
            Ok(instance)
        }),
    })
}

fn found<'a>(field: &mut Found<Cow<'a, str>>, value: Value<'a>) {
    *field = match (&field, value) {
        (Ok(None), Value::Text(text)) => Ok(Some(text)),
        (Ok(None), Value::Elements) => Err(FieldError::Unreadable),
        _ => Err(FieldError::Repeated),
    };
}

/// Reads a field beside the token. An empty one counts as absent.
fn side_field<T>(
    field: &Found<Cow<'_, str>>,
    read: impl FnOnce(&str) -> Result<T, FieldError>,
) -> Found<T> {
    match field {
        Ok(Some(text)) => match trim(text) {
            "" => Ok(None),
            text => read(text).map(Some),
        },
        Ok(None) => Ok(None),
        Err(error) => Err(*error),
    }
}

/// Drops the white space that a pretty-printer puts around a value.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

#[cfg(test)]
mod tests;
