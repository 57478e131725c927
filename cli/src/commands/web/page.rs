//! The page that the user sees at the end.

/// A page, without a script and with nothing loaded from elsewhere.
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    text: String,
}

impl Page {
    pub(super) fn connected() -> Self {
        Self {
            status: "200 OK",
            title: "It worked",
            text: "The command that sent you here has the access token. You can close this page."
                .to_owned(),
        }
    }

    pub(super) fn denied(words: &str) -> Self {
        Self {
            status: "200 OK",
            title: "Access was not granted",
            text: format!("Concur says: {words}. You can close this page."),
        }
    }

    /// For a callback that is the user's and cannot be used.
    pub(super) fn odd() -> Self {
        Self {
            status: "400 Bad Request",
            title: "This was refused",
            text: "The link that leads back from Concur is not as it should be. Go back to the command that sent \
                   you there, and run it again."
                .to_owned(),
        }
    }

    pub(super) fn failed() -> Self {
        Self {
            status: "502 Bad Gateway",
            title: "It did not work",
            text: "The command that sent you here says why. You can close this page.".to_owned(),
        }
    }

    /// For a callback with another state, or with none.
    pub(super) fn stranger() -> Self {
        Self {
            status: "400 Bad Request",
            title: "This was refused",
            text: "The command that waits here did not make this link. Go back to it, and \
                   open the link that it shows."
                .to_owned(),
        }
    }

    /// For what is no request of a browser.
    pub(super) fn unreadable(status: &'static str) -> Self {
        Self {
            status,
            title: "This cannot be read",
            text: "Go back to the command that waits here, and open the link that it shows in a fresh \
                   window."
                .to_owned(),
        }
    }

    pub(super) fn not_found() -> Self {
        Self {
            status: "404 Not Found",
            title: "There is nothing here",
            text: String::new(),
        }
    }

    /// Returns the page as an HTTP response. It leaks no address through a link, and is not cached.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let Self {
            status,
            title,
            text,
        } = self;
        let text = escaped(&text);
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
        );
        let length = page.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n{page}"
        )
        .into_bytes()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
