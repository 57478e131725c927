//! Chunked bodies (RFC 9112 section 7.1).

use super::ProtocolError;

/// The longest line of a chunk's size with its extensions, and the most of all trailers together, in bytes.
const MAX_LINE: usize = 1024;

/// The most of all leading zeros and extensions together, in bytes. No server needs them.
const MAX_PADDING: usize = 16 * 1024;

/// Decodes a chunked body from bytes in pieces of any size.
pub(crate) struct Decoder {
    state: State,
    line: usize,
    padding: usize,
    trailers: usize,
    body: Vec<u8>,
    max_body: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the digits of a chunk's size.
    Size {
        size: usize,
        digits: bool,
    },
    /// In the white space after the size.
    Space {
        size: usize,
    },
    /// Between a semicolon after the size and the end of the line.
    Extension {
        size: usize,
    },
    /// After the CR of that line.
    SizeLineFeed {
        size: usize,
    },
    /// In the chunk, with this many bytes of it to come.
    Data {
        left: usize,
    },
    /// After the chunk.
    DataReturn,
    DataLineFeed,
    /// At the start of a trailer line, or of the empty line that ends the body.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    EndLineFeed,
    Done,
}

impl Decoder {
    pub(crate) fn new(max_body: usize) -> Self {
        Self {
            state: State::Size {
                size: 0,
                digits: false,
            },
            line: 0,
            padding: 0,
            trailers: 0,
            body: Vec::new(),
            max_body,
        }
    }

    /// Decodes more bytes. Returns how many belonged to the body: fewer than given once it is complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<usize, ProtocolError> {
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if self.is_done() {
                break;
            }
            if let State::Data { left } = self.state {
                let (data, tail) = rest.split_at(left.min(rest.len()));
                self.body.extend_from_slice(data);
                rest = tail;
                self.state = match left.saturating_sub(data.len()) {
                    0 => State::DataReturn,
                    left => State::Data { left },
                };
            } else {
                self.step(byte)?;
                rest = tail;
            }
        }
        Ok(bytes.len().saturating_sub(rest.len()))
    }

    fn step(&mut self, byte: u8) -> Result<(), ProtocolError> {
        self.state = match (self.state, byte) {
            (State::Size { size, digits }, byte) => match (char::from(byte).to_digit(16), byte) {
                (Some(digit), _) => State::Size {
                    // More than fits is more than is read.
                    size: size.saturating_mul(16).saturating_add(digit as usize),
                    digits: true,
                },
                (None, b'\r') if digits => State::SizeLineFeed { size },
                (None, b' ' | b'\t') if digits => State::Space { size },
                (None, b';') if digits => State::Extension { size },
                _ => return Err(ProtocolError::MalformedChunk),
            },
            (State::Space { size } | State::Extension { size }, b'\r') => {
                State::SizeLineFeed { size }
            }
            (state @ State::Space { .. }, b' ' | b'\t') => state,
            (State::Space { size }, b';') => State::Extension { size },
            // A line ends with CR and LF, or is not a line.
            (state @ (State::Extension { .. } | State::TrailerValue), byte) if is_text(byte) => {
                state
            }
            (State::SizeLineFeed { size }, b'\n') => self.begin_chunk(size)?,
            (State::DataReturn, b'\r') => State::DataLineFeed,
            (State::DataLineFeed, b'\n') => State::Size {
                size: 0,
                digits: false,
            },
            (State::TrailerStart, b'\r') => State::EndLineFeed,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerStart | State::TrailerName, byte) if is_name(byte) => State::TrailerName,
            (State::TrailerValue, b'\r') => State::TrailerLineFeed,
            (State::TrailerLineFeed, b'\n') => State::TrailerStart,
            (State::EndLineFeed, b'\n') => State::Done,
            _ => return Err(ProtocolError::MalformedChunk),
        };
        self.bound()
    }

    fn begin_chunk(&mut self, size: usize) -> Result<State, ProtocolError> {
        if size > self.max_body.saturating_sub(self.body.len()) {
            return Err(ProtocolError::BodyTooLarge);
        }
        Ok(match size {
            0 => State::TrailerStart,
            left => State::Data { left },
        })
    }

    /// Bounds what stands between the chunks.
    fn bound(&mut self) -> Result<(), ProtocolError> {
        match self.state {
            State::Size {
                size: 0,
                digits: true,
            }
            | State::Space { .. }
            | State::Extension { .. } => {
                self.line = self.line.saturating_add(1);
                self.padding = self.padding.saturating_add(1);
            }
            State::Size { .. } | State::SizeLineFeed { .. } => {
                self.line = self.line.saturating_add(1);
            }
            State::Data { .. } => self.line = 0,
            State::TrailerStart
            | State::TrailerName
            | State::TrailerValue
            | State::TrailerLineFeed => {
                self.trailers = self.trailers.saturating_add(1);
            }
            _ => {}
        }
        if self.line > MAX_LINE || self.padding > MAX_PADDING || self.trailers > MAX_LINE {
            return Err(ProtocolError::MalformedChunk);
        }
        Ok(())
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    pub(crate) fn take_body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.body)
    }
}

