//! Each way to parse an access-token document.

use std::hint::black_box;

use concur_oauth_core::auto_connect::{ConnectionRequests, ListConnectionRequests};
use concur_oauth_core::net2::NativeFlow;
use concur_oauth_core::v0::PasswordGrant;
use concur_oauth_core::{AccessToken, Exchange, ResponseContext};
use serde::Deserialize;
use xmlparser::Tokenizer;

/// Ours: to a token, an instant and the user's base URL.
///
/// # Panics
///
/// Where the document is not one.
#[must_use]
pub fn ours(document: &str, context: &ResponseContext) -> AccessToken {
    NativeFlow::parse(http::Response::new(document.as_bytes()), context).unwrap()
}

/// The floor: tokens, looked at and dropped.
///
/// # Panics
///
/// Where the document is not one.
pub fn tokenize(document: &str) {
    for token in Tokenizer::from(document) {
        black_box(token.unwrap());
    }
}

/// What quick-xml makes of the document: four texts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs)]
pub struct QuickXmlToken {
    #[serde(rename = "Instance_Url")]
    pub instance_url: String,
    pub token: String,
    #[serde(rename = "Expiration_date")]
    pub expiration_date: String,
    #[serde(rename = "Refresh_Token")]
    pub refresh_token: String,
}

/// quick-xml with serde: expiry and base URL stay text.
///
/// # Panics
///
/// Where the document is not one.
#[must_use]
pub fn quick_xml(document: &[u8]) -> QuickXmlToken {
    // From bytes, as they come off the wire.
    quick_xml::de::from_str(std::str::from_utf8(document).unwrap()).unwrap()
}

/// roxmltree: a tree, and the four texts found in it.
///
/// # Panics
///
/// Where the document is not one.
#[must_use]
pub fn roxmltree(document: &[u8]) -> [Option<String>; 4] {
    let text = std::str::from_utf8(document).unwrap();
    let tree = roxmltree::Document::parse(text).unwrap();
    let fields = ["Instance_Url", "Token", "Expiration_date", "Refresh_Token"];
    fields.map(|name| {
        let mut children = tree.root_element().children();
        let field = children.find(|child| child.has_tag_name(name))?;
        field.text().map(ToOwned::to_owned)
    })
}

/// Ours: a page to connection requests, with their dates and where the next page is.
///
/// # Panics
///
/// Where the document is not one.
pub fn our_page(document: &str, context: &ResponseContext) -> ConnectionRequests {
    ListConnectionRequests::parse(http::Response::new(document.as_bytes()), context).unwrap()
}

/// What quick-xml makes of a page: texts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs)]
pub struct QuickXmlPage {
    pub items: QuickXmlItems,
    pub next_page: Option<String>,
}

/// Its items.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct QuickXmlItems {
    #[serde(rename = "ConnectionRequest")]
    pub requests: Vec<QuickXmlRequest>,
}

/// One of them, with the fields that ours reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct QuickXmlRequest {
    #[serde(rename = "ID")]
    pub id: String,
    pub first_name: Option<String>,
    pub middle_name: Option<String>,
    pub last_name: Option<String>,
    pub loyalty_number: Option<String>,
    pub request_token: String,
    pub status: Option<String>,
    pub user_id: Option<String>,
    pub last_modified: Option<String>,
    pub email_addresses: QuickXmlEmails,
}

/// Its e-mail addresses.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct QuickXmlEmails {
    pub email1: Option<String>,
    pub email2: Option<String>,
    pub email3: Option<String>,
    pub email4: Option<String>,
    pub email5: Option<String>,
}

/// quick-xml with serde: dates and the next page stay text.
///
/// # Panics
///
/// Where the document is not one.
#[must_use]
pub fn quick_xml_page(document: &[u8]) -> QuickXmlPage {
    quick_xml::de::from_str(std::str::from_utf8(document).unwrap()).unwrap()
}

/// Parses a token document of `v0` with concur-oauth.
///
/// # Panics
///
/// Where the document has no token.
#[must_use]
pub fn our_v0(document: &[u8], context: &ResponseContext) -> AccessToken {
    PasswordGrant::parse(http::Response::new(document), context).unwrap()
}

/// The fields of a token document of `v0`, as a client that is written by hand has them.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are Concur's")]
pub struct SerdeToken {
    pub expires_in: u64,
    pub scope: String,
    pub token_type: String,
    pub access_token: String,
    pub refresh_token: String,
    pub refresh_expires_in: u64,
    pub geolocation: String,
    pub id_token: String,
}

/// Parses a token document of `v0` with serde.
///
/// # Panics
///
/// Where the document is not of this form.
#[must_use]
pub fn serde_v0(document: &[u8]) -> SerdeToken {
    serde_json::from_slice(document).unwrap()
}
