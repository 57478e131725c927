//! Lists, page by page.

use super::*;

/// Returns the URI of the page after a first page that names `next`.
fn next_of(next: &str) -> Result<Option<String>, NextPageError> {
    let administrator = administrator();
    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    let items = "<Items><ConnectionRequest><ID>1</ID></ConnectionRequest></Items>";
    let page =
        format!("<ConnectionRequests>{items}<NextPage>{next}</NextPage></ConnectionRequests>");
    assert_eq!(pages.accept(list(&page)).len(), 1);
    // After an empty page nothing can be missed, whatever it names.
    let mut empty = Pages::new(Version::V3_2, Status::Pending);
    let _ = empty.accept(list(&page.replace(items, "")));
    assert!(empty.next_request(&administrator).is_ok());
    let mut idle = Pages::new(Version::V3_2, Status::Pending);
    let itself = "/api/v3.2/common/connectionrequests?status=pending&amp;limit=10";
    let itself = format!("<ConnectionRequests><NextPage>{itself}</NextPage></ConnectionRequests>");
    assert!(idle.accept(list(&itself)).is_empty());
    assert!(idle.next_request(&administrator).unwrap().is_none());
    let list = pages.next_request(&administrator)?;
    Ok(list.map(|list| {
        let request = list.into_request().unwrap();
        request.uri().to_string()
    }))
}

#[test]
fn next_page_must_be_inside_the_trust_domain() {
    let here = "https://www.concursolutions.com/api?offset=a%2Bb&amp;limit=10";
    let page = "https://www.concursolutions.com/api?offset=a%2Bb&limit=10";
    for next in [
        here,
        &here[31..],
        &here.replace(".com", ".com:443"),
        &here.replace("www", "WWW"),
        // Another host of Concur's is believed, and not asked.
        &here.replace("www", "eu1"),
    ] {
        assert_eq!(next_of(next).unwrap().as_deref(), Some(page), "{next}");
    }
    assert_eq!(next_of(""), Ok(None));
    for elsewhere in [
        "https://evil.example/api",
        "http://www.concursolutions.com/api",
        "https://www.concursolutions.com:8443/api",
        "https://192.0.2.1/api",
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
        "https://www.concursolutions.com@evil.example/api",
        "https://x@www.concursolutions.com/api",
    ] {
        let next = next_of(unreadable);
        assert!(
            next == Err(NextPageError::Unreadable),
            "{unreadable} {next:?}"
        );
    }
    let two =
        "<ConnectionRequests><NextPage>/a</NextPage><NextPage>/b</NextPage></ConnectionRequests>";
    assert_eq!(list(two).next, Err(NextPageError::Unreadable));
}

#[test]
fn list_with_a_loop_ends() {
    let administrator = administrator();
    let page = |next: usize| {
        let items = "<Items><ConnectionRequest/></Items>";
        list(&format!(
            "<ConnectionRequests>{items}<NextPage>/{next}</NextPage></ConnectionRequests>"
        ))
    };
    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    for next in [1, 2, 3] {
        let _ = pages.accept(page(next));
        assert!(pages.next_request(&administrator).unwrap().is_some());
    }
    let _ = pages.accept(page(2));
    assert_eq!(
        pages.next_request(&administrator).unwrap_err(),
        NextPageError::Loop
    );

    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    let asked = (0..2 * MAX_PAGES).take_while(|next| {
        let _ = pages.accept(page(*next));
        pages.next_request(&administrator).is_ok()
    });
    // The first page is one of them.
    assert_eq!(asked.count(), MAX_PAGES - 1);
    assert_eq!(
        pages.next_request(&administrator).unwrap_err(),
        NextPageError::TooMany
    );
}

#[test]
fn next_request_repeats_until_its_page_is_accepted() {
    let administrator = administrator();
    let pages = Pages::new(Version::V3_2, Status::Failed);
    let [first, second] = [(); 2].map(|()| {
        let list = pages.next_request(&administrator).unwrap().unwrap();
        list.into_request().unwrap().uri().to_string()
    });
    assert_eq!(first, second);
    assert!(first.ends_with("/api/v3.2/common/connectionrequests?status=failed&limit=10"));
}
