//! Concur's documents, in XML or JSON.

use std::fmt::Write;
use std::time::SystemTime;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

impl Format {
    /// Returns the format that a request asks for by `Accept`.
    pub(crate) fn of(request: &Request<Vec<u8>>) -> Self {
        let accept = request.headers().get(ACCEPT);
        let accept = accept.and_then(|accept| accept.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("json")) {
            Self::Json
        } else {
            Self::Xml
        }
    }
}

/// A document: the name of its root, and its fields.
pub(crate) struct Document {
    root: &'static str,
    fields: Fields,
    /// Whether the root has its name in JSON too.
    rooted: bool,
}

/// Elements, by name and in order.
pub(crate) type Fields = Vec<(&'static str, Node)>;

/// The content of an element.
pub(crate) enum Node {
    Text(String),
    /// None: `i:nil` in XML, `null` in JSON.
    Nil,
    Fields(Fields),
    /// Elements of one name; an array in JSON.
    List(&'static str, Vec<Fields>),
}

impl From<Option<String>> for Node {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Nil, Self::Text)
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Document {
    pub(crate) fn new(root: &'static str, fields: Fields) -> Self {
        Self {
            root,
            fields,
            rooted: true,
        }
    }

    /// A document that has a root in XML alone.
    pub(crate) fn without_root_in_json(root: &'static str, fields: Fields) -> Self {
        Self {
            rooted: false,
            ..Self::new(root, fields)
        }
    }

    pub(crate) fn access_token(
        instance_url: &str,
        token: &str,
        expires_at: SystemTime,
        refresh_token: Option<&str>,
    ) -> Self {
        let instance_url = instance_url.trim_end_matches('/');
        let expires = date(expires_at, "%-m/%-d/%Y %-I:%M:%S %p");
        let mut fields = vec![
            ("Instance_Url", format!("{instance_url}/").into()),
            ("Token", token.to_owned().into()),
            ("Expiration_date", expires.into()),
        ];
        fields.extend(refresh_token.map(|token| ("Refresh_Token", token.to_owned().into())));
        Self::new("Access_Token", fields)
    }

    pub(crate) fn error(message: &str, id: &str, now: SystemTime) -> Self {
        let fields = vec![
            ("Message", message.to_owned().into()),
            ("Server-Time", date_and_time(now).into()),
            ("Id", id.to_owned().into()),
        ];
        Self::new("Error", fields)
    }

    pub(crate) fn into_response(self, status: StatusCode, format: Format) -> Response<Vec<u8>> {
        let (media, body) = match format {
            Format::Xml => ("application/xml; charset=utf-8", self.xml()),
            Format::Json => ("application/json; charset=utf-8", self.json()),
        };
        let mut response = Response::new(body.into_bytes());
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(media));
        response
    }

    /// Writes XML with CRLF and without a declaration, as Concur does.
    fn xml(&self) -> String {
        let root = self.root;
        let mut inner = String::new();
        write_fields(&self.fields, 1, &mut inner);
        // Only documents with empty elements declare the namespace.
        let namespace = if inner.contains("i:nil=") {
            " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\""
        } else {
            ""
        };
        format!("<{root}{namespace}>\r\n{inner}</{root}>\r\n")
    }

    fn json(&self) -> String {
        let fields = json(&self.fields);
        if self.rooted {
            Value::from_iter([(self.root, fields)]).to_string()
        } else {
            fields.to_string()
        }
    }
}

fn write_fields(fields: &Fields, depth: usize, xml: &mut String) {
    let indent = "  ".repeat(depth);
    for (name, node) in fields {
        let inner = match node {
            Node::Text(text) => escaped(text),
            Node::Nil => {
                let _ = write!(xml, "{indent}<{name} i:nil=\"true\" />\r\n");
                continue;
            }
            Node::Fields(fields) => nested(depth, |inner| write_fields(fields, depth + 1, inner)),
            Node::List(item, items) => nested(depth, |inner| {
                for fields in items {
                    let text = nested(depth + 1, |inner| write_fields(fields, depth + 2, inner));
                    let _ = write!(inner, "{indent}  <{item}>{text}</{item}>\r\n");
                }
            }),
        };
        let _ = write!(xml, "{indent}<{name}>{inner}</{name}>\r\n");
    }
}

/// Returns what stands between two tags, on lines of its own.
fn nested(depth: usize, write: impl FnOnce(&mut String)) -> String {
    let mut inner = "\r\n".to_owned();
    write(&mut inner);
    inner.push_str(&"  ".repeat(depth));
    inner
}

fn json(fields: &Fields) -> Value {
    let fields = fields.iter().map(|(name, node)| {
        let value = match node {
            Node::Text(text) => Value::from(text.as_str()),
            Node::Nil => Value::Null,
            Node::Fields(fields) => json(fields),
            Node::List(_, items) => items.iter().map(json).collect(),
        };
        ((*name).to_owned(), value)
    });
    fields.collect::<Map<_, _>>().into()
}

/// Formats a time like `2016-09-25T13:36:50`.
pub(crate) fn date_and_time(time: SystemTime) -> String {
    date(time, "%Y-%m-%dT%H:%M:%S")
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Formats a time. Outside of the years that jiff knows, the text is empty.
fn date(time: SystemTime, format: &str) -> String {
    Timestamp::try_from(time)
        .map(|time| time.strftime(format).to_string())
        .unwrap_or_default()
}
