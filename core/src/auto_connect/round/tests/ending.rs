//! What ends a round, and what is left then.

use super::*;

#[test]
fn round_stops_where_the_administrator_is_refused() {
    let first = page(&["unknown", "b", "c"], "");
    for (refused, status) in [
        ("report", 403),
        ("report", 401),
        ("revoke", 403),
        ("revoke", 404),
    ] {
        let ended = drive(modified(), &mut |call| {
            Ok(if call.starts_with(refused) {
                (status, String::new())
            } else {
                well(call, &first)
            })
        });
        assert_eq!(ended.finished.len(), 1, "{refused} {status}");
        assert!(ended.end.is_err(), "{refused} {status}");
    }
}

#[test]
fn round_stops_after_two_failed_reports() {
    for status in [400, 404, 410, 422, 500] {
        let mut ended = drive(modified(), &mut |call| {
            Ok(match call {
                "report a CRSUC" | "report a CRPA2" => (status, String::new()),
                call => well(call, &page(&["a", "b"], "")),
            })
        });
        if status == 500 {
            // It may have been told, and telling it otherwise failed too: that is two.
            assert!(ended.end.is_err());
            continue;
        }
        ended.end.unwrap();
        let connected = ended.finished.pop();
        assert!(
            matches!(connected, Some(ConnectionResult::Connected { .. })),
            "{status}"
        );
    }
    // Two in a row are more than one's own.
    let ended = drive(modified(), &mut |call| {
        Ok(match call.split(' ').next() {
            Some("report") => (400, String::new()),
            _ => well(call, &page(&["a", "b", "c"], "")),
        })
    });
    assert_eq!((ended.finished.len(), ended.end.is_err()), (2, true));
    // A report that goes through begins the count anew.
    let ended = drive(modified(), &mut |call| match call {
        "report a CRSUC" | "report c CRSUC" => Ok((400, String::new())),
        call => Ok(well(call, &page(&["a", "b", "c", "d"], ""))),
    });
    assert_eq!((ended.finished.len(), ended.end.is_ok()), (4, true));
    // A proxy that breaks off every response does not use up every request token.
    let ended = drive(modified(), &mut |call| match call.split(' ').next() {
        Some("list") => Ok(well(call, &page(&["a", "b", "c", "d"], ""))),
        _ => Err(broken()),
    });
    assert_eq!((ended.finished.len(), ended.end.is_err()), (2, true));
}

#[test]
fn round_stops_after_two_spent_request_tokens() {
    for fail in [|| Ok((500, String::new())), || Err(broken())] {
        let ended = drive(modified(), &mut |call| match call.split(' ').next() {
            Some("exchange") => fail(),
            _ => Ok(well(call, &page(&["a", "b", "c"], ""))),
        });
        assert_eq!((ended.finished.len(), ended.end.is_err()), (2, true));
        // One that is granted begins the count anew.
        let ended = drive(modified(), &mut |call| match call {
            "exchange a" | "exchange c" => fail(),
            call => Ok(well(call, &page(&["a", "b", "c", "d"], ""))),
        });
        assert_eq!((ended.finished.len(), ended.end.is_ok()), (4, true));
    }
}

#[test]
fn round_stops_after_ten_refused_exchanges() {
    let all: Vec<String> = (0..21).map(|id| id.to_string()).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let refused = |now, is_refused: &dyn Fn(usize) -> bool| {
        let ended = drive(now, &mut |call| match call.split_once(' ') {
            Some(("exchange", id)) if is_refused(id.parse().unwrap()) => {
                Ok((403, "<Error><Message>No</Message></Error>".to_owned()))
            }
            _ => Ok(well(call, &page(&all, ""))),
        });
        (ended.finished.len(), ended.end.is_err())
    };
    assert_eq!(refused(modified(), &|_| true), (10, true));
    // Nine requests that are refused each time do not stop the others.
    assert_eq!(refused(modified(), &|id| id < 9), (21, false));
    assert_eq!(refused(modified(), &|id| id % 10 != 9), (21, false));
    // Those whose time was over do not count.
    assert_eq!(refused(later(), &|_| true), (21, false));
}

#[test]
fn round_stops_after_a_failure_that_repeats_for_every_request() {
    let status = |status| Ok((status, String::new()));
    let own_ca = || {
        Err(Error::Tls {
            stage: Stage::Handshake,
            source: "unknown issuer".into(),
        })
    };
    for fails in [
        Err(Error::Unsupported("no runtime".into())),
        status(408),
        status(425),
        status(429),
        status(503),
        own_ca(),
    ] {
        let shown = format!("{fails:?}");
        let mut fails = Some(fails);
        let ended = drive(modified(), &mut |call| match call {
            "exchange a" => fails.take().unwrap(),
            call => Ok(well(call, &page(&["a", "b"], ""))),
        });
        assert_eq!(ended.calls.len(), 2, "{shown}");
        assert!(ended.end.is_err(), "{shown}");
    }
}

