//! What a round holds when its caller does not go on.

use super::*;

/// Responds to the list and the exchange of one connection request.
fn grant(round: &mut Round<'_>) {
    for _ in 0..2 {
        let Step::Send(call) = round.step(modified()) else {
            panic!()
        };
        let call = name(&call.into_request().unwrap());
        round.receive(Ok(response(well(&call, &page(&["a"], "")))));
    }
}

#[test]
fn response_never_received_counts_as_interrupted() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    let mut calls = Vec::new();
    let failure = loop {
        match round.step(modified()) {
            Step::Send(call) => {
                let call = name(&call.into_request().unwrap());
                if !call.starts_with("exchange") {
                    round.receive(Ok(response(well(&call, &page(&["a"], "")))));
                }
                calls.push(call);
            }
            Step::Finished(ConnectionResult::Failed(failure)) => break failure,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(calls[1..], ["exchange a", "report a CRPA2"]);
    assert_eq!(failure.reported(), Some(Outcome::NetworkError));
}

#[test]
fn give_up_returns_what_the_round_holds() {
    let (application, administrator) = (application(), administrator());
    // After this many responses.
    for responses in 0..=3 {
        let mut round = Round::new(&application, &administrator);
        let mut given = 0;
        loop {
            match round.step(modified()) {
                Step::Send(call) => {
                    if given == responses {
                        break;
                    }
                    given += 1;
                    let call = name(&call.into_request().unwrap());
                    round.receive(Ok(response(well(&call, &page(&["unknown"], "")))));
                }
                Step::Match { .. } => round.matched(Outcome::LoyaltyNumberNotFound),
                other => panic!("{other:?}"),
            }
        }
        let held = match round.give_up() {
            Some(ConnectionResult::Failed(failure)) => {
                // That Concur may have been told, or a code spent, is not left unsaid.
                let what_was_out = match responses {
                    1 => matches!(
                        failure.causes(),
                        [FailureCause::Exchange(_), FailureCause::GivenUp]
                    ),
                    2 => matches!(
                        failure.causes(),
                        [FailureCause::Report(_), FailureCause::GivenUp]
                    ),
                    _ => matches!(failure.causes(), [FailureCause::Revoke(_)]),
                };
                assert!(what_was_out, "{failure:?}");
                Some((failure.reported(), failure.token().is_some()))
            }
            None => None,
            other => panic!("{other:?}"),
        };
        let outcome = Some(Outcome::LoyaltyNumberNotFound);
        let expected = [
            None,
            Some((None, false)),
            Some((None, true)),
            Some((outcome, true)),
        ];
        assert_eq!(held, expected[responses]);
    }
}

#[test]
fn outcome_before_it_is_asked_for_has_no_effect() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    grant(&mut round);
    round.matched(Outcome::Connected);
    for _ in 0..2 {
        assert!(matches!(round.step(modified()), Step::Match { .. }));
    }
    let Some(ConnectionResult::Failed(mut failure)) = round.give_up() else {
        panic!()
    };
    assert!(matches!(failure.causes(), [FailureCause::GivenUp]));
    assert!(failure.take_token().is_some());
}

#[test]
fn round_stops_while_a_request_is_out() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    let Step::Send(call) = round.step(modified()) else {
        panic!()
    };
    round.stop();
    let call = name(&call.into_request().unwrap());
    round.receive(Ok(response(well(&call, &page(&["a"], "")))));
    assert!(matches!(round.step(modified()), Step::Done(Ok(()))));
}

#[test]
fn give_up_returns_a_result_that_was_not_handed_out() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    grant(&mut round);
    assert!(matches!(round.step(modified()), Step::Match { .. }));
    round.matched(Outcome::Connected);
    // A response before its request has no effect.
    round.receive(Ok(response((200, String::new()))));
    let Step::Send(report) = round.step(modified()) else {
        panic!()
    };
    drop(report);
    round.receive(Ok(response((200, String::new()))));
    assert!(matches!(
        round.give_up(),
        Some(ConnectionResult::Connected { .. })
    ));
}
