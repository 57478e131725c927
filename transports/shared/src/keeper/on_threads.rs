//! A store whose calls block, for a keeper that awaits.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use concur_oauth_core::keeper::{
    AsyncStore, Store, StoreError, StoreFuture, StoreRequest, StoreResponse,
};

/// A store whose calls block, each on a thread of its own, so that they hold no task up.
///
/// There are few of them: some four for each renewal.
#[derive(Debug)]
pub struct OnThreads<S> {
    store: Arc<S>,
}

impl<S: Store + 'static> OnThreads<S> {
    /// Has the calls of this store run on threads.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
        }
    }
}

#[derive(Default)]
struct Slot {
    result: Option<Result<StoreResponse, StoreError>>,
    waker: Option<Waker>,
}

/// Fills the slot, also where the store panics.
struct Filler(Arc<Mutex<Slot>>);

impl Filler {
    fn fill(&self, result: Result<StoreResponse, StoreError>) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.result.get_or_insert(result);
        let waker = slot.waker.take();
        drop(slot);
        waker.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.fill(Err(StoreError::new(
            "the store's thread has ended: see why",
        )));
    }
}

impl<S: Store + 'static> AsyncStore for OnThreads<S> {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        let slot = Arc::new(Mutex::new(Slot::default()));
        let (store, filler) = (Arc::clone(&self.store), Filler(Arc::clone(&slot)));
        let thread = std::thread::Builder::new().name("concur-oauth-store".to_owned());
        // Where no thread can be started, the filler is dropped with what was to run on it.
        let started = thread.spawn(move || filler.fill(request.send(&*store)));
        drop(started);
        Box::pin(poll_fn(move |cx| {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            let result = slot.result.take();
            if result.is_none() {
                slot.waker = Some(cx.waker().clone());
            }
            result.map_or(Poll::Pending, Poll::Ready)
        }))
    }
}