#[test]
fn round_ends_after_its_most_requests() {
    // Without request tokens, so that nothing is sent for them; the first again at the last place.
    let ids = (0..MAX_REQUESTS).chain([0, MAX_REQUESTS]);
    let items: Vec<String> = ids
        .map(|id| format!("<ConnectionRequest><id>{id}</id></ConnectionRequest>"))
        .collect();
    let mut at = 0;
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    let mut begun = 0;
    let end = loop {
        match round.step(modified()) {
            Step::Send(_) => {
                let items = items[at..items.len().min(at + 400)].concat();
                at += 400;
                let page = format!(
                    "<ConnectionRequests><Items>{items}</Items><NextPage>/{at}</NextPage></ConnectionRequests>"
                );
                round.receive(Ok(response((200, page))));
            }
            Step::Finished(_) => begun += 1,
            Step::Done(end) => break end,
            Step::Match { .. } => panic!(),
        }
    };
    assert_eq!(begun, MAX_REQUESTS);
    assert!(matches!(end, Err(RoundError::TooMany)));
}

#[test]
fn web_page_in_place_of_a_response_is_a_failure() {
    let ended = drive(modified(), &mut |call| {
        let body = "<html><body>Sign in</body></html>".to_owned();
        Ok(match call.split(' ').next() {
            Some("report" | "revoke") => (200, body),
            _ => well(call, &page(&["a"], "")),
        })
    });
    let [ConnectionResult::Failed(failure)] = &ended.finished[..] else {
        panic!("{:?}", ended.finished);
    };
    assert_eq!(failure.reported(), None);
    assert!(failure.token().is_some());
}

#[test]
fn round_waits_for_the_longest_retry_after() {
    // Five seconds where there is no connection, five minutes for a 503, and for ever for a refusal.
    let pause = |report: Result<(u16, String), Error>, revoke: Result<(u16, String), Error>| {
        let mut responses = [Some(report), Some(revoke)];
        let ended = drive(modified(), &mut |call| match call.split(' ').next() {
            Some("report") => responses[0].take().unwrap(),
            Some("revoke") => responses[1].take().unwrap(),
            _ => Ok(well(call, &page(&["unknown"], ""))),
        });
        ended.end.unwrap_err().retry_after()
    };
    let status = |status| Ok((status, String::new()));
    let five_minutes = Some(DEFAULT_RETRY_AFTER);
    assert_eq!(pause(Err(unreachable()), status(503)), five_minutes);
    assert_eq!(pause(status(503), Err(unreachable())), five_minutes);
    assert_eq!(pause(status(403), status(503)), None);
    assert_eq!(pause(status(503), status(403)), None);
}

#[test]
fn round_reports_a_network_error_where_connected_is_in_doubt() {
    for doubtful in [
        Err(broken()),
        Err(late()),
        Ok((500, String::new())),
        Ok((503, String::new())),
    ] {
        let mut doubtful = Some(doubtful);
        let mut ended = drive(modified(), &mut |call| match call {
            "report a CRSUC" => doubtful.take().unwrap(),
            call => Ok(well(call, &page(&["a"], ""))),
        });
        assert_eq!(
            ended.calls[2..],
            ["report a CRSUC", "report a CRPA2", "revoke a"]
        );
        let failure = failure(&mut ended);
        assert_eq!(failure.reported(), Some(Outcome::NetworkError));
        assert!(matches!(failure.causes(), [FailureCause::Report(_)]));
        assert!(failure.token().is_none());
    }
    // It is told once.
    let mut ended = drive(modified(), &mut |call| match call.split(' ').next() {
        Some("report") => Err(broken()),
        _ => Ok(well(call, &page(&["a"], ""))),
    });
    assert_eq!(ended.calls.len(), 5);
    let failure = failure(&mut ended);
    assert_eq!(failure.reported(), None);
    assert!(matches!(
        failure.causes(),
        [FailureCause::Report(_), FailureCause::Report(_)]
    ));
}

#[test]
fn round_stops_where_the_caller_asks() {
    let (application, administrator) = (application(), administrator());
    // After this many calls were sent.
    for (sent, finished) in [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1)] {
        let mut round = Round::new(&application, &administrator);
        let (mut calls, mut ended) = (0, 0);
        loop {
            if calls == sent {
                round.stop();
            }
            match round.step(modified()) {
                Step::Send(call) => {
                    let call = name(&call.into_request().unwrap());
                    calls += 1;
                    if calls == sent {
                        round.stop();
                    }
                    round.receive(Ok(response(well(&call, &page(&["unknown", "b"], "")))));
                }
                Step::Match { .. } => round.matched(Outcome::Retry),
                Step::Finished(_) => ended += 1,
                Step::Done(end) => break end.unwrap(),
            }
        }
        assert_eq!(ended, finished, "after {sent}");
    }
}

