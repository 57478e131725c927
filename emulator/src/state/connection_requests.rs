//! Connection requests: users that pressed Connect for a TripLink supplier.

use std::time::SystemTime;

use super::random;
use crate::http::document::{Fields, Node, date_and_time};

/// A connection request: a user gives their membership at a supplier, and consents.
///
/// ```
/// # use concur_oauth_emulator::{ConnectionRequest, Emulator};
/// # use std::time::SystemTime;
/// let mut emulator = Emulator::with_sample_account();
/// let request = ConnectionRequest::new("hj7683jslks93lalkjss93", "john_developer@hotmail.com")
///     .with_loyalty_number("0042")
///     .with_name("John", "Developer");
/// let id = emulator.add_connection_request(request, SystemTime::now());
/// assert_eq!(emulator.reported(&id), None);
/// ```
#[derive(Debug, Clone)]
pub struct ConnectionRequest {
    pub(crate) key: String,
    pub(crate) login_id: String,
    /// The ID of a user of the newer service.
    pub(crate) user_id: Option<String>,
    pub(crate) code: String,
    id: String,
    pub(crate) loyalty_number: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) middle_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) email_addresses: Vec<String>,
    reported: Option<Code>,
    last_modified: SystemTime,
}

impl ConnectionRequest {
    /// Creates a connection request of the user with this login ID to the application with this consumer key. Its
    /// request token is valid for 15 minutes from when the request is added.
    #[must_use]
    pub fn new(consumer_key: impl Into<String>, login_id: impl Into<String>) -> Self {
        Self {
            key: consumer_key.into(),
            login_id: login_id.into(),
            user_id: None,
            code: random::code(),
            id: random::id(),
            loyalty_number: None,
            first_name: None,
            middle_name: None,
            last_name: None,
            email_addresses: Vec::new(),
            reported: None,
            last_modified: SystemTime::UNIX_EPOCH,
        }
    }

    /// Sets the loyalty number that the user typed.
    #[must_use]
    pub fn with_loyalty_number(mut self, number: impl Into<String>) -> Self {
        self.loyalty_number = Some(number.into());
        self
    }

    /// Sets the user's first and last name.
    #[must_use]
    pub fn with_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.first_name = Some(first.into());
        self.last_name = Some(last.into());
        self
    }

    /// Sets the user's middle name.
    #[must_use]
    pub fn with_middle_name(mut self, name: impl Into<String>) -> Self {
        self.middle_name = Some(name.into());
        self
    }

    /// Adds an e-mail address of the user. Concur shows five.
    #[must_use]
    pub fn with_email(mut self, address: impl Into<String>) -> Self {
        self.email_addresses.push(address.into());
        self
    }

    /// Sets the request token. An empty one means none.
    #[must_use]
    pub fn with_request_token(mut self, request_token: impl Into<String>) -> Self {
        self.code = request_token.into();
        self
    }

    /// Returns the fields of a document, in this version's spelling.
    pub(crate) fn fields(&self, version: Version, instance_url: &str) -> Fields {
        let text = |text: &Option<String>| Node::from(text.clone());
        let code = (!self.code.is_empty()).then(|| self.code.clone());
        let status = self.status().to_owned();
        let [first, middle, last, loyalty, token, stands, modified] = version.names();
        let mut fields = vec![
            (first, text(&self.first_name)),
            (middle, text(&self.middle_name)),
            (last, text(&self.last_name)),
            (loyalty, text(&self.loyalty_number)),
            (token, code.into()),
            (stands, status.into()),
            (modified, date_and_time(self.last_modified).into()),
            ("ID", self.id.clone().into()),
            ("URI", version.uri(instance_url, &self.id).into()),
        ];
        let emails = |names: [&'static str; 5]| {
            let emails = self.email_addresses.iter().cloned().map(Some);
            let emails = emails.chain(std::iter::repeat(None)).map(Node::from);
            Node::Fields(names.into_iter().zip(emails).collect())
        };
        match version {
            Version::V3_0 => {}
            Version::V3_1 => fields.push((
                "EmailAddresses",
                emails(["Email1", "Email2", "Email3", "Email4", "Email5"]),
            )),
            Version::V3_2 => {
                let user_id = self.user_id.as_ref().unwrap_or(&self.login_id);
                fields.push(("userId", user_id.clone().into()));
                let names = ["email1", "email2", "email3", "email4", "email5"];
                fields.push(("emailAddresses", emails(names)));
            }
        }
        fields
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn status(&self) -> &'static str {
        self.reported.map_or("Pending", Code::status)
    }
}

