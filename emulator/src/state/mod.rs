//! What the emulator knows.

pub(crate) mod application;
pub(crate) mod connection_requests;
pub(crate) mod grants;
pub(crate) mod random;
pub(crate) mod user;
pub(crate) mod v0;
