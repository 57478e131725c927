//! The words of Concur's connection-request service.

use std::fmt;

/// A version of Concur's connection-request service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Version {
    /// v3.0: no e-mail addresses.
    V3_0,
    /// v3.1: with e-mail addresses.
    V3_1,
    /// v3.2, the current one: with the user's ID too. The default.
    #[default]
    V3_2,
}

impl Version {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::V3_0 => "/api/v3.0/common/connectionrequests",
            Self::V3_1 => "/api/v3.1/common/connectionrequests",
            Self::V3_2 => "/api/v3.2/common/connectionrequests",
        }
    }
}

/// Which connection requests are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Status {
    /// Those that wait for the supplier: the default.
    #[default]
    Pending,
    /// Those that Concur says are being processed.
    Processing,
    /// Those that were reported [connected](Outcome::Connected).
    Connected,
    /// Those that were reported as failed.
    Failed,
    /// Those that the user is to try again.
    Retry,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Connected => "connected",
            Self::Failed => "failed",
            Self::Retry => "retry",
        }
    }
}

/// What became of a connection request, as Concur is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// `CRSUC`: the user is connected.
    Connected,
    /// `CREU1`: the supplier knows no such loyalty number.
    LoyaltyNumberNotFound,
    /// `CREU2`: the loyalty number is somebody else's by name.
    NameMismatch,
    /// `CREU3`: the loyalty account needs the user's attention.
    AccountNeedsAttention,
    /// `CRPA1`: the request token had expired.
    RequestTokenExpired,
    /// `CRPA2`: the network failed.
    NetworkError,
    /// `CRRET`: the user should try again.
    Retry,
}

impl Outcome {
    /// All that Concur documents.
    pub const DOCUMENTED: &'static [Self] = &[
        Self::Connected,
        Self::LoyaltyNumberNotFound,
        Self::NameMismatch,
        Self::AccountNeedsAttention,
        Self::RequestTokenExpired,
        Self::NetworkError,
        Self::Retry,
    ];

    /// Concur's code for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connected => "CRSUC",
            Self::LoyaltyNumberNotFound => "CREU1",
            Self::NameMismatch => "CREU2",
            Self::AccountNeedsAttention => "CREU3",
            Self::RequestTokenExpired => "CRPA1",
            Self::NetworkError => "CRPA2",
            Self::Retry => "CRRET",
        }
    }
}

impl fmt::Display for Outcome {
    /// In words, with Concur's code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Connected => "connected",
            Self::LoyaltyNumberNotFound => "loyalty number not found",
            Self::NameMismatch => "loyalty number and name differ",
            Self::AccountNeedsAttention => "the loyalty account needs attention",
            Self::RequestTokenExpired => "request token expired",
            Self::NetworkError => "network error",
            Self::Retry => "try again",
        };
        write!(f, "{words} ({})", self.code())
    }
}
