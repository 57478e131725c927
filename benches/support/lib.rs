//! What the benches share: the documents they parse, how each peer parses them, and a server.

mod engine;
mod heap;
mod peers;
mod server;

pub use engine::Engine;
pub use heap::Heap;
pub use peers::{
    QuickXmlPage, QuickXmlToken, SerdeToken, our_page, our_v0, ours, quick_xml, quick_xml_page,
    roxmltree, serde_v0, tokenize,
};
pub use server::{REQUEST, Server};

use concur_oauth_core::net2::NativeFlow;
use concur_oauth_core::{BaseUrl, ConsumerKey, Credentials};

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

/// A document of about this many bytes, most of them ampersands that begin nothing, in its token.
#[must_use]
pub fn ampersands_of(bytes: usize) -> String {
    let ampersands = "&".repeat(bytes);
    format!("<Access_Token><Token><![CDATA[{ampersands}\r]]></Token></Access_Token>")
}

/// A token document of `v0`, in the form that was observed in 2023, with an access token of 2,500 bytes.
#[must_use]
pub fn v0_document() -> String {
    let (token, id_token) = ("eyJ0eXAiOi".repeat(250), "eyJ0eXAiOi".repeat(90));
    format!(
        r#"{{"expires_in":3600,"scope":"openid expense.report.read expense.report.readwrite user_read","token_type":"Bearer","access_token":"{token}","refresh_token":"2d725xipty0z7ha3vlpy8b2c3hqxmw","refresh_expires_in":1703696549,"geolocation":"https://us2.api.concursolutions.com","id_token":"{id_token}"}}"#
    )
}

/// A page of connection requests of v3.2, as many as this.
#[must_use]
pub fn page_of(items: usize) -> String {
    let item = |number: usize| {
        format!(
            "    <ConnectionRequest>\r
      <firstName>John</firstName>\r
      <middleName i:nil=\"true\" />\r
      <lastName>Developer &amp; Co</lastName>\r
      <loyaltyNumber>{number:08}</loyaltyNumber>\r
      <requestToken>0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ</requestToken>\r
      <status>Pending</status>\r
      <userId>john_developer@hotmail.com</userId>\r
      <lastModified>2016-09-25T13:36:50</lastModified>\r
      <ID>gWsmN$pf1iVvKKLXN7mLQ8Zz9PAkvxg{number}</ID>\r
      <URI>https://www.concursolutions.com/api/v3.2/common/connectionrequests/gWsmN$pf1iVvKKLXN7mLQ8Zz9PAkvxg{number}</URI>\r
      <emailAddresses>\r
        <email1>john_developer@hotmail.com</email1>\r
        <email2 i:nil=\"true\" />\r
        <email3 i:nil=\"true\" />\r
        <email4 i:nil=\"true\" />\r
        <email5 i:nil=\"true\" />\r
      </emailAddresses>\r
    </ConnectionRequest>\r
"
        )
    };
    let items: String = (0..items).map(item).collect();
    format!(
        "<ConnectionRequests xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">\r
  <Items>\r
{items}  </Items>\r
  <NextPage>https://www.concursolutions.com/api/v3.2/common/connectionrequests?offset=2&amp;limit=10</NextPage>\r
</ConnectionRequests>\r
"
    )
}

/// The Native flow with the sample account of Concur's documentation.
///
/// # Panics
///
/// Never: the sample is well-formed.
#[must_use]
pub fn flow(base_url: &BaseUrl) -> NativeFlow {
    let key = ConsumerKey::new("hj7683jslks93lalkjss93").unwrap();
    let credentials =
        Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012");
    NativeFlow::new(base_url.clone(), key, credentials.unwrap())
}
