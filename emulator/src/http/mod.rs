//! What requests hold and how responses are written. It shares no code with the client.

pub(crate) mod document;
pub(crate) mod form;
pub(crate) mod page;
pub(crate) mod request;
mod scope_words;