#[test]
fn token_that_no_request_can_carry_is_handed_back() {
    // Each is three bytes long in a query.
    let long = "%".repeat(30_000);
    let document = format!("<Access_Token><Token>{long}</Token></Access_Token>");
    let application = application();
    let administrator = administrator();
    let mut round = Round::new(&application, &administrator);
    let failure = loop {
        match round.step(modified()) {
            Step::Send(call) => {
                let call = name(&call.into_request().unwrap());
                assert!(!call.starts_with("revoke"));
                let body = if call.starts_with("exchange") {
                    document.clone()
                } else {
                    well(&call, &page(&["unknown"], "")).1
                };
                round.receive(Ok(response((200, body))));
            }
            Step::Match { .. } => round.matched(Outcome::Retry),
            Step::Finished(ConnectionResult::Failed(failure)) => break failure,
            other => panic!("{other:?}"),
        }
    };
    // That is this one's own.
    assert!(matches!(round.step(modified()), Step::Done(Ok(()))));
    assert!(matches!(
        failure.causes(),
        [FailureCause::Revoke(Error::Input(_))]
    ));
    assert_eq!(failure.reported(), Some(Outcome::Retry));
    assert!(failure.token().is_some());
}

#[test]
fn round_stops_where_concur_is_unreachable() {
    let mut ended = drive(modified(), &mut |call| match call {
        "exchange a" => Err(unreachable()),
        call => Ok(well(call, &page(&["a", "b"], ""))),
    });
    assert_eq!(ended.calls.len(), 2);
    let failure = failure(&mut ended);
    assert_eq!(failure.reported(), None);
    assert_eq!(
        ended.end.unwrap_err().retry_after(),
        Some(Duration::from_secs(5))
    );
    assert_eq!(
        failure.report().to_string(),
        "the request token was not exchanged (cannot connect to the host: check the base URL, \
         the network, and whether a proxy is needed, or try again in a few seconds) (no route)"
    );

    let ended = drive(modified(), &mut |call| {
        Ok(match call {
            "exchange a" => (503, String::new()),
            call => well(call, &page(&["a", "b"], "")),
        })
    });
    assert_eq!(ended.calls.len(), 2);
    assert_eq!(
        ended.end.unwrap_err().retry_after(),
        Some(DEFAULT_RETRY_AFTER)
    );
}

#[test]
fn token_is_revoked_where_its_outcome_cannot_be_reported() {
    let mut ended = drive(modified(), &mut |call| {
        Ok(match call {
            "report a CRSUC" => (404, String::new()),
            call => well(call, &page(&["a"], "")),
        })
    });
    assert_eq!(ended.calls[2..], ["report a CRSUC", "revoke a"]);
    let failure = failure(&mut ended);
    assert!(matches!(failure.causes(), [FailureCause::Report(_)]));
    assert!(failure.token().is_none());
    assert_eq!(failure.reported(), None);
}

#[test]
fn token_that_cannot_be_revoked_is_handed_back() {
    let mut ended = drive(modified(), &mut |call| match call {
        "report unknown CREU1" => Err(broken()),
        "revoke unknown" => Ok((403, "<Error><Message>No role</Message></Error>".to_owned())),
        call => Ok(well(call, &page(&["unknown", "b"], ""))),
    });
    let failure = failure(&mut ended);
    assert!(matches!(
        failure.causes(),
        [FailureCause::Report(_), FailureCause::Revoke(_)]
    ));
    let shown = failure.report().to_string();
    assert!(
        shown.contains("No role") && shown.contains("reset"),
        "{shown}"
    );
    assert!(!shown.contains("token-unknown"), "{shown}");
    let mut failure = failure;
    let token = failure.take_token();
    assert!(failure.token().is_none() && !failure.causes().is_empty());
    assert_eq!(token.unwrap().token().expose_secret(), "token-unknown");
    assert!(matches!(ended.end, Err(RoundError::Stopped { .. })));

    // The outcome was told; only the token is left.
    let mut ended = drive(modified(), &mut |call| {
        Ok(match call {
            "revoke unknown" => (403, String::new()),
            call => well(call, &page(&["unknown"], "")),
        })
    });
    let failure = self::failure(&mut ended);
    assert_eq!(failure.reported(), Some(Outcome::LoyaltyNumberNotFound));
    assert!(failure.token().is_some());
    assert!(ended.end.is_err());
}

#[test]
fn round_ends_where_its_list_cannot_go_on() {
    for (next, error) in [
        (
            "https://evil.example/",
            "the list's next page is said to be at another host, and was not requested: begin another list",
        ),
        (
            "/api/v3.2/common/connectionrequests?status=pending&amp;limit=10",
            "the list leads back to a page that came before: begin another list",
        ),
    ] {
        let ended = drive(modified(), &mut |call| Ok(well(call, &page(&["a"], next))));
        assert_eq!(ended.calls.len(), 3);
        assert!(matches!(
            ended.finished[..],
            [ConnectionResult::Connected { .. }]
        ));
        assert_eq!(ended.end.unwrap_err().to_string(), error);
    }
    let ended = drive(modified(), &mut |_| Ok((403, String::new())));
    assert!(matches!(ended.end, Err(RoundError::List(_))));
}
