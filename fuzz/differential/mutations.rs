//! Mutated documents or HTTP responses on standard output, each with what core reads in it, for `compare.py`.
//!
//! `mutations xml|http COUNT SEED`. A frame is the length of the input in four bytes, little end first, the input, and
//! the same of the verdict.

use std::fmt::Write as _;
use std::io::Write as _;

use concur_oauth_core::http1::{Limits, ProtocolError, ResponseReader};
use concur_oauth_fuzz::elements;
use http::Method;

/// Says what core reads in an input.
type Judge = fn(&[u8]) -> Vec<u8>;

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [kind, count, seed] = &args[..] else {
        panic!("usage: mutations xml|http COUNT SEED");
    };
    let (folders, tokens, judge): (&[&str], &[&str], Judge) = match kind.as_str() {
        "xml" => (&["xml", "token", "error", "connections"], &XML, judge_xml),
        "http" => (&["response"], &HTTP, judge_http),
        _ => panic!("xml or http"),
    };
    let corpus = corpus(folders);
    let mut random = Random(seed.parse().expect("a number"));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for _ in 0..count.parse::<usize>().expect("a number") {
        let input = mutate(&mut random, &corpus, tokens);
        for part in [&input, &judge(&input)] {
            let length = u32::try_from(part.len()).expect("a short input");
            out.write_all(&length.to_le_bytes()).expect("a reader");
            out.write_all(part).expect("a reader");
        }
    }
}

/// Reads the seeds, in an order that does not depend on the file system.
fn corpus(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/");
    let files = folders.iter().flat_map(|folder| {
        let files = std::fs::read_dir(format!("{root}{folder}")).expect("a corpus");
        files.map(|file| file.expect("a file").path())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    let read = |path| {
        let mut bytes = std::fs::read(path).expect("a file");
        // The first byte of a response is the size of its pieces.
        if folders == ["response"] && !bytes.is_empty() {
            bytes.remove(0);
        }
        bytes
    };
    let seeds = files.into_iter().map(read);
    seeds
        .filter(|seed| (1..4096).contains(&seed.len()))
        .collect()
}

/// Xorshift: the same mutations for the same seed, on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap_or(0)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..start + self.below((length - start).min(16) + 1)
    }
}

fn mutate(random: &mut Random, corpus: &[Vec<u8>], tokens: &[&str]) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..random.below(4) {
        let range = random.range(input.len());
        match random.below(6) {
            0 => drop(input.drain(range)),
            1 => {
                let copy = input[range.clone()].to_vec();
                input.splice(range.end..range.end, copy);
            }
            2 => {
                let other = &corpus[random.below(corpus.len())];
                let part = random.range(other.len());
                input.splice(range, other[part].iter().copied());
            }
            3 if !range.is_empty() => input[range.start] ^= 1 << random.below(8),
            _ => {
                let token = tokens[random.below(tokens.len())];
                input.splice(range.start..range.start, token.bytes());
            }
        }
    }
    input
}

const XML: [&str; 48] = [
    "<",
    ">",
    "/>",
    "</",
    "<a>",
    "</a>",
    "<:a>",
    "</:a>",
    " :b=''",
    "<a:b>",
    "</a:b>",
    "&amp;",
    "&#65;",
    "&#x41;",
    "&#0;",
    "&#xD800;",
    "&nbsp;",
    "&",
    ";",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "--",
    "<?p?>",
    "<?xml version='1.0'?>",
    "<?",
    "?>",
    "<!DOCTYPE a>",
    " a='1'",
    " a=\"<\"",
    " nil='true'",
    " xmlns='u'",
    " xml:lang='en'",
    "\u{feff}",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{fffe}",
    "\u{e9}",
    "'",
    "\"",
    "=",
    " ",
];

const HTTP: [&str; 40] = [
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "0",
    "5",
    "ff",
    "-1",
    "+5",
    "\0",
    "\u{e9}",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0",
    "HTTP/2",
    " 204 ",
    " 304 ",
    " 503 ",
    "Content-Length: 5\r\n",
    "content-length: 0\r\n",
    "Content-Length: 5, 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked,\r\n",
    "Content-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\na: b\r\n\r\n",
    "5;x=y\r\nhello\r\n",
    "5 \r\nhello\r\n",
    " folded\r\n",
    "hello",
    "<a/>",
    "X: y\r\n",
    "000",
];

fn judge_xml(bytes: &[u8]) -> Vec<u8> {
    match elements(bytes) {
        Ok(elements) => {
            let mut verdict = "ok".to_owned();
            for (name, text) in elements {
                let _ = write!(verdict, "\0{name}\0{text}");
            }
            verdict.into_bytes()
        }
        Err(error) => format!("{:?}", error.kind()).into_bytes(),
    }
}

fn judge_http(bytes: &[u8]) -> Vec<u8> {
    let mut reader = ResponseReader::new(Method::GET, Limits::default());
    let whole = match reader.receive(bytes) {
        Ok(None) if !bytes.is_empty() => reader.receive(&[]),
        other => other,
    };
    match whole {
        Ok(Some(response)) => {
            let (head, body) = response.into_response().into_parts();
            let unread = head.extensions.get::<ProtocolError>();
            let unread = unread.map_or(String::new(), |reason| format!("{reason:?}"));
            let mut verdict = format!("ok\0{}\0{unread}\0", head.status.as_u16()).into_bytes();
            verdict.extend(body);
            verdict
        }
        Ok(None) => b"nothing".to_vec(),
        Err(error) => format!("{error:?}").into_bytes(),
    }
}
