//! Documents that hold connection requests.

use std::borrow::Cow;

use super::{ConnectionRequest, ConnectionRequestId};
use crate::authorization::RequestToken;
use crate::document_warning::{FieldProblem, Warnings};
use crate::response::{self, BodyError};
use crate::wire::date;
use crate::wire::xml::{self, FieldText, Text, Value, Visit};

/// A page of connection requests, and the URI of the next.
pub(super) struct Page<'a> {
    pub(super) requests: Vec<ConnectionRequest>,
    pub(super) next: FieldText<'a>,
}

/// Reads a page of a list.
pub(super) fn read_page(body: &[u8]) -> Result<Page<'_>, BodyError> {
    let document = read(body, "ConnectionRequests")?;
    Ok(Page {
        next: document.next_page,
        requests: document.requests,
    })
}

/// Reads a document of one connection request.
pub(super) fn read_one(body: &[u8]) -> Result<ConnectionRequest, BodyError> {
    let mut document = read(body, "ConnectionRequest")?;
    document.requests.pop().ok_or(BodyError::OtherDocument)
}

fn read<'a>(body: &'a [u8], root: &str) -> Result<Document<'a>, BodyError> {
    let mut document = Document::default();
    xml::read(body, &mut document)?;
    if document.root.eq_ignore_ascii_case(root) {
        Ok(document)
    } else {
        Err(response::other_document(document.root))
    }
}

/// A document while it is read.
struct Document<'a> {
    /// The name of the root.
    root: &'a str,
    place: Place,
    /// How many elements are open that have no meaning here.
    skipped: usize,
    /// The value of the field that began last.
    value: Value<'a>,
    nil: bool,
    /// The fields of the connection request that began last.
    fields: [FieldText<'a>; NAMES.len()],
    emails: Vec<Cow<'a, str>>,
    requests: Vec<ConnectionRequest>,
    next_page: FieldText<'a>,
}

/// The innermost open element that has a meaning.
#[derive(Clone, Copy)]
enum Place {
    Outside,
    List,
    Items,
    Request,
    Emails,
    NextPage,
    Email,
    /// One of [`NAMES`].
    Field(usize),
}

/// How many connection requests a page has at most, as Concur documents it.
const PAGE: usize = 10;

/// The fields of a connection request. Versions differ in the case of their letters.
const NAMES: [&str; 9] = [
    "ID",
    "RequestToken",
    "LastModified",
    "Status",
    "LoyaltyNumber",
    "FirstName",
    "MiddleName",
    "LastName",
    "UserId",
];

impl Default for Document<'_> {
    fn default() -> Self {
        Self {
            root: "",
            place: Place::Outside,
            skipped: 0,
            value: Value::default(),
            nil: false,
            fields: NO_FIELDS,
            emails: Vec::new(),
            requests: Vec::new(),
            next_page: FieldText::Absent,
        }
    }
}

const NO_FIELDS: [FieldText<'_>; NAMES.len()] = [const { FieldText::Absent }; NAMES.len()];

impl<'a> Visit<'a> for Document<'a> {
    fn start(&mut self, name: &'a str, nil: bool) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let inner = match self.place {
            _ if self.skipped > 0 => None,
            Place::Outside => {
                self.root = name;
                // The root says which document it is: a list inside a list has no meaning.
                if is("ConnectionRequests") {
                    Some(Place::List)
                } else {
                    is("ConnectionRequest").then_some(Place::Request)
                }
            }
            Place::List if is("Items") => {
                self.requests.reserve(PAGE);
                Some(Place::Items)
            }
            Place::List if is("NextPage") => Some(Place::NextPage),
            Place::Items if is("ConnectionRequest") => Some(Place::Request),
            Place::Request if is("EmailAddresses") => Some(Place::Emails),
            Place::Request => NAMES.iter().position(|known| is(known)).map(Place::Field),
            Place::Emails => Some(Place::Email),
            Place::List | Place::Items => None,
            Place::NextPage | Place::Email | Place::Field(_) => {
                self.value = Value::Elements;
                None
            }
        };
        match inner {
            Some(place) => {
                self.place = place;
                self.value = Value::default();
                self.nil = nil;
            }
            None => self.skipped = self.skipped.saturating_add(1),
        }
    }

    fn text(&mut self, text: Text<'a>) {
        let in_field = matches!(self.place, Place::NextPage | Place::Email | Place::Field(_));
        if in_field && !self.nil {
            self.value.push(text);
        }
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped = self.skipped.saturating_sub(1);
            return;
        }
        self.place = match self.place {
            Place::Outside | Place::List => Place::Outside,
            Place::Items => Place::List,
            Place::Request => {
                self.finish_request();
                // After a single connection request nothing comes.
                Place::Items
            }
            Place::Emails => Place::Request,
            Place::NextPage => {
                self.next_page.add(std::mem::take(&mut self.value));
                Place::List
            }
            Place::Email => {
                if let Value::Text(text) = std::mem::take(&mut self.value) {
                    self.emails.push(text);
                }
                Place::Emails
            }
            Place::Field(index) => {
                if let Some(field) = self.fields.get_mut(index) {
                    field.add(std::mem::take(&mut self.value));
                }
                Place::Request
            }
        };
    }
}

impl Document<'_> {
    fn finish_request(&mut self) {
        let [id, request_token, last_modified, status, texts @ ..] =
            std::mem::replace(&mut self.fields, NO_FIELDS);
        let text = |field: &FieldText<'_>| field.text().map(Box::from);
        let [loyalty_number, first_name, middle_name, last_name, user_id] = &texts;
        let emails = std::mem::take(&mut self.emails);
        let mut warnings = Warnings::default();
        let unreadable = || FieldProblem::Unreadable;
        self.requests.push(ConnectionRequest {
            id: warnings.read_required("ID", &id, |text| {
                ConnectionRequestId::new(text).map_err(|_| unreadable())
            }),
            request_token: warnings.read_required("RequestToken", &request_token, |text| {
                RequestToken::new(text).map_err(|_| unreadable())
            }),
            last_modified: warnings.read("LastModified", &last_modified, |text| {
                date::year_first(text).ok_or_else(unreadable)
            }),
            status: text(&status),
            loyalty_number: text(loyalty_number),
            first_name: text(first_name),
            middle_name: text(middle_name),
            last_name: text(last_name),
            user_id: text(user_id),
            email_addresses: emails
                .iter()
                .map(|text| xml::trim(text))
                .filter(|text| !text.is_empty())
                .map(Box::from)
                .collect(),
            warnings: warnings.into_vec(),
        });
    }
}
