mod ledger;
mod script;

use concur_oauth_core::auto_connect::{Outcome, Round, Step};
use concur_oauth_core::{AccessToken, Application, ConsumerKey, Exchange, InstanceUrl, TokenParts};

use ledger::Ledger;
use script::{Script, Turn};

/// A round of Auto-Connect under answers of any kind: it ends, and it is done only when everybody who was listed is;
/// no request token is exchanged twice, and Concur is told of one that may be spent in vain; every access token that
/// it was given is a connected user's, of whom Concur was told, or revoked, or handed back because its revocation
/// failed.
///
/// The bytes are a script: each says what comes of a call, and what is decided, or that the caller does what is
/// out of turn. Where they end, Concur cannot be reached any more.
///
/// Says how it ended.
///
/// # Panics
///
/// Where that does not hold.
pub fn round(bytes: &[u8]) -> &'static str {
    let key = ConsumerKey::new("key").expect("a good key");
    let application = Application::new(key, "secret").expect("a good secret");
    let administrator = administrator();
    let mut round = Round::new(&application, &administrator).expect("a known instance");

    let (mut script, mut ledger) = (Script::new(bytes), Ledger::default());
    let (mut steps, mut is_out, mut is_stopped) = (0, false, false);
    let end = loop {
        steps += 1;
        assert!(steps < 64 * (bytes.len() + 4), "it does not end");
        let turn = script.turn();
        match turn {
            Turn::Time(_) => {}
            Turn::Stop => {
                round.stop();
                is_stopped = true;
            }
            Turn::StrayMatch => round.matched(Outcome::Connected),
            // Of a call that is out, it would be the answer.
            Turn::StrayAnswer if is_out => {}
            Turn::StrayAnswer => round.receive(script::stray()),
            Turn::GiveUp => break "given up",
        }
        match round.step(turn.now()) {
            Step::Send(call) => {
                let is_resendable = call.is_resendable();
                let request = call.into_request(&InstanceUrl::default()).expect("its own");
                let made = script.answer();
                ledger.note(&request, is_resendable, &made);
                is_out = made.answer.is_none();
                if let Some(answer) = made.answer {
                    round.receive(answer);
                }
            }
            Step::Match { token, .. } => {
                ledger.take(token);
                let outcomes = Outcome::DOCUMENTED;
                let outcome = outcomes[usize::from(script.byte()) % outcomes.len()];
                if outcome == Outcome::Retry && script.byte() == 0 {
                    break "given up";
                }
                ledger.decide(outcome);
                round.matched(outcome);
            }
            Step::Finished(finished) => ledger.hand_out(finished, false),
            Step::Done(Ok(())) => {
                ledger.assert_all(is_stopped);
                let any = ledger.any_connected();
                break if any { "connected" } else { "done" };
            }
            Step::Done(Err(_)) => break "stopped",
        }
    };
    if let Some(finished) = round.give_up() {
        ledger.hand_out(finished, true);
    }
    ledger.assert_nothing_lost(end == "given up");
    end
}

fn administrator() -> AccessToken {
    let mut parts = TokenParts::new("administrator");
    parts.instance_url = Some(InstanceUrl::default());
    parts.into()
}
