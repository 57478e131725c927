//! The index page: what is here, and what happened.

use std::fmt::Write;

use http::Response;

use crate::emulator::Emulator;
use crate::http::document::escaped;
use crate::http::page::wide_page;
use crate::listed_tokens::ListedToken;
use crate::sample::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET,
    SAMPLE_PASSWORD,
};
use crate::server::record::RequestRecord;
use crate::server::{Shared, lock};
use crate::time::{exact_moment, moment};

/// How many rows of other tables are shown.
const ROWS: usize = 8;
/// How many requests are shown, the last ones.
const LAST_REQUESTS: usize = 50;

pub(super) fn page(shared: &Shared) -> Response<Vec<u8>> {
    let now = shared.now();
    let mut body = "<h1>Emulator of SAP Concur's token services</h1>\n".to_owned();
    let _ = writeln!(body, "<p>Its clock shows {}.</p>", moment(now));
    {
        let emulator = lock(&shared.emulator);
        body.push_str(&accounts(&emulator));
        body.push_str(&tokens(&emulator.listed_tokens(now)));
        body.push_str(&connection_requests(&emulator));
    }
    body.push_str(&faults(shared));
    let records = lock(&shared.records);
    body.push_str(&requests(records.all()));
    wide_page("Emulator of SAP Concur", &body)
}

