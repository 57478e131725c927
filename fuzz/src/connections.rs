use concur_oauth_core::auto_connect::{
    ConnectionRequest, ConnectionRequests, GetConnectionRequest, ListConnectionRequests,
    NextPageError, Pages, Status, Version,
};
use concur_oauth_core::{
    AccessToken, Exchange, ExposeSecret, FieldError, InstanceUrl, ResponseError, TokenParts,
};
use roxmltree::Node;

use crate::{marker, oracle};

/// A page of connection requests, or a single one: what is read is what stands in its place in a
/// well-formed document, the next page is of the instance that was asked, and no error repeats the
/// document.
///
/// Says what became of the document.
///
/// # Panics
///
/// Where that does not hold.
pub fn connections(bytes: &[u8]) -> &'static str {
    let planted = marker::plant(bytes);
    if let Err(error) = parse::<ListConnectionRequests<'_>>(&planted) {
        marker::assert_absent_from(&error);
    }
    match parse::<ListConnectionRequests<'_>>(bytes) {
        Ok(page) => agree(bytes, page),
        Err(_) => match parse::<GetConnectionRequest<'_>>(bytes) {
            Ok(request) => {
                if let Some(document) = oracle::verdict(&oracle::normalize(bytes)) {
                    oracle::assert_is(document.root_element(), "ConnectionRequest");
                    agree_on(&request, document.root_element());
                }
                "one"
            }
            Err(ResponseError::Refused(_)) => "refused",
            Err(_) => "unreadable",
        },
    }
}

fn parse<E: Exchange>(bytes: &[u8]) -> Result<E::Output, ResponseError> {
    E::parse(http::Response::new(bytes), &InstanceUrl::default())
}

fn agree(bytes: &[u8], page: ConnectionRequests) -> &'static str {
    let mut pages = Pages::new(Version::default(), Status::default());
    let requests = pages.turn(page);
    if let Some(document) = oracle::verdict(&oracle::normalize(bytes)) {
        let root = document.root_element();
        oracle::assert_is(root, "ConnectionRequests");
        let items = oracle::fields(root, "Items");
        let mut nodes = items.flat_map(|items| oracle::fields(items, "ConnectionRequest"));
        for request in &requests {
            agree_on(
                request,
                nodes.next().expect("a connection request too many"),
            );
        }
        assert!(nodes.next().is_none(), "a connection request too few");
    }
    let mut parts = TokenParts::new("administrator");
    parts.instance_url = Some(InstanceUrl::default());
    let administrator = AccessToken::from(parts);
    match pages.ask(&administrator) {
        Ok(Some(next)) => {
            let next = next.into_request(&InstanceUrl::default());
            assert!(InstanceUrl::default().is_origin_of(next.expect("a request").uri()));
            "a page, and another"
        }
        Ok(None) => "the last page",
        Err(NextPageError::OtherHost) => "another host",
        Err(_) => "a page, and no way on",
    }
}

fn agree_on(request: &ConnectionRequest, node: Node<'_, '_>) {
    let token = request
        .request_token()
        .map(|token| token.secret().expose_secret());
    for (name, read) in [("ID", request.id()), ("RequestToken", token)] {
        match (oracle::only(node, name), read) {
            (None, read) => assert_eq!(read, Err(FieldError::Repeated)),
            (Some(None), read) => assert_eq!(read, Err(FieldError::Unreadable)),
            (Some(Some(text)), Ok(read)) => assert_eq!(text, read),
            (Some(Some(text)), Err(FieldError::Missing)) => assert_eq!(text, ""),
            (Some(Some(text)), Err(FieldError::Unreadable)) => {
                let mut parts = text.split(['/', '\\']);
                let has_step = parts.any(|part| [".", ".."].contains(&part));
                assert!(
                    text.len() > 8192
                        || text.contains(char::is_control)
                        || (name == "ID" && has_step)
                );
            }
            (_, Err(error)) => panic!("{error}"),
        }
    }
    for (name, read) in [
        ("Status", request.status()),
        ("LoyaltyNumber", request.loyalty_number()),
        ("FirstName", request.first_name()),
        ("MiddleName", request.middle_name()),
        ("LastName", request.last_name()),
        ("UserId", request.user_id()),
    ] {
        let only = oracle::only(node, name).flatten();
        assert_eq!(
            only.as_deref().filter(|text| !text.is_empty()),
            read,
            "{name}"
        );
    }
    let read_date = !matches!(request.last_modified(), Ok(None));
    assert_eq!(
        oracle::only(node, "LastModified") != Some(Some(String::new())),
        read_date
    );
    let emails = oracle::fields(node, "EmailAddresses")
        .flat_map(|addresses| addresses.children().filter(Node::is_element))
        .filter_map(oracle::value)
        .filter(|text| !text.is_empty());
    assert!(request.email_addresses().map(str::to_owned).eq(emails));
}
