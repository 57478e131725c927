use super::*;

/// An emulator with twelve connection requests, one of them another application's, and an administrator's
/// token.
fn with_connection_requests() -> (Emulator, String, Vec<String>) {
    let mut emulator = Emulator::with_sample_account();
    emulator.add_user(User::new("admin@example.com", "x").administrator());
    let ids = (0..12).map(|number| {
        let key = ["other", SAMPLE_CONSUMER_KEY][usize::from(number > 0)];
        let request = ConnectionRequest::new(key, SAMPLE_LOGIN_ID)
            .with_loyalty_number(number.to_string())
            .with_name("Jo", "O'Hara & Co")
            .with_email("jo@example.com");
        emulator.add_connection_request(request, START)
    });
    let ids = ids.collect();
    let admin = emulator
        .grants
        .issue(SAMPLE_CONSUMER_KEY, "admin@example.com", START);
    let admin = admin.access_token.clone();
    (emulator, admin, ids)
}

const REQUESTS: &str = "/api/v3.2/common/connectionrequests";

fn put(emulator: &mut Emulator, uri: &str, admin: &str, media: &str, body: &str) -> u16 {
    let request = Request::put(uri)
        .header("authorization", format!("OAuth {admin}"))
        .header("content-type", media)
        .body(body.as_bytes().to_vec());
    let response = emulator.respond(&request.unwrap(), START);
    response.status().as_u16()
}

#[test]
fn connection_requests_are_listed_by_pages() {
    let (mut emulator, admin, ids) = with_connection_requests();
    let mut uri = format!("{REQUESTS}?status=PENDING&limit=4");
    let mut listed = Vec::new();
    loop {
        let (status, page) = get(&mut emulator, "GET", &uri, &admin);
        assert_eq!(status, 200, "{page}");
        let items = page.split("<ID>").skip(1);
        listed.extend(items.map(|item| item.split('<').next().unwrap().to_owned()));
        if page.contains("<NextPage i:nil=\"true\" />") {
            break;
        }
        let next = field(&page, "NextPage").replace("&amp;", "&");
        let path = next.strip_prefix("https://www.concursolutions.com");
        path.unwrap().clone_into(&mut uri);
        // What is reported meanwhile does not shift the rest.
        let one = format!("{REQUESTS}/{}", listed[0]);
        let body = "<ConnectionRequest><status>CRSUC</status></ConnectionRequest>";
        assert_eq!(
            put(&mut emulator, &one, &admin, "application/xml", body),
            204
        );
    }
    assert_eq!(listed, ids[1..]);
    assert_eq!(emulator.reported(&ids[1]), Some("CRSUC"));
    for (uri, items) in [
        (format!("{REQUESTS}?status=connected"), 1),
        // Without a status, those that are pending.
        (REQUESTS.to_owned(), 5),
        (format!("{REQUESTS}?limit=10"), ids.len() - 2),
    ] {
        let (_, page) = get(&mut emulator, "GET", &uri, &admin);
        assert_eq!(page.matches("<ID>").count(), items, "{uri}");
    }
    let past = format!("{REQUESTS}?offset={}", usize::MAX);
    let (status, page) = get(&mut emulator, "GET", &past, &admin);
    assert_eq!((status, page.matches("<ID>").count()), (200, 0));
    for bad in ["limit=0", "limit=11", "limit=x", "offset=x", "offset=-1"] {
        let uri = format!("{REQUESTS}?{bad}");
        assert_eq!(get(&mut emulator, "GET", &uri, &admin).0, 400, "{bad}");
    }
}

#[test]
fn version_decides_the_spelling_of_fields() {
    let (mut emulator, admin, ids) = with_connection_requests();
    for (version, has, has_not) in [
        ("v3.0", "<FirstName>Jo</FirstName>", "Email"),
        ("v3.1", "<Email1>jo@example.com</Email1>", "userId"),
        ("v3.2", "<email2 i:nil=\"true\" />", "FirstName"),
    ] {
        let uri = format!("/api/{version}/common/connectionrequests/{}", ids[1]);
        let (status, document) = get(&mut emulator, "GET", &uri, &admin);
        assert_eq!(status, 200);
        assert!(document.contains(has), "{document}");
        assert!(!document.contains(has_not), "{document}");
        assert!(document.contains("O'Hara &amp; Co"), "{document}");
        assert!(field(&document, "URI").ends_with(&uri), "{document}");
        let body = "<ConnectionRequest><Status>CRRET</Status></ConnectionRequest>";
        let status = put(&mut emulator, &uri, &admin, "application/xml", body);
        assert_eq!(status, if version == "v3.2" { 400 } else { 204 });
    }
    let uri = format!("/api/v3.3/common/connectionrequests/{}", ids[1]);
    assert_eq!(get(&mut emulator, "GET", &uri, &admin).0, 404);
    let request = Request::get(format!("{REQUESTS}?limit=1"))
        .header("authorization", format!("OAuth {admin}"))
        .header("accept", "application/json");
    let response = emulator.respond(&request.body(Vec::new()).unwrap(), START);
    let json: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    let item = &json["Items"][0];
    assert_eq!(item["lastName"], "O'Hara & Co");
    assert_eq!(item["middleName"], serde_json::Value::Null);
    assert!(json["NextPage"].is_string());
    // Concur's own sample of v3.2 reports in JSON.
    let one = format!("{REQUESTS}/{}", ids[1]);
    let put = put(
        &mut emulator,
        &one,
        &admin,
        "application/json",
        r#"{"status":"CRSUC"}"#,
    );
    assert_eq!((put, emulator.reported(&ids[1])), (204, Some("CRSUC")));
}

