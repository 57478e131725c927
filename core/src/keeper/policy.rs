//! When a grant is renewed, and how long each step of that may last.

use std::time::Duration;

/// When a grant is renewed, and how long each step of that may last.
///
/// The defaults suit both services. All processes that share a store should have the same policy.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use std::time::Duration;
///
/// use concur_oauth::keeper::{Keeper, Policy};
///
/// let policy = Policy::default().deadline(Duration::from_secs(20));
/// assert!(Keeper::new(policy, 7).is_ok());
///
/// // Another process would begin while this one still waits for its response.
/// let policy = Policy::default().lease(Duration::from_secs(60));
/// let error = Keeper::new(policy, 7).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the lease of 60 s does not outlast the deadline of 60 s, 15 s to send within and 5 s to store: make it longer than 80 s",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a policy does nothing until a keeper has it"]
pub struct Policy {
    pub(super) renew_after: u32,
    pub(super) deadline: Duration,
    pub(super) lease: Duration,
    pub(super) send_within: Duration,
    pub(super) margin: Duration,
    pub(super) keep_alive: Duration,
    pub(super) warning: Duration,
    pub(super) max_in_flight: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            renew_after: 80,
            deadline: Duration::from_secs(60),
            lease: Duration::from_secs(300),
            send_within: Duration::from_secs(15),
            margin: Duration::from_secs(60),
            keep_alive: Duration::from_secs(30 * 86_400),
            warning: Duration::from_secs(30 * 86_400),
            max_in_flight: 4,
        }
    }
}

impl Policy {
    /// Sets at which percentage of an access token's life the token is renewed: 80 by default, and 10 to 95 are accepted.
    ///
    /// The moment is drawn for each grant and version, up to a quarter of what is left before or after it, so that many
    /// grants are not due at once. It is never more than 30 days before the end.
    pub fn renew_after(mut self, percent: u32) -> Self {
        self.renew_after = percent;
        self
    }

    /// Sets how long an exchange with Concur may last: 60 seconds by default. It must be the deadline of the transport, or
    /// longer.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how long a process has a grant for itself: five minutes by default, for which Concur asks after a response that
    /// did not come.
    ///
    /// A lease is not given back while it is not known what became of a request. It must outlast what it protects: the
    /// time to [send within](Self::send_within), the [deadline](Self::deadline), and the time to store what came.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets how long after asking for a lease a request may still be sent: 15 seconds by default.
    pub fn send_within(mut self, within: Duration) -> Self {
        self.send_within = within;
        self
    }

    /// Sets how much of its life an access token must still have to be handed out without waiting for its renewal: 60 seconds
    /// by default, and at most half of what it has when it is due. While a renewal fails, the token is handed out as long as it lives.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Sets after how long a grant that no caller asks for is renewed, so that its refresh token does not age out: 30 days by
    /// default.
    pub fn keep_alive(mut self, after: Duration) -> Self {
        self.keep_alive = after;
        self
    }

    /// Sets how long before the end of a refresh token there is an event: 30 days by default.
    pub fn warn_before_end(mut self, before: Duration) -> Self {
        self.warning = before;
        self
    }

    /// Sets how many exchanges may be under way with one data center at a time: 4 by default, and at least 1.
    ///
    /// So many can be refused before the first refusal of an application stops the rest. Where more grants are due, those
    /// whose callers wait come first.
    pub fn max_in_flight(mut self, exchanges: usize) -> Self {
        self.max_in_flight = exchanges.max(1);
        self
    }

    /// Returns how long a grant is left alone when something was just settled: 5 seconds, or a twelfth of a short deadline.
    pub(super) fn moment(&self) -> Duration {
        moment(self.deadline)
    }

    /// Returns how long nothing is claimed after the store could be used again, so that each process first stores what it has: 10
    /// seconds, or a thirtieth of a short lease.
    pub(super) fn commits_first(&self) -> Duration {
        share_of(self.lease, 30).clamp(LEAST_PAUSE, Duration::from_secs(10))
    }

    pub(super) fn check(&self) -> Result<(), PolicyError> {
        if !(10..=95).contains(&self.renew_after) {
            return Err(PolicyError::RenewAfter(self.renew_after));
        }
        if self.lease <= needed(self.deadline, self.send_within) {
            return Err(PolicyError::ShortLease {
                lease: self.lease,
                deadline: self.deadline,
                send_within: self.send_within,
            });
        }
        Ok(())
    }
}

/// The shortest pause, however short the deadline is.
pub(super) const LEAST_PAUSE: Duration = Duration::from_millis(50);

/// How long it may take to store what came.
fn moment(deadline: Duration) -> Duration {
    share_of(deadline, 12).clamp(LEAST_PAUSE, Duration::from_secs(5))
}

/// Returns one of so many equal parts, of which there are some.
fn share_of(whole: Duration, parts: u32) -> Duration {
    whole.checked_div(parts).unwrap_or(whole)
}

/// What a lease must outlast.
fn needed(deadline: Duration, send_within: Duration) -> Duration {
    let exchange = deadline.saturating_add(send_within);
    exchange.saturating_add(moment(deadline))
}

/// A policy under which grants could be lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Another process could begin while this one still waits for its response.
    #[error(
        "the lease of {} s does not outlast the deadline of {} s, {} s to send within and {} s to store: make it longer than {} s",
        lease.as_secs_f32(), deadline.as_secs_f32(), send_within.as_secs_f32(), moment(*deadline).as_secs_f32(),
        needed(*deadline, *send_within).as_secs_f32()
    )]
    ShortLease {
        /// The lease.
        lease: Duration,
        /// The deadline of an exchange.
        deadline: Duration,
        /// How long after asking for the lease a request may be sent.
        send_within: Duration,
    },
    /// The point at which a token is renewed lies too near an end of its life.
    #[error("a renewal at {0} % of a token's life: give 10 to 95")]
    RenewAfter(u32),
    /// No randomness can be drawn, by which processes are told apart.
    #[error("no randomness can be drawn: enable the feature `ring` or `aws-lc-rs`")]
    NoRandomness,
}
