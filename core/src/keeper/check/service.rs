//! Concur, as far as refresh tokens go: which of them it takes, and what it gives for one.

/// What the service does with the refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// It stays, and no other comes.
    Same,
    /// Another comes, and the old one stays good.
    KeepOld,
    /// Another comes, and the old one stays good until that is used.
    Grace,
    /// Another comes, and the old one is dead.
    KillOld,
    /// The same, and a dead refresh token that is sent ends all the others.
    Family,
}

pub(super) const KINDS: [Kind; 5] = [
    Kind::Same,
    Kind::KeepOld,
    Kind::Grace,
    Kind::KillOld,
    Kind::Family,
];

/// Numbers stand for tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Service {
    pub(super) kind: Kind,
    valid: u32,
    next_refresh: u8,
    next_access: u8,
    /// The first refresh token of the consent.
    first: u8,
}

/// A pair of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pair {
    /// Grows with each that is issued.
    pub(super) access: u8,
    pub(super) refresh: u8,
}

impl Service {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            valid: 1 << 1,
            next_refresh: 2,
            next_access: 2,
            first: 1,
        }
    }

    pub(super) fn is_good(&self, refresh: u8) -> bool {
        refresh < 32 && self.valid & (1 << refresh) != 0
    }

    /// Issues the tokens of a new consent, which ends those before.
    pub(super) fn consent(&mut self) -> Pair {
        let refresh = if self.kind == Kind::Same {
            self.first
        } else {
            self.issue()
        };
        self.valid = 1 << refresh;
        self.first = refresh;
        self.pair(refresh)
    }

    pub(super) fn end(&mut self) {
        self.valid = 0;
    }

    /// Responds to a refresh.
    pub(super) fn refresh(&mut self, refresh: u8) -> Option<Pair> {
        if !self.is_good(refresh) {
            if self.kind == Kind::Family && refresh >= self.first {
                self.valid = 0;
            }
            return None;
        }
        if self.kind == Kind::Same {
            return Some(self.pair(refresh));
        }
        let new = self.issue();
        self.valid = match self.kind {
            Kind::KeepOld => self.valid | 1 << new,
            Kind::Grace => 1 << new | 1 << refresh,
            _ => 1 << new,
        };
        Some(self.pair(new))
    }

    fn issue(&mut self) -> u8 {
        self.next_refresh += 1;
        self.next_refresh - 1
    }

    fn pair(&mut self, refresh: u8) -> Pair {
        self.next_access += 1;
        let access = self.next_access - 1;
        Pair { access, refresh }
    }
}
