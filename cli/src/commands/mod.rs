//! The commands, one file or folder each.

pub(crate) mod auto_connect;
pub(crate) mod doctor;
pub(crate) mod emulator;
pub(crate) mod forget;
pub(crate) mod generate;
pub(crate) mod grants;
pub(crate) mod keep_alive;
pub(crate) mod native;
pub(crate) mod refresh;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod v0;
pub(crate) mod web;
