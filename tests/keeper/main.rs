//! The keeper for threads, over real sockets, real files and the emulator's clock.
#![cfg(all(feature = "blocking", feature = "keeper"))]

mod concur;
mod threads;
mod trouble;