/// A table with a heading, in a region that a keyboard can scroll.
struct Table<const N: usize> {
    heading: &'static str,
    head: [&'static str; N],
    rows: Vec<[String; N]>,
    /// How many of the rows are shown.
    most: usize,
    /// Where all are listed.
    all: &'static str,
}

impl<const N: usize> Table<N> {
    fn write(&self, nothing: &str) -> String {
        let heading = self.heading;
        let mut text = format!("<h2>{heading}</h2>\n");
        if self.rows.is_empty() {
            let _ = writeln!(text, "<p>{nothing}</p>");
            return text;
        }
        let _ = write!(
            text,
            "<div class=\"scroll\" role=\"region\" aria-label=\"{heading}\" tabindex=\"0\">\n<table>\n<tr>"
        );
        for name in self.head {
            let _ = write!(text, "<th scope=\"col\">{name}</th>");
        }
        text.push_str("</tr>\n");
        for row in self.rows.iter().take(self.most) {
            text.push_str("<tr>");
            for cell in row {
                let _ = write!(text, "<td>{cell}</td>");
            }
            text.push_str("</tr>\n");
        }
        text.push_str("</table>\n</div>\n");
        let (count, most, all) = (self.rows.len(), self.most, self.all);
        if count > most {
            let _ = write!(text, "<p>{most} of {count}");
            if !all.is_empty() {
                let _ = write!(text, ": <a href=\"{all}\">{all}</a> has all");
            }
            text.push_str(".</p>\n");
        }
        text
    }
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", short(text))
}

/// Shows a secret that is in the documentation, and no other.
fn shown(secret: &str, is_sample: bool) -> String {
    if is_sample {
        code(secret)
    } else {
        "yours".to_owned()
    }
}

fn accounts(emulator: &Emulator) -> String {
    let of_v0 = emulator.v0.applications.iter().map(|it| {
        let is_sample = it.client_id == SAMPLE_CLIENT_ID && it.has_secret(SAMPLE_CLIENT_SECRET);
        let secret = shown(SAMPLE_CLIENT_SECRET, is_sample);
        [
            short(it.name()),
            code("/oauth2/v0"),
            code(&it.client_id),
            secret,
        ]
    });
    let of_net2 = emulator.applications.iter().map(|it| {
        let secret = it.secret.as_deref();
        let is_sample = it.key == SAMPLE_CONSUMER_KEY && secret == Some(SAMPLE_CONSUMER_SECRET);
        let secret = shown(SAMPLE_CONSUMER_SECRET, is_sample);
        [
            short(it.name()),
            code("/net2/oauth2"),
            code(&it.key),
            secret,
        ]
    });
    let applications = Table {
        heading: "Applications",
        head: ["Name", "Service", "Client ID or consumer key", "Secret"],
        rows: of_v0.chain(of_net2).collect(),
        most: ROWS,
        all: "",
    };
    let users_of_v0 = emulator.v0.users.iter().map(|it| {
        let password = shown(SAMPLE_PASSWORD, it.password == SAMPLE_PASSWORD);
        [code(&it.login_id), code("/oauth2/v0"), password]
    });
    let users_of_net2 = emulator.users.iter().map(|it| {
        let administrator = if it.administrator {
            ", administrator"
        } else {
            ""
        };
        let password = shown(SAMPLE_PASSWORD, it.password() == SAMPLE_PASSWORD);
        [
            code(&it.login_id) + administrator,
            code("/net2/oauth2"),
            password,
        ]
    });
    let users = Table {
        heading: "Users",
        head: ["Login ID", "Service", "Password"],
        rows: users_of_v0.chain(users_of_net2).collect(),
        most: ROWS,
        all: "",
    };
    let companies = emulator.v0.companies.iter().map(|it| [code(&it.id)]);
    let companies = Table {
        heading: "Companies",
        head: ["UUID"],
        rows: companies.collect(),
        most: ROWS,
        all: "",
    };
    let nothing = "There is none.";
    applications.write(nothing) + &users.write(nothing) + &companies.write(nothing)
}

fn tokens(tokens: &[ListedToken]) -> String {
    let mut newest: Vec<_> = tokens.iter().collect();
    newest.sort_by_key(|token| std::cmp::Reverse(token.expires_at));
    let row = |token: &&ListedToken| {
        let ends = moment(token.expires_at);
        let id = &token.id;
        let (state, action) = if token.is_valid {
            let action = format!(
                "<form method=\"post\" action=\"/_emulator/tokens/{id}/expire\">\
                 <button class=\"second\" aria-label=\"Expire {id}\">Expire</button></form>"
            );
            (ends, action)
        } else {
            (format!("{ends}, ended"), String::new())
        };
        [
            id.clone(),
            token.kind.to_owned(),
            short(&token.holder),
            short(&token.application),
            state,
            action,
        ]
    };
    let table = Table {
        heading: "Tokens",
        head: ["ID", "Kind", "Of", "For", "Ends", "Action"],
        rows: newest.iter().map(row).collect(),
        most: ROWS,
        all: "/_emulator/tokens",
    };
    table.write("None was issued yet.")
}

fn connection_requests(emulator: &Emulator) -> String {
    let rows = emulator.connections.all().rev().map(|it| {
        let reported = emulator.reported(it.id()).unwrap_or("nothing yet");
        [
            code(it.id()),
            short(&it.login_id),
            it.status().to_owned(),
            reported.to_owned(),
        ]
    });
    let table = Table {
        heading: "Connection requests",
        head: ["ID", "User", "Status", "Reported"],
        rows: rows.collect(),
        most: ROWS,
        all: "",
    };
    table.write("There is none. The <a href=\"/appcenter\">App Center</a> makes one.")
}

fn faults(shared: &Shared) -> String {
    let rules = lock(&shared.rules);
    let rows = rules
        .all()
        .iter()
        .map(|rule| [format!("<code>{}</code>", short(&rule.to_string()))]);
    let table = Table {
        heading: "Faults to come",
        head: ["Fault"],
        rows: rows.collect(),
        most: ROWS,
        all: "/_emulator/faults",
    };
    let mut text = table.write("None is set.");
    if !rules.all().is_empty() {
        text.push_str(CLEAR);
    }
    let options =
        FAULTS.map(|(fault, words)| format!("<option value=\"{fault}\">{words}</option>\n"));
    let paths = PATHS.map(|path| format!("<option>{path}</option>\n"));
    let (options, paths) = (options.concat(), paths.concat());
    let _ = write!(
        text,
        "<form class=\"line\" method=\"post\" action=\"/_emulator/faults\">\n\
         <p><label for=\"fault\">Fault</label>\n<select id=\"fault\" name=\"fault\">\n{options}</select></p>\n\
         <p><label for=\"path\">Of requests to</label>\n<select id=\"path\" name=\"path\">\n\
         <option value=\"\">any path</option>\n{paths}</select></p>\n\
         <p><label for=\"next\">How many responses</label>\n\
         <input id=\"next\" name=\"next\" type=\"number\" min=\"1\" value=\"1\"></p>\n\
         <p><button>Set the fault</button></p>\n</form>\n"
    );
    text
}

const CLEAR: &str = "<form method=\"post\" action=\"/_emulator/faults/clear\">\
    <p><button class=\"second\">Clear all faults</button></p></form>\n";

const PATHS: [&str; 4] = [
    "/oauth2/v0/token",
    "/oauth2/v0/authorize",
    "/net2/oauth2/accesstoken.ashx",
    "/net2/oauth2/getaccesstoken.ashx",
];

const FAULTS: [(&str, &str); 8] = [
    ("status=503,retry-after=30", "503, come again in 30 s"),
    ("status=429,retry-after=30", "429, come again in 30 s"),
    ("status=500", "500"),
    ("unavailable", "503 with a web page"),
    ("delay=5s", "5 s late"),
    ("delay=90s", "90 s late"),
    ("cut-off", "carried out, and no response"),
    ("chunked", "in chunks"),
];

fn requests<'a>(records: impl DoubleEndedIterator<Item = &'a RequestRecord>) -> String {
    let row = |record: &RequestRecord| {
        let at = exact_moment(record.at());
        let grant = record.token().unwrap_or(record.grant());
        let (method, path) = (short(record.method()), short(record.path()));
        [
            at.get(11..).unwrap_or_default().to_owned(),
            format!("{method} <code>{path}</code>"),
            short(grant),
            record.status().as_u16().to_string(),
            short(record.outcome()),
            short(record.fault().unwrap_or_default()),
        ]
    };
    let table = Table {
        heading: "Last requests",
        head: [
            "At",
            "Request",
            "Grant or token",
            "Status",
            "Error",
            "Fault",
        ],
        rows: records.rev().map(row).collect(),
        most: LAST_REQUESTS,
        all: "/_emulator/requests",
    };
    table.write("None came yet.")
}

/// The page stays small, whatever was asked.
fn short(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars() {
        if short.len() >= 44 {
            short.push('…');
            break;
        }
        short.push_str(&escaped(character.encode_utf8(&mut [0; 4])));
    }
    short
}
