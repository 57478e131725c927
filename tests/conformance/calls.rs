//! Every call: the request that is sent, and what its response is read as. One row for each call.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use concur_oauth::auto_connect::{
    ConnectionRequestId, CreateConnectionRequest, DeleteConnectionRequest, GetConnectionRequest,
    Outcome, Pages, ReportConnection, Status, Version,
};
use concur_oauth::net2::{CodeExchange, Refresh, RevokeToken, RevokeUser};
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, Exchange, ExposeSecret, RequestToken,
    SecretString, TokenParts, TokenScheme,
};

use crate::columns::Transport;
use crate::peers::{build, builder, flow, peer, read_request};

const TOKEN: &str = "<Access_Token><Instance_Url>https://evil.example/</Instance_Url>\
    <Token>t</Token><Expiration_date>6/3/2014 4:03:43 PM</Expiration_date>\
    <Refresh_Token>r</Refresh_Token></Access_Token>";

const CREATED: &str = "<Response><ID>g7</ID></Response>";

const REQUEST: &str = "<ConnectionRequest><ID>g7</ID></ConnectionRequest>";

const LIST: &str = "<ConnectionRequests><Items><ConnectionRequest><ID>g7</ID>\
    </ConnectionRequest></Items></ConnectionRequests>";

pub(crate) const AGAIN: bool = true;
pub(crate) const ONCE: bool = false;

/// A client, and a server that responds with what it is given.
pub(crate) struct Table<T> {
    pub(crate) client: T,
    responses: Sender<String>,
    requests: Receiver<Vec<String>>,
}

impl<T: Transport> Table<T> {
    pub(crate) fn new() -> (Self, BaseUrl) {
        let (responses, to_send) = channel::<String>();
        let (received, requests) = channel();
        let (base_url, _) = peer(usize::MAX, move |_, mut stream| {
            let request = read_request(&mut stream);
            let mut lines: Vec<_> = request
                .trim_end()
                .split("\r\n")
                .map(str::to_owned)
                .collect();
            let length = |line: &String| line.strip_prefix("content-length: ")?.parse().ok();
            let mut body = vec![0; lines.iter().find_map(length).unwrap_or(0)];
            stream.read_exact(&mut body).unwrap();
            lines.push(String::from_utf8(body).unwrap());
            received.send(lines).unwrap();
            let body = to_send.recv().unwrap();
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .unwrap();
        });
        let client = build::<T>(builder::<T>());
        let table = Self {
            client,
            responses,
            requests,
        };
        (table, base_url)
    }

    /// Sends a call that may be sent twice or only [`ONCE`]. The request is this line, with these header fields besides
    /// those of every request, and this body.
    pub(crate) fn row<E>(
        &self,
        call: E,
        resendable: bool,
        line: &str,
        fields: &[&str],
        body: &str,
        response: &str,
    ) -> E::Output
    where
        E: Exchange + Send,
        E::Output: Send,
    {
        assert_eq!(call.is_resendable(), resendable, "{line}");
        let host = format!("host: {}", call.base_url().authority());
        self.responses.send(response.to_owned()).unwrap();
        let output = self.client.send(call).unwrap();
        let mut request = self.requests.recv().unwrap();
        assert_eq!(request.pop().as_deref(), Some(body), "{line}");
        request[1..].sort_unstable();
        let is_xml = line.contains(" /net2/") || line.contains(" /api/");
        let accept = if is_xml {
            "accept: application/xml"
        } else {
            "accept: application/json"
        };
        let mut expected = vec![
            "accept-encoding: identity",
            accept,
            concat!("user-agent: concur-oauth/", env!("CARGO_PKG_VERSION")),
            &host,
        ];
        expected.extend(fields);
        expected.sort_unstable();
        expected.insert(0, line);
        assert_eq!(request, expected);
        output
    }
}

impl<T: Transport> Table<T> {
    /// Sends a call, and expects these words in the error that its response is read as.
    pub(crate) fn refuses<E>(&self, call: E, response: &str, words: &str)
    where
        E: Exchange + Send,
        E::Output: Send + std::fmt::Debug,
    {
        self.responses.send(response.to_owned()).unwrap();
        let error = self.client.send(call).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        self.requests.recv().unwrap();
    }
}

fn is_token(token: &AccessToken) {
    assert_eq!(token.token().expose_secret(), "t");
    assert_eq!(token.refresh_token().unwrap().expose_secret(), "r");
    assert!(token.expires_at().is_some());
    // What a response names outside the trust domain is not where secrets go.
    assert!(token.base_url().authority().starts_with("127.0.0.1:"));
}

