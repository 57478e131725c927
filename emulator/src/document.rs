//! Concur's documents, in XML or JSON.

use std::time::SystemTime;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

/// A root with one level of text fields.
pub(crate) struct Document {
    root: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Document {
    pub(crate) fn access_token(
        instance_url: &str,
        token: &str,
        expires_at: SystemTime,
        refresh_token: Option<&str>,
    ) -> Self {
        let instance_url = instance_url.trim_end_matches('/');
        let refresh_token = refresh_token.map(|token| ("Refresh_Token", token.to_owned()));
        let mut fields = vec![
            ("Instance_Url", format!("{instance_url}/")),
            ("Token", token.to_owned()),
            (
                "Expiration_date",
                date(expires_at, "%-m/%-d/%Y %-I:%M:%S %p"),
            ),
        ];
        fields.extend(refresh_token);
        Self {
            root: "Access_Token",
            fields,
        }
    }

    pub(crate) fn error(message: &str, id: &str, now: SystemTime) -> Self {
        Self {
            root: "Error",
            fields: vec![
                ("Message", message.to_owned()),
                ("Server-Time", date(now, "%Y-%m-%dT%H:%M:%S")),
                ("Id", id.to_owned()),
            ],
        }
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

    /// With CRLF line ends and no declaration, as Concur is seen to write.
    fn xml(&self) -> String {
        let root = self.root;
        let lines = self.fields.iter();
        let lines = lines.map(|(name, value)| format!("  <{name}>{}</{name}>\r\n", escaped(value)));
        format!("<{root}>\r\n{}</{root}>\r\n", lines.collect::<String>())
    }

    fn json(&self) -> String {
        let fields: Map<_, _> = self
            .fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        let root = Map::from_iter([(self.root.to_owned(), Value::Object(fields))]);
        Value::Object(root).to_string()
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A time outside the years that jiff knows is no time that a test wants.
fn date(time: SystemTime, format: &str) -> String {
    Timestamp::try_from(time)
        .map(|time| time.strftime(format).to_string())
        .unwrap_or_default()
}
