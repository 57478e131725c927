mod ledger;
mod script;

use concur_oauth_core::auto_connect::{Outcome, Round, Step};
use concur_oauth_core::{
    AccessToken, Application, BaseUrl, ConsumerKey, Exchange, TokenParts, TokenScheme,
};

use ledger::Ledger;
use script::{Script, Turn};

/// A round of Auto-Connect under responses of any kind. It ends, and it is done only when every listed request has a
/// result. No request token is exchanged twice, and one that may be spent in vain is reported. Every access token that
/// it was granted is a connected user's, whose outcome was reported, or revoked, or handed back because its revocation
/// failed.
///
/// The bytes are a script: each says what comes of a request, and what is decided, or that the caller does something
/// out of turn. Where they end, Concur cannot be reached any more.
///
/// Returns how it ended.
///
/// # Panics
///
/// Where that does not hold.
pub fn round(bytes: &[u8]) -> &'static str {
    let key = ConsumerKey::new("key").expect("a good key");
    let application = Application::new(key, "secret").expect("a good secret");
    let administrator = administrator();
    let mut round = Round::new(&application, &administrator);

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
            // While a request is out, it would be the response.
            Turn::StrayResponse if is_out => {}
            Turn::StrayResponse => round.receive(script::stray()),
            Turn::GiveUp => break "given up",
        }
        match round.step(turn.now()) {
            Step::Send(call) => {
                let is_resendable = call.is_resendable();
                let request = call.into_request().expect("a request");
                let made = script.respond();
                ledger.note(&request, is_resendable, &made);
                is_out = made.response.is_none();
                if let Some(response) = made.response {
                    round.receive(response);
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
    TokenParts::new(TokenScheme::OAuth, "administrator", BaseUrl::US_PRODUCTION).into()
}
