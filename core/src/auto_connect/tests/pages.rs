//! The walk from page to page.

use super::*;

/// Walks from the first page to where it says the next one is.
fn next_of(next: &str) -> Result<Option<String>, NextPageError> {
    let administrator = administrator();
    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    let items = "<Items><ConnectionRequest><ID>1</ID></ConnectionRequest></Items>";
    let page =
        format!("<ConnectionRequests>{items}<NextPage>{next}</NextPage></ConnectionRequests>");
    assert_eq!(pages.turn(list(&page)).len(), 1);
    // After an empty page, no next one is missed, though it be the same.
    let mut empty = Pages::new(Version::V3_2, Status::Pending);
    let _ = empty.turn(list(&page.replace(items, "")));
    assert!(empty.ask(&administrator).is_ok());
    let mut idle = Pages::new(Version::V3_2, Status::Pending);
    let itself = "/api/v3.2/common/connectionrequests?status=pending&amp;limit=10";
    let itself = format!("<ConnectionRequests><NextPage>{itself}</NextPage></ConnectionRequests>");
    assert!(idle.turn(list(&itself)).is_empty());
    assert!(idle.ask(&administrator).unwrap().is_none());
    let list = pages.ask(&administrator)?;
    Ok(list.map(|list| {
        let request = list.into_request(&InstanceUrl::default()).unwrap();
        request.uri().to_string()
    }))
}

#[test]
fn the_next_page_is_of_the_same_host() {
    let here = "https://www.concursolutions.com/api?offset=a%2Bb&amp;limit=10";
    let page = "https://www.concursolutions.com/api?offset=a%2Bb&limit=10";
    for next in [
        here,
        &here[31..],
        &here.replace(".com", ".com:443"),
        &here.replace("www", "WWW"),
    ] {
        assert_eq!(next_of(next).unwrap().as_deref(), Some(page), "{next}");
    }
    assert_eq!(next_of(""), Ok(None));
    for elsewhere in [
        "https://evil.example/api",
        "http://www.concursolutions.com/api",
        "https://www.concursolutions.com:8443/api",
        "https://www.concursolutions.com@evil.example/api",
        "https://x@www.concursolutions.com/api",
    ] {
        assert_eq!(
            next_of(elsewhere),
            Err(NextPageError::OtherHost),
            "{elsewhere}"
        );
    }
    for unreadable in [
        "api",
        "https://",
        "/a b",
        "/\u{e9}",
        "?offset=2",
        "<b/>",
        "mailto:x",
    ] {
        let next = next_of(unreadable);
        assert!(
            matches!(
                next,
                Err(NextPageError::Unreadable(_) | NextPageError::OtherHost)
            ),
            "{unreadable} {next:?}"
        );
    }
    let two =
        "<ConnectionRequests><NextPage>/a</NextPage><NextPage>/b</NextPage></ConnectionRequests>";
    assert_eq!(
        list(two).next,
        Err(NextPageError::Unreadable(FieldError::Repeated))
    );
}

#[test]
fn a_list_that_goes_round_ends() {
    let administrator = administrator();
    let page = |next: usize| {
        let items = "<Items><ConnectionRequest/></Items>";
        list(&format!(
            "<ConnectionRequests>{items}<NextPage>/{next}</NextPage></ConnectionRequests>"
        ))
    };
    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    for next in [1, 2, 3] {
        let _ = pages.turn(page(next));
        assert!(pages.ask(&administrator).unwrap().is_some());
    }
    let _ = pages.turn(page(2));
    assert_eq!(pages.ask(&administrator).unwrap_err(), NextPageError::Loop);

    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    let asked = (0..2 * MAX_PAGES).take_while(|next| {
        let _ = pages.turn(page(*next));
        pages.ask(&administrator).is_ok()
    });
    // The first page is one of them.
    assert_eq!(asked.count(), MAX_PAGES - 1);
    assert_eq!(
        pages.ask(&administrator).unwrap_err(),
        NextPageError::TooMany
    );
}

#[test]
fn asking_again_is_asking_the_same() {
    let administrator = administrator();
    let pages = Pages::new(Version::V3_2, Status::Failed);
    let [first, second] = [(); 2].map(|()| {
        let list = pages.ask(&administrator).unwrap().unwrap();
        list.into_request(&InstanceUrl::default())
            .unwrap()
            .uri()
            .to_string()
    });
    assert_eq!(first, second);
    assert!(first.ends_with("/api/v3.2/common/connectionrequests?status=failed&limit=10"));
}
