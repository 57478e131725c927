//! What the benches share: the documents they parse, how each peer parses them, and a server.
#![forbid(unsafe_code)]

mod peers;
mod server;

pub use peers::{QuickXmlToken, ours, quick_xml, roxmltree, tokenize};
pub use server::{REQUEST, Server};

use concur_oauth_core::{ConsumerKey, Credentials, NativeFlow};

/// The access-token document of Concur's documentation.
pub const DOCUMENT: &str = "<Access_Token>\r
  <Instance_Url>https://www.concursolutions.com/</Instance_Url>\r
  <Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token>\r
  <Expiration_date>9/25/2016 1:36:50 PM</Expiration_date>\r
  <Refresh_Token>AXvRqWeb77Lq9F2WK6TXLCSTuxpwZO6</Refresh_Token>\r
</Access_Token>\r
";

/// The document, with unknown fields before its end that make it about this many bytes long.
#[must_use]
pub fn document_of(bytes: usize) -> String {
    const FIELD: &str = "  <Extra a=\"b\">text &amp; more text</Extra>\r\n";
    let (start, end) = DOCUMENT.split_at(DOCUMENT.len() - "</Access_Token>\r\n".len());
    let fields = bytes.saturating_sub(DOCUMENT.len()) / FIELD.len();
    format!("{start}{}{end}", FIELD.repeat(fields))
}

/// The Native flow with the sample account of Concur's documentation.
///
/// # Panics
///
/// Never: the sample is well-formed.
#[must_use]
pub fn flow() -> NativeFlow {
    let credentials =
        Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012");
    NativeFlow::new(
        ConsumerKey::new("hj7683jslks93lalkjss93").unwrap(),
        credentials.unwrap(),
    )
}
