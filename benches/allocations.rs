//! Heap allocations and the bytes they ask for, counted.

use std::hint::black_box;
use std::time::SystemTime;

use concur_oauth_benches::{
    DOCUMENT, Heap, flow, our_page, ours, page_of, quick_xml, quick_xml_page, roxmltree, tokenize,
};
use concur_oauth_core::{BaseUrl, Exchange, ResponseContext};

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
    let page = page_of(10);
    count("page of ten, concur-oauth", None, || {
        our_page(&page, &context)
    });
    count("page of ten, quick-xml with serde", None, || {
        quick_xml_page(page.as_bytes())
    });
    let native = flow(&base_url);
    count("into_request", Some(8), || native.into_request());
    count("from credentials to request", None, || {
        flow(&base_url).into_request()
    });
}
