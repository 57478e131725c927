//! What the requests of browsers mean: a user sets out, a user returns, or neither.
//!
//! The sign-in URL has a state in it, and a browser's command line can be read by every user of the machine. So the
//! browser gets a link to this command instead, which works once. The link sends the browser on to Concur, and a cookie
//! ties the return to that browser. Another user who reads the link from the command line can at most open it first. Then
//! the visit of the user's own browser is the second one, which ends the command.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use concur_oauth::{CallbackError, CsrfState};

use super::page::Page;

/// How many refusals are reported.
const WARNINGS: usize = 3;

/// Tells the user's requests from all others.
pub(super) struct Door<C> {
    /// The path of the link, with its secret.
    start: String,
    /// Where the link leads: the sign-in URL of Concur.
    sign_in: String,
    /// Name and value.
    cookie: String,
    state: CsrfState,
    /// The path that the user returns to.
    path: String,
    parse: Parse<C>,
    is_opened: AtomicBool,
    refused: AtomicUsize,
}

/// Parses the query that a user returns with.
pub(crate) type Parse<C> = fn(&str, &CsrfState) -> Result<C, CallbackError>;

/// What a request means.
pub(super) enum Meaning<C> {
    /// Nothing to the command. The browser gets this page.
    Page(Page),
    /// The user returned, and waits for a page.
    Return(Result<C, CallbackError>),
    /// The link was opened a second time.
    SecondVisit,
}

impl<C> Door<C> {
    /// `secrets` are the link's and the cookie's.
    pub(super) fn new(
        (port, path): (u16, String),
        sign_in: String,
        (state, parse): (CsrfState, Parse<C>),
        secrets: [u128; 2],
    ) -> Self {
        let [start, cookie] = secrets;
        Self {
            start: format!("/start/{start:032x}"),
            sign_in,
            // Cookies do not know ports, and several commands can wait.
            cookie: format!("concur_oauth_{port}={cookie:032x}"),
            state,
            path,
            parse,
            is_opened: AtomicBool::new(false),
            refused: AtomicUsize::new(0),
        }
    }

    /// Returns the path that begins the flow.
    pub(super) fn start(&self) -> &str {
        &self.start
    }

    /// Reads the head of a request.
    pub(super) fn read(&self, head: &[u8]) -> Meaning<C> {
        let (path, query) = match target(head) {
            Ok(target) => target,
            Err(status) => return Meaning::Page(Page::unreadable(status)),
        };
        if path == self.start {
            return if self.is_opened.swap(true, Ordering::Relaxed) {
                Meaning::SecondVisit
            } else {
                Meaning::Page(Page::sign_in(&self.sign_in, &self.cookie))
            };
        }
        if path != self.path {
            return Meaning::Page(Page::not_found());
        }
        match (self.parse)(query, &self.state) {
            Err(
                error @ (CallbackError::NoState
                | CallbackError::WrongState
                | CallbackError::RepeatedState),
            ) => self.refuse(&error.to_string()),
            _ if !has_cookie(head, &self.cookie) => {
                self.refuse("another browser returned than the one that set out")
            }
            callback => Meaning::Return(callback),
        }
    }

    fn refuse(&self, why: &str) -> Meaning<C> {
        match self.refused.fetch_add(1, Ordering::Relaxed) {
            few if few < WARNINGS => say!("warning: refused, and still waiting: {why}"),
            WARNINGS => say!("warning: further ones are refused without a warning"),
            _ => {}
        }
        Meaning::Page(Page::stranger())
    }
}

/// Returns the path and the query of a request, or the status that says why there are none.
fn target(head: &[u8]) -> Result<(&str, &str), &'static str> {
    const BAD: &str = "400 Bad Request";
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or(head);
    let line = std::str::from_utf8(line).map_err(|_| BAD)?;
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["GET", target, version] if target.starts_with('/') && version.starts_with("HTTP/1.") => {
            Ok(target.split_once('?').unwrap_or((target, "")))
        }
        [_, _, version] if version.starts_with("HTTP/1.") => Err("405 Method Not Allowed"),
        _ => Err(BAD),
    }
}

/// Returns whether a request brings a cookie (RFC 6265 section 5.4).
fn has_cookie(head: &[u8], cookie: &str) -> bool {
    head.split(|byte| *byte == b'\n')
        .skip(1)
        .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, cookies)| cookies.split(';'))
        .any(|found| found.trim() == cookie)
}
