//! Versions of the connection-request service.

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
