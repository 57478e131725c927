//! Heap allocations and the bytes they ask for, counted.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use concur_oauth_benches::{DOCUMENT, flow, ours, quick_xml, roxmltree, tokenize};
use concur_oauth_core::{Exchange, InstanceUrl};

#[global_allocator]
static COUNTER: Counter = Counter;

struct Counter;

static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

// `realloc` is left to its default, which allocates anew, and so is counted.
// SAFETY: `System` keeps the contract, and counting does not touch a block.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BLOCKS.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

fn count<T>(what: &str, most: Option<usize>, work: impl FnOnce() -> T) {
    let before = (BLOCKS.load(Relaxed), BYTES.load(Relaxed));
    let value = black_box(work());
    let blocks = BLOCKS.load(Relaxed) - before.0;
    let bytes = BYTES.load(Relaxed) - before.1;
    drop(value);
    let bound = most.map_or(String::new(), |most| format!(" (at most {most})"));
    println!("{what:<36} {blocks:>3} allocations{bound}, {bytes:>6} bytes");
    assert!(
        most.is_none_or(|most| blocks <= most),
        "{what}: {blocks} allocations"
    );
}

fn main() {
    let instance = InstanceUrl::default();
    count("parse, concur-oauth", Some(6), || ours(DOCUMENT, &instance));
    count("parse, tokenize", None, || tokenize(DOCUMENT));
    count("parse, quick-xml with serde", None, || {
        quick_xml(DOCUMENT.as_bytes())
    });
    count("parse, roxmltree", None, || roxmltree(DOCUMENT.as_bytes()));
    let native = flow();
    count("into_request", Some(8), || native.into_request(&instance));
    count("from credentials to request", None, || {
        flow().into_request(&instance)
    });
}
