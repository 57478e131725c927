//! What was listed, granted, decided and reported, seen from outside.

use std::collections::{BTreeMap, BTreeSet};

use concur_oauth_core::auto_connect::{ConnectionResult, FailureCause, Outcome};
use concur_oauth_core::net2::RevokeToken;
use concur_oauth_core::{AccessToken, Exchange, SecretBody, SecretString};
use http::Method;

use super::script::{Made, Spends};

/// What became of a token that a round was granted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// Held by the round.
    Held,
    /// Concur said that it is revoked.
    Revoked,
    /// Its revocation failed: it must come out of the round.
    Owed,
    /// Whether its revocation succeeded is not known.
    Unclear,
    /// It came out of the round.
    HandedOut,
}

#[derive(Default)]
pub(super) struct Ledger {
    /// By how a token stands in a revocation.
    fates: BTreeMap<String, Fate>,
    /// Code exchanges, by their queries.
    exchanged: BTreeSet<String>,
    /// How many connection requests were listed, and how many were done with.
    listed: usize,
    finished: usize,
    connected: usize,
    /// A list was arbitrary bytes, so its contents are not known.
    any_list: bool,
    /// The response to an exchange was arbitrary bytes: perhaps a token.
    any_token: bool,
    /// What was decided of the current connection request.
    decided: Option<Outcome>,
    /// What Concur was told last, and whether it took it, if that is known.
    told: Option<(String, Option<bool>)>,
    /// A code may be spent in vain: what comes next is to say so.
    owes_report: bool,
}

impl Ledger {
    /// Takes a request that was sent and what came of it.
    pub(super) fn note(
        &mut self,
        request: &http::Request<SecretBody>,
        is_resendable: bool,
        made: &Made,
    ) {
        let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
        if std::mem::take(&mut self.owes_report) {
            let code = Outcome::NetworkError.code();
            assert!(body.contains(code), "Concur was not told of a spent code");
        }
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        if request.method() == Method::PUT {
            self.told = Some((body, made.done()));
        } else if path.ends_with("revoketoken.ashx") {
            let fate = self.fates.get_mut(query);
            let fate = fate.expect("a token that it was given");
            assert_eq!(*fate, Fate::Held);
            *fate = match made.done() {
                Some(true) => Fate::Revoked,
                Some(false) => Fate::Owed,
                None => Fate::Unclear,
            };
        } else if path.ends_with("GetAccessToken.ashx") {
            assert!(!is_resendable);
            // In a list of any bytes, two can have the same.
            let is_new = self.exchanged.insert(query.to_owned());
            assert!(is_new || self.any_list, "a code was sent twice");
            if let Some(token) = &made.token {
                let token = SecretString::from(token.as_str());
                self.fates.insert(query_of(&token), Fate::Held);
            }
            self.any_token |= made.spends == Spends::Unknown;
            self.owes_report = made.spends == Spends::InVain;
        } else {
            assert_eq!(request.method(), Method::GET);
            self.listed += made.items;
            self.any_list |= made.spends == Spends::Unknown;
        }
    }

    /// A token was shown at a match.
    pub(super) fn take(&mut self, token: &AccessToken) {
        self.fates.insert(query_of(token.token()), Fate::Held);
        (self.decided, self.told) = (None, None);
    }

    pub(super) fn decide(&mut self, outcome: Outcome) {
        self.decided = Some(outcome);
    }

    /// A connection request is done with, or the round is given up.
    pub(super) fn hand_out(&mut self, finished: ConnectionResult, is_given_up: bool) {
        self.finished += 1;
        let (token, before) = match finished {
            ConnectionResult::Connected { token, .. } => {
                assert_eq!(self.decided, Some(Outcome::Connected));
                self.assert_told(Outcome::Connected);
                self.connected += 1;
                (Some(token), &[Fate::Held][..])
            }
            ConnectionResult::Rejected { outcome, .. } => {
                assert_eq!(self.decided, Some(outcome));
                self.assert_told(outcome);
                return;
            }
            ConnectionResult::Failed(mut failure) => {
                assert!(!failure.causes().is_empty());
                if let Some(outcome) = failure.reported() {
                    self.assert_told(outcome);
                }
                let token = failure.take_token();
                let is_revoke = |cause: &FailureCause| matches!(cause, FailureCause::Revoke(_));
                let was_tried = failure.causes().iter().any(is_revoke);
                // A token is handed back only where its revocation was tried.
                assert!(token.is_none() || was_tried || is_given_up);
                if was_tried {
                    (token, &[Fate::Owed, Fate::Unclear][..])
                } else {
                    (token, &[Fate::Held][..])
                }
            }
        };
        if let Some(token) = token {
            let fate = self.fates.insert(query_of(token.token()), Fate::HandedOut);
            let is_known = fate.is_some_and(|fate| before.contains(&fate));
            let was_never_seen = fate.is_none() && self.any_token && is_given_up;
            assert!(is_known || was_never_seen, "{fate:?}");
        }
    }

    fn assert_told(&self, outcome: Outcome) {
        let (body, done) = self.told.as_ref().expect("Concur was told nothing");
        assert!(body.contains(outcome.code()), "Concur was told otherwise");
        assert_ne!(*done, Some(false), "Concur did not take it");
    }

    pub(super) fn any_connected(&self) -> bool {
        self.connected > 0
    }

    /// The round says that it is done.
    pub(super) fn assert_all(&self, is_stopped: bool) {
        if !is_stopped && !self.any_list {
            assert_eq!(self.finished, self.listed, "a request was left out");
        }
    }

    pub(super) fn assert_nothing_lost(&self, is_given_up: bool) {
        assert!(
            is_given_up || !self.owes_report,
            "Concur was not told of a spent code"
        );
        let is_lost = |fate: &Fate| matches!(fate, Fate::Held | Fate::Owed);
        assert!(!self.fates.values().any(is_lost), "a token was lost");
    }
}

/// Returns a token as it stands in a revocation.
fn query_of(token: &SecretString) -> String {
    let administrator = super::administrator();
    let request = RevokeToken::new(&administrator, token).into_request();
    let request = request.expect("a token that fits in a URI");
    request.uri().query().expect("a query").to_owned()
}
