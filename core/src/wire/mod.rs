//! Formats that Concur's messages are written in.

pub(crate) mod date;
pub(crate) mod display_text;
pub(crate) mod percent;
pub mod xml;
