//! The page that the user sees at the end.

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b2733;--paper:#fff;--line:#0a5ea8}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#10171e;--line:#84c3ff}}
body{margin:0;font:1.1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:32rem;margin:10vh auto;padding:0 1rem;border-left:4px solid var(--line)}
h1{font-size:1.6rem;line-height:1.2}
";

/// A page, without a script and with nothing loaded from elsewhere.
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    text: String,
    /// Header fields besides those of every page.
    fields: String,
}

impl Page {
    fn new(status: &'static str, title: &'static str, text: impl Into<String>) -> Self {
        Self {
            status,
            title,
            text: text.into(),
            fields: String::new(),
        }
    }

    /// Sends the browser on to Concur, with a cookie by which it is known when it returns. Another site's link brings
    /// the cookie along, and no other request of another site does.
    pub(super) fn sign_in(url: &str, cookie: &str) -> Self {
        Self {
            fields: format!(
                "Location: {url}\r\nSet-Cookie: {cookie}; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400\r\n"
            ),
            ..Self::new(
                "303 See Other",
                "To Concur",
                "Your browser goes on to Concur.",
            )
        }
    }

    /// For a link that was opened before.
    pub(super) fn second_visit() -> Self {
        Self::new(
            "409 Conflict",
            "This link was opened before",
            "It works once. Another program of this computer may have opened it. Go back to the command that waits \
             here, and run it again.",
        )
    }

    pub(super) fn connected() -> Self {
        Self::new(
            "200 OK",
            "It worked",
            "The command that sent you here has the access token. You can close this page.",
        )
    }

    pub(super) fn denied(words: &str) -> Self {
        let text = format!("Concur says: {words}. You can close this page.");
        Self::new("200 OK", "Access was not granted", text)
    }

    /// For a callback that is the user's and cannot be used.
    pub(super) fn odd() -> Self {
        Self::new(
            "400 Bad Request",
            "This was refused",
            "The link that leads back from Concur is not as it should be. Go back to the command that sent \
             you there, and run it again.",
        )
    }

    pub(super) fn failed() -> Self {
        Self::new(
            "502 Bad Gateway",
            "It did not work",
            "The command that sent you here says why. You can close this page.",
        )
    }

    /// For a callback with another state or none, or of another browser.
    pub(super) fn stranger() -> Self {
        Self::new(
            "400 Bad Request",
            "This was refused",
            "The command that waits here does not expect this, or not from this browser. Its link works once, and only \
             the browser that opened it can return. If in doubt, end the command and run it again.",
        )
    }

    /// For what is no request of a browser.
    pub(super) fn unreadable(status: &'static str) -> Self {
        Self::new(
            status,
            "This cannot be read",
            "Go back to the command that waits here, and open the link that it shows in a fresh window.",
        )
    }

    pub(super) fn not_found() -> Self {
        Self::new("404 Not Found", "There is nothing here", "")
    }

    /// Returns the page as an HTTP response. It leaks no address through a link, and is not cached.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let Self {
            status,
            title,
            text,
            fields,
        } = self;
        let text = escaped(&text);
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
        );
        let length = page.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n{fields}Connection: close\r\n\r\n{page}"
        )
        .into_bytes()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
