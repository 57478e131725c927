//! What a round holds when nobody goes on.

use super::*;

/// Answers the list and the exchange of one connection request.
fn grant(round: &mut Round<'_>) {
    for _ in 0..2 {
        let Step::Send(call) = round.step(modified()) else {
            panic!()
        };
        let call = name(&call.into_request(&InstanceUrl::default()).unwrap());
        round.receive(Ok(answer(well(&call, &page(&["a"], "")))));
    }
}

#[test]
fn an_answer_that_is_never_given_counts_as_broken_off() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator).unwrap();
    let mut calls = Vec::new();
    let failure = loop {
        match round.step(modified()) {
            Step::Send(call) => {
                let call = name(&call.into_request(&InstanceUrl::default()).unwrap());
                if !call.starts_with("exchange") {
                    round.receive(Ok(answer(well(&call, &page(&["a"], "")))));
                }
                calls.push(call);
            }
            Step::Finished(Finished::Failed(failure)) => break failure,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(calls[1..], ["exchange a", "report a CRPA2"]);
    assert_eq!(failure.reported(), Some(Outcome::NetworkError));
}

#[test]
fn a_round_that_is_given_up_hands_back_what_it_holds() {
    let (application, administrator) = (application(), administrator());
    // After this many answers.
    for answers in 0..=3 {
        let mut round = Round::new(&application, &administrator).unwrap();
        let mut given = 0;
        loop {
            match round.step(modified()) {
                Step::Send(call) => {
                    if given == answers {
                        break;
                    }
                    given += 1;
                    let call = name(&call.into_request(&InstanceUrl::default()).unwrap());
                    round.receive(Ok(answer(well(&call, &page(&["unknown"], "")))));
                }
                Step::Match { .. } => round.matched(Outcome::LoyaltyNumberNotFound),
                other => panic!("{other:?}"),
            }
        }
        let held = match round.give_up() {
            Some(Finished::Failed(failure)) => {
                // That Concur may have been told, or a code spent, is not left unsaid.
                let what_was_out = match answers {
                    1 => matches!(failure.causes(), [Cause::Exchange(_), Cause::GivenUp]),
                    2 => matches!(failure.causes(), [Cause::Report(_), Cause::GivenUp]),
                    _ => matches!(failure.causes(), [Cause::Revoke(_)]),
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
        assert_eq!(held, expected[answers]);
    }
}

#[test]
fn what_was_not_asked_is_not_matched() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator).unwrap();
    grant(&mut round);
    // It can only be meant for another.
    round.matched(Outcome::Connected);
    for _ in 0..2 {
        assert!(matches!(round.step(modified()), Step::Match { .. }));
    }
    let Some(Finished::Failed(mut failure)) = round.give_up() else {
        panic!()
    };
    assert!(matches!(failure.causes(), [Cause::GivenUp]));
    assert!(failure.take_token().is_some());
}

#[test]
fn a_round_can_be_stopped_while_a_call_is_out() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator).unwrap();
    let Step::Send(call) = round.step(modified()) else {
        panic!()
    };
    round.stop();
    let call = name(&call.into_request(&InstanceUrl::default()).unwrap());
    round.receive(Ok(answer(well(&call, &page(&["a"], "")))));
    assert!(matches!(round.step(modified()), Step::Done(Ok(()))));
}

#[test]
fn what_is_finished_and_not_fetched_is_handed_back_too() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator).unwrap();
    grant(&mut round);
    assert!(matches!(round.step(modified()), Step::Match { .. }));
    round.matched(Outcome::Connected);
    // Before it is sent, nothing answers it.
    round.receive(Ok(answer((200, String::new()))));
    let Step::Send(report) = round.step(modified()) else {
        panic!()
    };
    drop(report);
    round.receive(Ok(answer((200, String::new()))));
    assert!(matches!(round.give_up(), Some(Finished::Connected { .. })));
}
