//! Formats that Concur's messages are written in.

pub(crate) mod authority;
pub(crate) mod date;
pub(crate) mod display_text;
pub(crate) mod json;
pub(crate) mod percent;
pub mod xml;

/// What a service writes its documents in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `net2` and the connection requests.
    Xml,
    /// `v0`.
    Json,
}

impl Format {
    /// Returns the media type to ask for.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml",
            Self::Json => "application/json",
        }
    }
}
