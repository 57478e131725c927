//! The access-token document.

use secrecy::SecretString;

use crate::base_url::{BaseUrl, TrustDomain};
use crate::document_warning::{FieldProblem, Warnings, trusted};
use crate::exchange::ResponseContext;
use crate::response::{self, BodyError, ResponseError};
use crate::token::{AccessToken, TokenParts, TokenScheme};
use crate::wire::Format;
use crate::wire::date;
use crate::wire::xml::{self, FieldText, Part};

/// Reads a response that should hold an access token.
pub(super) fn parse(
    response: &http::Response<&[u8]>,
    context: &ResponseContext,
) -> Result<AccessToken, ResponseError> {
    response::read_success(response, Format::Xml, |body| read(body, context.base_url()))
}

/// The fields of the document.
#[derive(Default)]
struct Document<'a> {
    /// What the document is instead, where its root is another.
    other: Option<BodyError>,
    token: FieldText<'a>,
    refresh_token: FieldText<'a>,
    expiration_date: FieldText<'a>,
    instance_url: FieldText<'a>,
}

impl<'a> Document<'a> {
    /// Returns the field of this name. Names are matched without case, because Concur varies it.
    fn field(&mut self, name: &str) -> Option<&mut FieldText<'a>> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("Token") {
            Some(&mut self.token)
        } else if is("Refresh_Token") {
            Some(&mut self.refresh_token)
        } else if is("Expiration_date") {
            Some(&mut self.expiration_date)
        } else if is("Instance_Url") {
            Some(&mut self.instance_url)
        } else {
            None
        }
    }
}

fn read(body: &[u8], asked: &BaseUrl) -> Result<AccessToken, BodyError> {
    let mut document = Document::default();
    xml::read_fields(body, |part| match part {
        Part::Root(name) if name.eq_ignore_ascii_case("Access_Token") => {}
        Part::Root(name) => document.other = Some(response::other_document(name)),
        Part::Field(name, value) => {
            if let Some(field) = document.field(name) {
                field.add(value);
            }
        }
    })?;
    if let Some(other) = document.other {
        return Err(other);
    }
    let token = match &document.token {
        FieldText::Absent | FieldText::Elements => return Err(BodyError::NoToken),
        FieldText::Repeated => return Err(BodyError::RepeatedToken),
        text @ FieldText::Text(_) => text.text().ok_or(BodyError::EmptyToken)?,
    };
    let mut warnings = Warnings::default();
    let base_url = warnings.read("Instance_Url", &document.instance_url, |text| {
        trusted(TrustDomain::NET2.read(asked, text))
    });
    let parts = TokenParts {
        scheme: TokenScheme::OAuth,
        token: SecretString::from(token),
        refresh_token: warnings.read("Refresh_Token", &document.refresh_token, |text| {
            Ok(SecretString::from(text))
        }),
        expires_at: warnings.read("Expiration_date", &document.expiration_date, |text| {
            date::month_first(text).ok_or(FieldProblem::Unreadable)
        }),
        refresh_expires_at: None,
        base_url: base_url.unwrap_or_else(|| asked.clone()),
        scope: None,
        id_token: None,
    };
    Ok(AccessToken::new(parts, warnings))
}

#[cfg(test)]
mod tests;
