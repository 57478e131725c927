//! The connection-request service.

use std::time::SystemTime;

use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};

use super::ErrorResponse;
use crate::emulator::Emulator;
use crate::http::document::{Document, Node};
use crate::http::request::{parameters, segment};
use crate::state::connection_requests::{Code, ConnectionRequest, Version};

const NOT_FOUND: ErrorResponse = (StatusCode::NOT_FOUND, "There is no such connection request");

/// The version of the service that a request is for, and whether it is for one connection request.
pub(super) struct Route {
    version: Version,
    one: bool,
}

impl Route {
    /// Reads it from a normalized path.
    pub(super) fn of(path: &str) -> Option<Self> {
        let (version, rest) = path.strip_prefix("/api/v3.")?.split_at_checked(1)?;
        let version = match version {
            "0" => Version::V3_0,
            "1" => Version::V3_1,
            "2" => Version::V3_2,
            _ => return None,
        };
        let rest = rest.strip_prefix("/common/connectionrequests")?;
        let one = match rest.split('/').count() {
            1 if rest.is_empty() => false,
            2 => true,
            _ => return None,
        };
        Some(Self { version, one })
    }
}

impl Emulator {
    pub(super) fn connection_requests(
        &mut self,
        route: &Route,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Option<Document>, ErrorResponse> {
        let key = self.supplier(request, now)?;
        let path = request.uri().path();
        let id = segment(
            path.trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default(),
        );
        match (request.method(), route.one) {
            (&Method::GET, false) => self.list(&key, route.version, request).map(Some),
            (&Method::GET, true) => {
                let found = self.connections.find(&id).filter(|found| found.key == key);
                let fields = found
                    .ok_or(NOT_FOUND)?
                    .fields(route.version, &self.instance_url);
                Ok(Some(Document::without_root_in_json(
                    "ConnectionRequest",
                    fields,
                )))
            }
            (&Method::POST, false) => self.create(&key, route.version, request, now).map(Some),
            (&Method::PUT, true) => {
                let code = reported(route.version, request)?;
                let found = self.connections.report(&key, &id, code, now);
                found.then_some(None).ok_or(NOT_FOUND)
            }
            (&Method::DELETE, true) => {
                let found = self.connections.delete(&key, &id);
                found.then_some(None).ok_or(NOT_FOUND)
            }
            _ => Err(super::NOTHING),
        }
    }

    /// Returns the key or client ID of the application that asks: by an administrator's token of the older service, or by
    /// a token of the newer one, whose application has the scope `CONREQ`.
    fn supplier(
        &self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<String, ErrorResponse> {
        let Some(token) = self.authorized(request, now) else {
            return Ok(self.administrator(request, now)?.key.clone());
        };
        let application = self.v0.application(&token.client_id);
        let may = application.is_some_and(|known| known.scopes.iter().any(|has| has == "CONREQ"));
        may.then(|| token.client_id.clone())
            .ok_or((StatusCode::FORBIDDEN, "The application has no scope CONREQ"))
    }

    fn list(
        &self,
        key: &str,
        version: Version,
        request: &Request<Vec<u8>>,
    ) -> Result<Document, ErrorResponse> {
        let parameters = parameters(request);
        let number = |name: &str, default: usize| match parameters.get(name) {
            None => Some(default),
            Some(text) => text.parse().ok(),
        };
        let limit = number("limit", 5).filter(|limit| (1..=10).contains(limit));
        let (limit, offset) = limit.zip(number("offset", 0)).ok_or((
            StatusCode::BAD_REQUEST,
            "The limit is from 1 to 10, and the offset is a page's",
        ))?;
        let status = parameters.get("status").map_or("pending", String::as_str);
        let (page, next) = self.connections.page(key, status, offset, limit);
        let items = page
            .iter()
            .map(|request| request.fields(version, &self.instance_url))
            .collect();
        let next = next.map(|offset| {
            let path = request.uri().path();
            let instance = self.instance_url.trim_end_matches('/');
            format!("{instance}{path}?status={status}&offset={offset}&limit={limit}")
        });
        let fields = vec![
            ("Items", Node::List("ConnectionRequest", items)),
            ("NextPage", next.into()),
        ];
        Ok(Document::without_root_in_json("ConnectionRequests", fields))
    }

    fn create(
        &mut self,
        key: &str,
        version: Version,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Document, ErrorResponse> {
        let parameters = parameters(request);
        let login_id = parameters.get("user").map_or("", String::as_str);
        if !self.has_user(login_id) && self.v0.principal(login_id).is_none() {
            return Err((StatusCode::NOT_FOUND, "There is no such user"));
        }
        let id = self.add_connection_request(ConnectionRequest::new(key, login_id), now);
        let uri = version.uri(&self.instance_url, &id);
        let fields = vec![("ID", id.into()), ("URI", uri.into())];
        Ok(Document::without_root_in_json("ConnectionRequest", fields))
    }
}

/// Returns the code in a `PUT`: XML or JSON, in this version's spelling.
fn reported(version: Version, request: &Request<Vec<u8>>) -> Result<Code, ErrorResponse> {
    let field = match version {
        Version::V3_0 | Version::V3_1 => "Status",
        Version::V3_2 => "status",
    };
    let typed = request.headers().get(CONTENT_TYPE);
    let typed = typed.map_or(&[][..], |typed| typed.as_bytes());
    let code = if typed.starts_with(b"application/xml") {
        code_in_xml(field, request.body())
    } else if typed.starts_with(b"application/json") {
        code_in_json(field, request.body())
    } else {
        None
    };
    code.ok_or((
        StatusCode::BAD_REQUEST,
        "The body is not a connection request's status",
    ))
}

fn code_in_xml(field: &str, body: &[u8]) -> Option<Code> {
    let document = roxmltree::Document::parse(std::str::from_utf8(body).ok()?).ok()?;
    let root = document.root_element();
    let mut fields = root.children().filter(|child| child.has_tag_name(field));
    let code = Code::read(fields.next()?.text()?);
    code.filter(|_| root.has_tag_name("ConnectionRequest"))
}

fn code_in_json(field: &str, body: &[u8]) -> Option<Code> {
    let document: serde_json::Value = serde_json::from_slice(body).ok()?;
    Code::read(document.get(field)?.as_str()?)
}