pub(crate) fn every_call_of_net2_is_sent_and_read_as_documented<T: Transport>() {
    let (table, base_url) = Table::<T>::new();
    let application = Application::new(ConsumerKey::new("key").unwrap(), "s&cret").unwrap();
    let administrator = AccessToken::from(TokenParts::new(
        TokenScheme::OAuth,
        "admin",
        base_url.clone(),
    ));
    let secret = SecretString::from("a+b/=");
    let code = RequestToken::new("c/o+de").unwrap();
    let admin = "authorization: OAuth admin";

    // What brings a token.
    is_token(&table.row(
        flow(&base_url),
        AGAIN,
        "GET /net2/oauth2/accesstoken.ashx HTTP/1.1",
        &[
            "authorization: Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==",
            "x-consumerkey: hj7683jslks93lalkjss93",
        ],
        "",
        TOKEN,
    ));
    is_token(&table.row(
        CodeExchange::new(&base_url, &application, &code),
        ONCE,
        "GET /net2/oauth2/GetAccessToken.ashx?code=c%2Fo%2Bde&client_id=key\
         &client_secret=s%26cret HTTP/1.1",
        &[],
        "",
        TOKEN,
    ));
    let refreshed = table.row(
        Refresh::new(&base_url, &application, &secret),
        ONCE,
        "GET /net2/oauth2/getaccesstoken.ashx?refresh_token=a%2Bb%2F%3D&client_id=key\
         &client_secret=s%26cret HTTP/1.1",
        &[],
        "",
        TOKEN,
    );
    is_token(&refreshed.into_token(secret.clone()));

    // What returns nothing.
    table.row(
        RevokeToken::new(&administrator, &secret),
        AGAIN,
        "POST /net2/oauth2/revoketoken.ashx?token=a%2Bb%2F%3D HTTP/1.1",
        &[admin, "content-length: 0"],
        "",
        "",
    );
    // Words that are not known to mean success are not taken for it.
    table.refuses(
        RevokeToken::new(&administrator, &secret),
        "Access denied",
        "not confirmed as done: Access denied",
    );
    table.row(
        RevokeUser::new(&administrator, application.key(), "jo@example.com").unwrap(),
        AGAIN,
        "POST /net2/oauth2/revoketoken.ashx?consumerKey=key&user=jo%40example.com HTTP/1.1",
        &[admin, "content-length: 0"],
        "",
        "",
    );
}

pub(crate) fn every_call_of_auto_connect_is_sent_and_read_as_documented<T: Transport>() {
    let (table, base_url) = Table::<T>::new();
    let administrator = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "admin", base_url));
    let id = ConnectionRequestId::new("i d/7").unwrap();
    let admin = "authorization: OAuth admin";

    let mut pages = Pages::new(Version::V3_2, Status::Pending);
    let list = pages.next_request(&administrator).unwrap().unwrap();
    let page = table.row(
        list,
        AGAIN,
        "GET /api/v3.2/common/connectionrequests?status=pending&limit=10 HTTP/1.1",
        &[admin],
        "",
        LIST,
    );
    assert_eq!(pages.accept(page).len(), 1);
    let request = table.row(
        GetConnectionRequest::new(&administrator, &id),
        AGAIN,
        "GET /api/v3.0/common/connectionrequests/i%20d%2F7 HTTP/1.1",
        &[admin],
        "",
        REQUEST,
    );
    assert_eq!(request.id().unwrap().as_str(), "g7");
    let created = table.row(
        CreateConnectionRequest::new(&administrator, "a+b@example.com").unwrap(),
        ONCE,
        "POST /api/v3.0/common/connectionrequests?user=a%2Bb%40example.com HTTP/1.1",
        &[admin, "content-length: 0"],
        "",
        CREATED,
    );
    assert_eq!(created, "g7");
    table.row(
        ReportConnection::new(&administrator, Version::V3_2, &id, Outcome::Connected),
        AGAIN,
        "PUT /api/v3.2/common/connectionrequests/i%20d%2F7 HTTP/1.1",
        &[admin, "content-length: 61", "content-type: application/xml"],
        "<ConnectionRequest><status>CRSUC</status></ConnectionRequest>",
        "",
    );
    table.row(
        DeleteConnectionRequest::new(&administrator, &id),
        AGAIN,
        "DELETE /api/v3.0/common/connectionrequests/i%20d%2F7 HTTP/1.1",
        &[admin],
        "",
        "",
    );
}
