//! Which faults can happen.

/// Which faults can happen, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    pub(super) processes: usize,
    /// For how many ticks in all a process can stand still that could go on.
    pub(super) stall: u8,
    pub(super) crashes: u8,
    /// Requests or responses that are lost.
    pub(super) lost: u8,
    /// Store requests that fail without effect.
    pub(super) store_errors: u8,
    /// Store requests that have their effect, and fail.
    pub(super) lost_acks: u8,
    /// The store forgets its last write that moved the version.
    pub(super) goes_back: u8,
    pub(super) puts: u8,
    pub(super) forgets: u8,
    pub(super) clock_steps: u8,
    /// Whether a process that renews can also be the one that a user puts and forgets with.
    pub(super) own_users: bool,
    /// Whether the access token has expired at the start. Otherwise it is due.
    pub(super) expired: bool,
}

impl Faults {
    pub(super) const NONE: Self = Self {
        processes: 2,
        stall: 0,
        crashes: 0,
        lost: 0,
        store_errors: 0,
        lost_acks: 0,
        goes_back: 0,
        puts: 0,
        forgets: 0,
        clock_steps: 0,
        own_users: false,
        expired: false,
    };
}