#[test]
fn connection_requests_need_an_administrator() {
    let (mut emulator, admin, ids) = with_connection_requests();
    let user = emulator
        .grants
        .issue(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, START);
    let user = user.access_token.clone();
    assert_eq!(get(&mut emulator, "GET", REQUESTS, &user).0, 403);
    assert_eq!(get(&mut emulator, "GET", REQUESTS, "").0, 401);
    let foreign = format!("{REQUESTS}/{}", ids[0]);
    assert_eq!(get(&mut emulator, "GET", &foreign, &admin).0, 404);
    assert_eq!(get(&mut emulator, "DELETE", &foreign, &admin).0, 404);
    let own = format!("{REQUESTS}/{}", ids[1]);
    for (media, body) in [
        (
            "text/plain",
            "<ConnectionRequest><status>CRSUC</status></ConnectionRequest>",
        ),
        (
            "application/xml",
            "<ConnectionRequest><status>OTHER</status></ConnectionRequest>",
        ),
        ("application/xml", "<Other><status>CRSUC</status></Other>"),
        ("application/xml", "<ConnectionRequest><status>CRSUC"),
        ("application/json", r#"{"Status":"CRSUC"}"#),
        ("application/json", r#"{"status":"CRSUC""#),
        ("application/json", r#"["CRSUC"]"#),
    ] {
        assert_eq!(put(&mut emulator, &own, &admin, media, body), 400, "{body}");
    }
    assert_eq!(emulator.reported(&ids[1]), None);
    assert_eq!(get(&mut emulator, "DELETE", &own, &admin).0, 204);
    assert_eq!(get(&mut emulator, "DELETE", &own, &admin).0, 404);
}

#[test]
fn connection_request_is_created_for_a_user() {
    let (mut emulator, admin, _) = with_connection_requests();
    let uri = format!("{REQUESTS}?user=john_developer%40hotmail.com");
    let (status, document) = get(&mut emulator, "POST", &uri, &admin);
    assert_eq!(status, 200, "{document}");
    let one = format!("{REQUESTS}/{}", field(&document, "ID"));
    assert!(field(&document, "URI").ends_with(&one));
    let (_, document) = get(&mut emulator, "GET", &one, &admin);
    assert_eq!(field(&document, "status"), "Pending");
    let nobody = format!("{REQUESTS}?user=nobody");
    assert_eq!(get(&mut emulator, "POST", &nobody, &admin).0, 404);
}

#[test]
fn connecting_to_a_supplier_makes_a_connection_request() {
    let mut emulator = Emulator::with_sample_account();
    let uri = format!("/appcenter?client_id={SAMPLE_CONSUMER_KEY}");
    let page = browse(&mut emulator, "GET", &uri, "");
    assert!(
        page.body().contains("<label for=\"loyalty_number\">"),
        "{}",
        page.body()
    );
    let who = "login_id=john_developer%40hotmail.com&password=Travel%26Expense%242012";
    let typed = "first_name=Jo&last_name=O%27Hara&loyalty_number=0042";
    // After a wrong password, what else was typed is kept.
    let wrong = format!("login_id=jo&password=hunter2&{typed}");
    let page = browse(&mut emulator, "POST", &uri, &wrong);
    for kept in ["\"Jo\"", "\"O'Hara\"", "\"0042\""] {
        let kept = format!("value={kept}");
        assert!(page.body().contains(&kept), "{}", page.body());
    }
    let page = browse(&mut emulator, "POST", &uri, &format!("{who}&{typed}"));
    assert!(
        page.body().contains("Sample Application will connect you"),
        "{}",
        page.body()
    );
    let admin = SAMPLE_ADMINISTRATOR_LOGIN_ID;
    emulator.add_tokens("admin", "", SAMPLE_CONSUMER_KEY, admin, START);
    let (_, document) = get(&mut emulator, "GET", REQUESTS, "admin");
    assert_eq!(field(&document, "lastName"), "O'Hara");
    assert_eq!(field(&document, "loyaltyNumber"), "0042");
    assert_eq!(field(&document, "userId"), SAMPLE_LOGIN_ID);
}