/// Returns whether a byte may stand in a field value or an extension: no control character but the tab.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

/// Returns whether a byte may stand in a field name (RFC 9110 section 5.6.2).
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, ProtocolError> {
        let mut decoder = Decoder::new(65_536);
        let taken = decoder.feed(bytes)?;
        Ok(decoder.is_done().then(|| (decoder.take_body(), taken)))
    }

    #[test]
    fn complete_bodies_decode() {
        for (bytes, body) in [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            (
                "5 ;\ta=\"\u{e9}\"\r\nhello\r\n0\r\na!: \tb c\r\nb:\r\n\r\n",
                "hello",
            ),
            (
                "5;a=\"b\"\r\nhello\r\n6 \r\n world\r\n000\r\n\r\n",
                "hello world",
            ),
            (
                "A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n",
                "0123456789",
            ),
        ] {
            let (decoded, taken) = decode(bytes.as_bytes()).unwrap().expect(bytes);
            assert_eq!(decoded, body.as_bytes());
            assert_eq!(taken, bytes.len());
            let (_, taken) = decode(format!("{bytes}x").as_bytes()).unwrap().unwrap();
            assert_eq!(taken, bytes.len(), "a byte past the end is not taken");
            for cut in 0..bytes.len() {
                assert_eq!(decode(&bytes.as_bytes()[..cut]), Ok(None), "{cut}");
            }
        }
    }

    #[test]
    fn malformed_and_endless_bodies_are_refused() {
        let extension = format!("5;{}\r\nhello\r\n", "x".repeat(2000));
        let trailers = format!("0\r\n{}", "a: b\r\n".repeat(500));
        // Each line is short; together they are not.
        let padded = |padding: &str| format!("1{padding}\r\nx\r\n").repeat(MAX_PADDING + 1);
        let zeros = format!("{}1\r\nx\r\n", "0".repeat(1000)).repeat(20);
        for bytes in [
            "\r\n",
            "x\r\n",
            "-5\r\nhello",
            "5\nhello",
            "5\rhello",
            "5\r\nhello0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5;a\nb\r\nhello",
            "0\r\n\n",
            "0\r\nTrailer\n\r\n",
            "5 junk\r\nhello",
            "5 \0\r\nhello",
            "5;a\0\r\nhello",
            "5;a\x7f\r\nhello",
            "0\r\nno colon\r\n\r\n",
            "0\r\nnone\r\n\r\n",
            "0\r\n: b\r\n\r\n",
            "0\r\na : b\r\n\r\n",
            "0\r\na: b\r\n folded\r\n\r\n",
            "0\r\na: \0\r\n\r\n",
            &extension,
            &padded(";x"),
            &padded(" "),
            &zeros,
            &trailers,
        ] {
            assert_eq!(
                decode(bytes.as_bytes()),
                Err(ProtocolError::MalformedChunk),
                "{bytes}"
            );
        }
        for bytes in ["10001\r\n", "ffffffffffffffffffff\r\n"] {
            assert_eq!(decode(bytes.as_bytes()), Err(ProtocolError::BodyTooLarge));
        }
        let endless = "1\r\nx\r\n".repeat(65_537);
        assert_eq!(decode(endless.as_bytes()), Err(ProtocolError::BodyTooLarge));
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_decode_to_the_same_body(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..20),
            piece in 1_usize..20,
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\n\r\n");
            let mut decoder = Decoder::new(65_536);
            for piece in wire.chunks(piece) {
                prop_assert_eq!(decoder.feed(piece), Ok(piece.len()));
            }
            prop_assert!(decoder.is_done());
            prop_assert_eq!(decoder.take_body(), chunks.concat());
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
