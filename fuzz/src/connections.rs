use concur_oauth_core::auto_connect::{
    ConnectionRequest, ConnectionRequests, GetConnectionRequest, ListConnectionRequests,
    NextPageError, Pages, Status, Version,
};
use concur_oauth_core::{
    AccessToken, BaseUrl, Exchange, ExposeSecret, FieldProblem, ResponseError, TokenParts,
    TokenScheme,
};
use roxmltree::Node;

use crate::{marker, oracle, parse};

/// A page of connection requests, or a single one: what is read is what stands in its place in a
/// well-formed document, the next page is requested at the base URL that was asked, and no error repeats the
/// document.
///
/// Returns what became of the document.
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

fn agree(bytes: &[u8], page: ConnectionRequests) -> &'static str {
    let mut pages = Pages::new(Version::default(), Status::default());
    let requests = pages.accept(page);
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
    let administrator = AccessToken::from(TokenParts::new(
        TokenScheme::OAuth,
        "administrator",
        BaseUrl::US_PRODUCTION,
    ));
    match pages.next_request(&administrator) {
        Ok(Some(next)) => {
            let next = next.into_request().expect("a request");
            assert!(BaseUrl::US_PRODUCTION.is_origin_of(next.uri()));
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
    let id = request.id().map(|id| id.as_str());
    for (name, read) in [("ID", id), ("RequestToken", token)] {
        let mut warnings = request.warnings().iter();
        let warning = warnings.find(|warning| warning.field() == name);
        let problem = warning.map(|warning| warning.problem());
        assert_eq!(read.is_none(), problem.is_some());
        match (oracle::only(node, name), problem) {
            (None, problem) => assert_eq!(problem, Some(&FieldProblem::Repeated)),
            (Some(None), problem) => assert_eq!(problem, Some(&FieldProblem::Unreadable)),
            (Some(Some(text)), None) => assert_eq!(Some(text.as_str()), read),
            (Some(Some(text)), Some(FieldProblem::Missing)) => assert_eq!(text, ""),
            (Some(Some(text)), Some(FieldProblem::Unreadable)) => {
                let mut parts = text.split(['/', '\\']);
                let has_step = parts.any(|part| [".", ".."].contains(&part));
                assert!(
                    text.len() > 8192
                        || text.contains(char::is_control)
                        || (name == "ID" && has_step)
                );
            }
            (_, Some(problem)) => panic!("{problem}"),
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
    let has_date = oracle::only(node, "LastModified") != Some(Some(String::new()));
    let mut warnings = request.warnings().iter();
    let warned = warnings.any(|warning| warning.field() == "LastModified");
    assert_eq!(has_date, warned || request.last_modified().is_some());
    let emails = oracle::fields(node, "EmailAddresses")
        .flat_map(|addresses| addresses.children().filter(Node::is_element))
        .filter_map(oracle::value)
        .filter(|text| !text.is_empty());
    assert!(request.email_addresses().map(str::to_owned).eq(emails));
}
