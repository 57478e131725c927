//! A server, and a client of plain http that shows what came.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use serde_json::Value;

/// What came: the status is 0 where nothing did.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn field(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) fn get(server: &Server, path: &str) -> Reply {
    ask(server, "GET", path, &[], "")
}

pub(crate) fn post(server: &Server, path: &str, body: &str) -> Reply {
    ask(server, "POST", path, &[], body)
}

pub(crate) fn form(server: &Server, path: &str, body: &str) -> Reply {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    ask(server, "POST", path, &form, body)
}

pub(crate) fn ask(
    server: &Server,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Reply {
    let authority = server.url().strip_prefix("http://").unwrap();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(authority).unwrap();
    let time = Duration::from_millis(if method == "GET" { 1000 } else { 5000 });
    stream.set_read_timeout(Some(time)).unwrap();
    let mut response = Vec::new();
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
    let _ = stream.read_to_end(&mut response);
    read(&String::from_utf8(response).unwrap())
}

fn read(response: &str) -> Reply {
    let Some((head, body)) = response.split_once("\r\n\r\n") else {
        return Reply {
            status: 0,
            fields: Vec::new(),
            body: String::new(),
        };
    };
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let fields = lines.filter_map(|line| line.split_once(": "));
    Reply {
        status: status.parse().unwrap(),
        fields: fields
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

pub(crate) fn start() -> Server {
    let builder = Server::builder().plain_http();
    builder.control().start().unwrap()
}

pub(crate) fn grant(server: &Server, grant: &str) -> Reply {
    let body = format!("client_id={SAMPLE_CLIENT_ID}&client_secret={SAMPLE_CLIENT_SECRET}&{grant}");
    form(server, "/oauth2/v0/token", &body)
}

pub(crate) fn by_password(server: &Server) -> Value {
    let password = SAMPLE_PASSWORD.replace('&', "%26");
    let by_password = format!("grant_type=password&username={SAMPLE_LOGIN_ID}&password={password}");
    let reply = grant(server, &by_password);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

pub(crate) fn refresh(server: &Server, token: &Value) -> Reply {
    let token = token["refresh_token"].as_str().unwrap();
    grant(
        server,
        &format!("grant_type=refresh_token&refresh_token={token}"),
    )
}
