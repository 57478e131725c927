//! A heap that counts.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's heap, with what is asked of it counted. Make it the `#[global_allocator]`.
#[derive(Debug)]
pub struct Heap;

static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

impl Heap {
    /// How many blocks were asked for so far, and how many bytes.
    #[must_use]
    pub fn asked() -> (usize, usize) {
        (BLOCKS.load(Relaxed), BYTES.load(Relaxed))
    }

    /// How many bytes are in use.
    #[must_use]
    pub fn live() -> usize {
        LIVE.load(Relaxed)
    }

    /// The most bytes that were in use at once, since it was asked last.
    #[must_use]
    pub fn take_peak() -> usize {
        PEAK.swap(Self::live(), Relaxed)
    }
}

// `realloc` is left to its default, which allocates anew, and so is counted.
// SAFETY: `System` keeps the contract, and counting does not touch a block.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BLOCKS.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size(), Relaxed);
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the block came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}
