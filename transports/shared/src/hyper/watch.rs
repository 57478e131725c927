//! What HTTP/1.1 says over a connection.

use std::io;

use concur_oauth_core::transport::http1::HeadReader;
use concur_oauth_core::transport::{Framing, Limits, Stage, salvage};
use http::Method;

use super::verdict::Verdict;

pub(super) struct Watch {
    limits: Limits,
    method: Method,
    exchanges: usize,
    /// How much of the request is still to be written, in bytes.
    unwritten: usize,
    /// The beginning of a head that is not whole.
    held: Vec<u8>,
    /// `None` where no head is awaited: before the first request, and after a head.
    reader: Option<HeadReader>,
}

impl Watch {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            method: Method::GET,
            exchanges: 0,
            unwritten: 0,
            held: Vec::new(),
            reader: None,
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.exchanges == 0
    }

    pub(super) fn awaits_head(&self) -> bool {
        self.reader.is_some()
    }

    /// These bytes are about to be written. Hyper begins a request with its whole head, and only when
    /// the one before was written and answered; an answer may come before its request has ended.
    pub(super) fn begins(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.unwritten > 0 || self.awaits_head() {
            return;
        }
        let head = bytes.starts_with(b"HEAD ");
        self.method = if head { Method::HEAD } else { Method::GET };
        self.exchanges = self.exchanges.saturating_add(1);
        self.unwritten = length(bytes);
        self.held.clear();
        self.reader = Some(HeadReader::new(&self.limits));
    }

    pub(super) fn wrote(&mut self, length: usize) {
        self.unwritten = self.unwritten.saturating_sub(length);
    }

    pub(super) fn reads(&mut self, bytes: &[u8]) -> Result<(), Verdict> {
        let Some(reader) = &mut self.reader else {
            return Ok(());
        };
        if bytes.is_empty() {
            return Err(self.broken_receiving(io::ErrorKind::UnexpectedEof.into()));
        }
        // Most heads come whole, and need not be kept.
        let head = if self.held.is_empty() {
            reader.read(bytes)
        } else {
            self.held.extend_from_slice(bytes);
            reader.read(&self.held)
        };
        match head {
            Ok(Some((head, _))) => {
                self.held = Vec::new();
                self.reader = None;
                let framing = Framing::of(&self.method, &head, &self.limits);
                framing.map(drop).map_err(|reason| {
                    Verdict::Refused(reason, salvage(head, reason.into()).ok().map(Box::new))
                })
            }
            Ok(None) => {
                if self.held.is_empty() {
                    self.held.extend_from_slice(bytes);
                }
                Ok(())
            }
            Err(reason) => Err(Verdict::Refused(reason, None)),
        }
    }

    pub(super) fn broken_sending(&self, source: io::Error) -> Verdict {
        self.broken(Stage::Send, source)
    }

    pub(super) fn broken_receiving(&self, source: io::Error) -> Verdict {
        self.broken(Stage::Receive, source)
    }

    fn broken(&self, stage: Stage, source: io::Error) -> Verdict {
        let unanswered = self.awaits_head() && self.held.is_empty();
        Verdict::Broken {
            stage,
            died_waiting: unanswered && self.exchanges > 1,
            source,
        }
    }
}

/// How long a request is that begins with this head, as `prepare` has it say.
fn length(bytes: &[u8]) -> usize {
    let mut length = 0_usize;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        length = length.saturating_add(line.len());
        if line == b"\r\n" {
            break;
        }
        let value = line.strip_prefix(b"content-length: ");
        let value = value.and_then(|value| std::str::from_utf8(value).ok());
        let body = value.and_then(|value| value.trim_end().parse().ok());
        length = length.saturating_add(body.unwrap_or(0));
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_where_it_says() {
        let head = b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(length(head), head.len() + 5);
        assert_eq!(length(&[&head[..], b"con"].concat()), head.len() + 5);
        let head = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
        assert_eq!(length(head), head.len());
    }

    #[test]
    fn an_answer_that_comes_before_its_request_has_ended_is_one_answer() {
        let mut watch = Watch::new(Limits::default());
        let head = b"PUT / HTTP/1.1\r\ncontent-length: 9\r\n\r\n";
        watch.begins(head);
        watch.wrote(head.len());
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        assert!(watch.reads(answer).is_ok());
        watch.begins(b"body body");
        assert!(!watch.awaits_head());
        watch.wrote(9);
        watch.begins(head);
        assert!(watch.awaits_head());
    }
}
