//! What becomes of the exchange.

use super::*;

#[test]
fn refused_exchange_is_reported_only_if_its_time_was_over() {
    let concur = |call: &str| {
        Ok(match call {
            "exchange a" => {
                let words = "<Error><Message>Invalid consumer secret</Message></Error>";
                (403, words.to_owned())
            }
            call => well(call, &page(&["a"], "")),
        })
    };
    let mut ended = drive(modified(), &mut |call| concur(call));
    assert_eq!(ended.calls[1..], ["exchange a"]);
    let failure = failure(&mut ended);
    assert_eq!(failure.reported(), None);
    assert!(matches!(failure.causes(), [FailureCause::Exchange(_)]));
    ended.end.unwrap();

    // Concur's own words are kept: they may say something else.
    let mut ended = drive(later(), &mut |call| concur(call));
    assert_eq!(ended.calls[1..], ["exchange a", "report a CRPA1"]);
    let failure = self::failure(&mut ended);
    assert_eq!(failure.reported(), Some(Outcome::RequestTokenExpired));
    let shown = failure.report().to_string();
    assert!(shown.contains("Invalid consumer secret"), "{shown}");
    ended.end.unwrap();

    let mut ended = drive(later(), &mut |call| match call {
        "report a CRPA1" => Err(broken()),
        call => concur(call),
    });
    let failure = self::failure(&mut ended);
    assert!(matches!(
        failure.causes(),
        [FailureCause::Exchange(_), FailureCause::Report(_)]
    ));
}

/// A filter on the way that refuses some requests has spent no request token.
#[test]
fn exchange_that_another_server_refused_stays_pending() {
    for (status, body) in [(403, "Forbidden"), (404, "<html>"), (407, "")] {
        let ended = drive(modified(), &mut |call| {
            Ok(match call {
                "exchange a" => (status, body.to_owned()),
                call => well(call, &page(&["a", "b"], "")),
            })
        });
        let rest = ["exchange a", "exchange b", "report b CRSUC"];
        assert_eq!(ended.calls[1..], rest, "{status}");
        ended.end.unwrap();
    }
}

/// What is not confirmed may have been done: Concur must not show a user as connected whose token is revoked.
#[test]
fn report_that_is_not_confirmed_is_taken_back() {
    let mut ended = drive(modified(), &mut |call| {
        Ok(match call {
            "report a CRSUC" => (200, "Updated".to_owned()),
            call => well(call, &page(&["a"], "")),
        })
    });
    let rest = ["exchange a", "report a CRSUC", "report a CRPA2", "revoke a"];
    assert_eq!(ended.calls[1..], rest);
    let shown = failure(&mut ended).report().to_string();
    assert!(shown.contains("Updated"), "{shown}");
}

#[test]
fn exchange_that_may_have_spent_its_token_is_a_network_error() {
    for (strange, stops) in [
        // A strange response is one connection request's own,
        (Ok((200, String::new())), false),
        (Ok((200, "<Other/>".to_owned())), false),
        (Err(Error::Protocol(ProtocolError::Truncated)), false),
        // and so are a connection that broke and a fault of Concur's.
        (Err(broken()), false),
        (Ok((500, String::new())), false),
        // A redirect, a web page and a passed deadline are failures of the server, not of one request.
        (Ok((302, String::new())), true),
        (Ok((200, "<html>".to_owned())), true),
        (Err(late()), true),
    ] {
        let shown = format!("{strange:?}");
        let mut strange = Some(strange);
        let ended = drive(modified(), &mut |call| match call {
            "exchange a" => strange.take().unwrap(),
            call => Ok(well(call, &page(&["a", "b"], ""))),
        });
        assert_eq!(ended.calls[2], "report a CRPA2", "{shown}");
        assert_eq!(ended.calls.len(), if stops { 3 } else { 5 }, "{shown}");
        assert_eq!(ended.end.is_err(), stops);
    }
}

#[test]
fn request_listed_twice_is_exchanged_once() {
    // Page one again, in another spelling.
    let again = "/api/v3.2/common/connectionrequests?limit=10&amp;status=pending";
    let ended = drive(later(), &mut |call| {
        Ok(match call {
            "list limit=10&status=pending" => (200, page(&["a", "b"], "")),
            call => well(call, &page(&["a", "a"], again)),
        })
    });
    let exchanges = ended
        .calls
        .iter()
        .filter(|call| call.starts_with("exchange"));
    assert!(exchanges.eq(["exchange a", "exchange b"]));
    assert_eq!(ended.finished.len(), 2);
}

#[test]
fn unreadable_date_does_not_explain_a_refusal() {
    let listed = page(&["a"], "").replace("2016-09-25T13:36:50", "yesterday");
    let ended = drive(later(), &mut |call| {
        Ok(match call {
            "exchange a" => (403, String::new()),
            call => well(call, &listed),
        })
    });
    assert_eq!(ended.calls.len(), 2);
}

#[test]
fn request_without_usable_id_or_token_is_skipped() {
    let lacking = "<ConnectionRequests><Items>\
        <ConnectionRequest><requestToken>r</requestToken></ConnectionRequest>\
        <ConnectionRequest><ID>x</ID><requestToken/></ConnectionRequest>\
        <ConnectionRequest><ID>..</ID><requestToken>r</requestToken></ConnectionRequest>\
        </Items></ConnectionRequests>";
    let ended = drive(modified(), &mut |call| Ok(well(call, lacking)));
    assert_eq!(ended.calls.len(), 1);
    let causes = ended.finished.iter().map(|finished| match finished {
        ConnectionResult::Failed(failure) => failure.to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        causes.collect::<Vec<_>>(),
        [
            "the connection request has no usable ID, and was skipped",
            "the connection request has no usable request token, and was skipped",
            "the connection request has no usable ID, and was skipped",
        ]
    );
    ended.end.unwrap();
}
