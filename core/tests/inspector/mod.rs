//! A global allocator that looks into every block on its way out.
//!
//! A block that is freed or outgrown with a secret in it is memory that anyone may get next.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

#[global_allocator]
static INSPECTOR: Inspector = Inspector;

struct Inspector;

static NEEDLES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
static FOUND: AtomicUsize = AtomicUsize::new(0);
static FREED: AtomicUsize = AtomicUsize::new(0);

// `realloc` is left to its default, which allocates anew and frees the old block here.
unsafe impl GlobalAlloc for Inspector {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that no block holds what an earlier one left, and all of it can be read.
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(needles) = NEEDLES.get() {
            FREED.fetch_add(1, Ordering::SeqCst);
            // SAFETY: the block is still allocated, and was zeroed, so all of it is initialised.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if needles.iter().any(|needle| holds(bytes, needle)) {
                FOUND.fetch_add(1, Ordering::SeqCst);
            }
        }
        // SAFETY: the block came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Looks for these from now on.
pub(crate) fn look_for(needles: Vec<Vec<u8>>) {
    NEEDLES.set(needles).expect("asked once");
}

/// How many blocks held one when they were freed, of how many.
pub(crate) fn found() -> (usize, usize) {
    (FOUND.load(Ordering::SeqCst), FREED.load(Ordering::SeqCst))
}

/// Proves that the inspector sees: frees a copy of each needle, and takes the finds off the count.
pub(crate) fn assert_sees() {
    let needles = NEEDLES.get().expect("asked");
    let before = FOUND.load(Ordering::SeqCst);
    for needle in needles {
        drop(needle.clone());
        let mut grown = needle.clone();
        grown.reserve(1 << 16);
        grown.fill(0);
    }
    let seen = FOUND.load(Ordering::SeqCst) - before;
    assert_eq!(seen, needles.len() * 2, "the inspector is blind");
    FOUND.store(before, Ordering::SeqCst);
}
