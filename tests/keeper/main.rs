//! The keepers, over real sockets, real files and the emulator's clock.
#![cfg(all(
    feature = "blocking",
    feature = "hyper",
    feature = "smol",
    feature = "keeper"
))]

mod concur;
mod tasks;
mod threads;
mod trouble;
