//! Documents that hold connection requests.

use std::borrow::Cow;

use super::ConnectionRequest;
use super::path;
use crate::field::{self, FieldError, Found};
use crate::response::{self, Unreadable};
use crate::xml::{self, Text, Value, Visit};
use crate::{RequestToken, date};

/// A page of connection requests, and where the next one is said to be.
pub(super) struct Page {
    pub(super) requests: Vec<ConnectionRequest>,
    pub(super) next: Found<String>,
}

pub(super) fn read_page(body: &[u8]) -> Result<Page, Unreadable> {
    let document = read(body, "ConnectionRequests")?;
    Ok(Page {
        next: field::read(&document.next_page, |text| Ok(text.to_owned())),
        requests: document.requests,
    })
}

/// A document of one connection request.
pub(super) fn read_one(body: &[u8]) -> Result<ConnectionRequest, Unreadable> {
    let mut document = read(body, "ConnectionRequest")?;
    document.requests.pop().ok_or(Unreadable::OtherDocument)
}

fn read<'a>(body: &'a [u8], root: &str) -> Result<Document<'a>, Unreadable> {
    let mut document = Document::default();
    xml::read(body, &mut document)?;
    if document.root.eq_ignore_ascii_case(root) {
        Ok(document)
    } else {
        Err(response::other_document(document.root))
    }
}

/// What is being read, and what was.
struct Document<'a> {
    /// The root's name.
    root: &'a str,
    place: Place,
    /// How many elements are open that mean nothing here.
    skipped: usize,
    /// What stands in the field that was begun last.
    value: Value<'a>,
    nil: bool,
    /// The connection request that was begun last.
    fields: [Found<Cow<'a, str>>; NAMES.len()],
    emails: Vec<Cow<'a, str>>,
    requests: Vec<ConnectionRequest>,
    next_page: Found<Cow<'a, str>>,
}

/// The element that was begun last, of those that mean something.
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
            next_page: Ok(None),
        }
    }
}

const NO_FIELDS: [Found<Cow<'_, str>>; NAMES.len()] = [const { Ok(None) }; NAMES.len()];

impl<'a> Visit<'a> for Document<'a> {
    fn start(&mut self, name: &'a str, nil: bool) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let inner = match self.place {
            _ if self.skipped > 0 => None,
            Place::Outside => {
                self.root = name;
                // Items with items of their own are not Concur's: the root says which it is.
                if is("ConnectionRequests") {
                    Some(Place::List)
                } else {
                    is("ConnectionRequest").then_some(Place::Request)
                }
            }
            Place::List if is("Items") => Some(Place::Items),
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
                // Of a single one, nothing comes after.
                Place::Items
            }
            Place::Emails => Place::Request,
            Place::NextPage => {
                field::meet(&mut self.next_page, std::mem::take(&mut self.value));
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
                    field::meet(field, std::mem::take(&mut self.value));
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
        let text = |field| field::read(field, |text| Ok(Box::from(text))).unwrap_or_default();
        let [loyalty_number, first_name, middle_name, last_name, user_id] = &texts;
        let emails = std::mem::take(&mut self.emails);
        self.requests.push(ConnectionRequest {
            id: needed(&id, |text| {
                path::check_id(text).map_err(|_| FieldError::Unreadable)?;
                Ok(Box::from(text))
            }),
            request_token: needed(&request_token, |text| {
                RequestToken::new(text).map_err(|_| FieldError::Unreadable)
            }),
            last_modified: field::read(&last_modified, |text| {
                date::year_first(text).ok_or(FieldError::Unreadable)
            }),
            status: text(&status),
            loyalty_number: text(loyalty_number),
            first_name: text(first_name),
            middle_name: text(middle_name),
            last_name: text(last_name),
            user_id: text(user_id),
            email_addresses: emails
                .iter()
                .map(|text| field::trim(text))
                .filter(|text| !text.is_empty())
                .map(Box::from)
                .collect(),
        });
    }
}

fn needed<T>(
    field: &Found<Cow<'_, str>>,
    read: impl FnOnce(&str) -> Result<T, FieldError>,
) -> Result<T, FieldError> {
    field::read(field, read)?.ok_or(FieldError::Missing)
}
