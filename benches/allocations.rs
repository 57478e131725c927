//! Heap allocations and the bytes they ask for, counted.

use std::hint::black_box;
use std::time::SystemTime;

use concur_oauth_benches::{
    DOCUMENT, Heap, flow, our_page, our_v0, ours, page_of, quick_xml, quick_xml_page, roxmltree,
    serde_v0, tokenize, v0_document,
};
use concur_oauth_core::v0::{PasswordGrant, Refresh};
use concur_oauth_core::{
    Application, BaseUrl, ConsumerKey, Exchange, ResponseContext, Scope, SecretString,
};

#[global_allocator]
static HEAP: Heap = Heap;

fn count<T>(what: &str, most: Option<usize>, work: impl FnOnce() -> T) {
    let before = Heap::asked();
    let value = black_box(work());
    let after = Heap::asked();
    let (blocks, bytes) = (after.0 - before.0, after.1 - before.1);
    drop(value);
    let bound = most.map_or(String::new(), |most| format!(" (at most {most})"));
    println!("{what:<36} {blocks:>3} allocations{bound}, {bytes:>6} bytes");
    assert!(
        most.is_none_or(|most| blocks <= most),
        "{what}: {blocks} allocations"
    );
}

fn main() {
    let base_url = BaseUrl::US_PRODUCTION;
    let context = ResponseContext::new(base_url.clone(), SystemTime::now());
    count("parse, concur-oauth", Some(6), || ours(DOCUMENT, &context));
    count("parse, tokenize", None, || tokenize(DOCUMENT));
    count("parse, quick-xml with serde", None, || {
        quick_xml(DOCUMENT.as_bytes())
    });
    count("parse, roxmltree", None, || roxmltree(DOCUMENT.as_bytes()));
    let v0 = v0_document();
    let at_us2 = ResponseContext::new(BaseUrl::US2, SystemTime::now());
    count("parse of v0, concur-oauth", Some(9), || {
        our_v0(v0.as_bytes(), &at_us2)
    });
    count("parse of v0, serde_json", None, || serde_v0(v0.as_bytes()));
    let page = page_of(10);
    count("page of ten, concur-oauth", None, || {
        our_page(&page, &context)
    });
    count("page of ten, quick-xml with serde", None, || {
        quick_xml_page(page.as_bytes())
    });
    let (us2, id) = (
        BaseUrl::US2,
        ConsumerKey::new("3e5a7c1c-9e2b-4f0a").unwrap(),
    );
    let application = Application::new(id, "c6ad8a1f-0d6b-4d0e").unwrap();
    let refresh_token = SecretString::from("2d725xipty0z7ha3vlpy8b2c3hqxmw");
    let refresh = Refresh::new(&us2, &application, &refresh_token);
    count("into_request of v0, refresh", Some(8), || {
        refresh.into_request()
    });
    let grant = PasswordGrant::new(&us2, &application, "jo@example.com", "Travel&Expense$2012");
    let scopes = [Scope::EXPRPT, Scope::USER];
    let grant = grant.unwrap().with_scopes(&scopes);
    count("into_request of v0, password", Some(8), || {
        grant.into_request()
    });
    let native = flow(&base_url);
    count("into_request", Some(8), || native.into_request());
    count("from credentials to request", None, || {
        flow(&base_url).into_request()
    });
}
