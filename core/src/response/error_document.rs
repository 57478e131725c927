//! The error documents of Concur: XML in `net2`, JSON in `v0`.

use super::body::{self, BodyError};
use crate::base_url::BaseUrl;
use crate::wire::display_text;
use crate::wire::json::JsonValue;
use crate::wire::xml::{self, Part, Value};

/// What an error document says, cleaned and cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Document {
    pub(super) message: Option<Box<str>>,
    pub(super) error: Option<Box<str>>,
    pub(super) code: Option<u32>,
    pub(super) id: Option<Box<str>>,
    pub(super) server_time: Option<Box<str>>,
    pub(super) geolocation: Option<BaseUrl>,
}

/// Reads an error document of `net2`.
pub(super) fn read_xml(body: &[u8]) -> Result<Document, BodyError> {
    let mut other = None;
    let document = read_as(body, |root| {
        if !root.eq_ignore_ascii_case("Error") {
            other = Some(body::other_document(root));
        }
    })?;
    other.map_or(Ok(document), Err)
}

/// Reads the texts of an error document from a document with any root.
pub(super) fn read_any(body: &[u8]) -> Result<Document, BodyError> {
    read_as(body, |_| {})
}

fn read_as(body: &[u8], mut root: impl FnMut(&str)) -> Result<Document, BodyError> {
    let mut document = Document::default();
    xml::read_fields(body, |part| match part {
        Part::Root(name) => root(name),
        Part::Field(name, Value::Text(text)) => document.set(name, &text),
        Part::Field(_, Value::Elements) => {}
    })?;
    Ok(document)
}

/// Reads an error document of `v0`: an object that has at least an error, a code or a message. Some of Concur's servers
/// respond in XML whatever was asked for.
pub(super) fn read_json(body: &[u8]) -> Result<Document, BodyError> {
    if body.starts_with(b"<") {
        return read_xml(body);
    }
    let mut document = Document::default();
    body::json_fields(body, |name, value| document.set_json(name, value))?;
    if document.says_error() || document.has_message() {
        Ok(document)
    } else {
        Err(BodyError::OtherDocument)
    }
}

impl Document {
    /// Takes a whole text for the message.
    pub(super) fn with_message(text: &str) -> Self {
        let mut document = Self::default();
        document.set("Message", text);
        document
    }

    /// Returns whether a JSON document says that it is of an error.
    pub(super) fn says_error(&self) -> bool {
        self.error.is_some() || self.code.is_some()
    }

    pub(super) fn has_message(&self) -> bool {
        self.message.is_some()
    }

    /// Takes the ID of the error from a header field, where the document has none.
    pub(super) fn set_id(&mut self, text: &str) {
        self.set("Id", text);
    }

    /// Sets a field of a JSON document. Where a field is repeated, the first counts.
    fn set_json(&mut self, name: &str, value: JsonValue<'_>) {
        let Some(text) = value.text() else { return };
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("error_description") || is("message") || is("detail") {
            self.set("Message", &text);
        } else if is("concur-correlationid") {
            self.set("Id", &text);
        } else if is("geolocation") {
            let named = || BaseUrl::parse_origin(&text);
            self.geolocation = self.geolocation.take().or_else(named);
        } else if is("code") && self.code.is_none() {
            self.code = text.parse().ok();
            // The exchange of old tokens documents words, and not where they stand.
            if self.code.is_none() && self.error.is_none() {
                self.error = display_text::clean(&text, 64);
            }
        } else if is("error") {
            self.error = display_text::clean(&text, 64).or(self.error.take());
        }
    }

    /// Sets a field of an XML document. Where a field is repeated, the first counts.
    fn set(&mut self, name: &str, text: &str) {
        let (field, limit) = if name.eq_ignore_ascii_case("Message") {
            (&mut self.message, 256)
        } else if name.eq_ignore_ascii_case("Id") {
            (&mut self.id, 64)
        } else if name.eq_ignore_ascii_case("Server-Time") {
            (&mut self.server_time, 64)
        } else {
            return;
        };
        if field.is_none() {
            *field = display_text::clean(text, limit);
        }
    }
}