/// The versions of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V3_0,
    V3_1,
    V3_2,
}

impl Version {
    /// Returns the URI of a connection request.
    pub(crate) fn uri(self, instance_url: &str, id: &str) -> String {
        let minor = match self {
            Self::V3_0 => 0,
            Self::V3_1 => 1,
            Self::V3_2 => 2,
        };
        let instance_url = instance_url.trim_end_matches('/');
        format!("{instance_url}/api/v3.{minor}/common/connectionrequests/{id}")
    }

    fn names(self) -> [&'static str; 7] {
        if self == Self::V3_2 {
            [
                "firstName",
                "middleName",
                "lastName",
                "loyaltyNumber",
                "requestToken",
                "status",
                "lastModified",
            ]
        } else {
            [
                "FirstName",
                "MiddleName",
                "LastName",
                "LoyaltyNumber",
                "RequestToken",
                "Status",
                "LastModified",
            ]
        }
    }
}

/// The code of an outcome that a supplier reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(&'static str);

impl Code {
    pub(crate) fn read(code: &str) -> Option<Self> {
        const ALL: [&str; 7] = [
            "CRSUC", "CREU1", "CREU2", "CREU3", "CRPA1", "CRPA2", "CRRET",
        ];
        ALL.into_iter().find(|known| *known == code).map(Self)
    }

    fn status(self) -> &'static str {
        match self.0 {
            "CRSUC" => "Connected",
            "CRRET" => "Retry",
            _ => "Failed",
        }
    }
}

/// All connection requests, in the order in which they came. A deleted one leaves its place empty, so that the pages
/// of a list do not shift.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionRequests(Vec<Option<ConnectionRequest>>);

impl ConnectionRequests {
    pub(crate) fn add(&mut self, mut request: ConnectionRequest, now: SystemTime) -> String {
        request.last_modified = now;
        let id = request.id.clone();
        self.0.push(Some(request));
        id
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &ConnectionRequest> {
        self.0.iter().flatten()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&ConnectionRequest> {
        self.0.iter().flatten().find(|request| request.id == id)
    }

    /// Returns the code that was reported last.
    pub(crate) fn reported(&self, id: &str) -> Option<&str> {
        Some(self.find(id)?.reported?.0)
    }

    /// Records a report. Returns `false` if there is no such request.
    pub(crate) fn report(&mut self, key: &str, id: &str, code: Code, now: SystemTime) -> bool {
        let found = self.0.iter_mut().flatten();
        let mut found = found.filter(|request| request.id == id && request.key == key);
        let Some(request) = found.next() else {
            return false;
        };
        request.reported = Some(code);
        request.last_modified = now;
        true
    }

    /// Deletes one. Returns `false` if there is no such request.
    pub(crate) fn delete(&mut self, key: &str, id: &str) -> bool {
        let is_it = |request: &ConnectionRequest| request.id == id && request.key == key;
        let mut all = self.0.iter_mut();
        let found = all.find(|request| request.as_ref().is_some_and(is_it));
        found.is_some_and(|request| request.take().is_some())
    }

    /// Returns a page of those of an application with this status, and the offset of the next page.
    pub(crate) fn page(
        &self,
        key: &str,
        status: &str,
        offset: usize,
        limit: usize,
    ) -> (Vec<&ConnectionRequest>, Option<usize>) {
        let is_listed = |request: &ConnectionRequest| {
            request.key == key && status.eq_ignore_ascii_case(request.status())
        };
        let from_here = self.0.iter().enumerate().skip(offset);
        let mut listed = from_here
            .filter_map(|(at, request)| Some((at, request.as_ref().filter(|it| is_listed(it))?)));
        let page = listed.by_ref().take(limit).map(|(_, request)| request);
        let page = page.collect();
        (page, listed.next().map(|(at, _)| at))
    }
}
