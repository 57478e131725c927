//! A stream whose answers are looked at before hyper sees them.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use concur_oauth_core::transport::http1::HeadReader;
use concur_oauth_core::transport::{Error, Framing, Limits, ProtocolError, Stage, salvage};
use http::Method;
use http::response::Parts;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};

use crate::io_error;

/// How much of a head is read at a time, in bytes.
const READ: usize = 4096;

/// A connection under hyper. Over HTTP/1.1, core reads the head of each answer that comes over it,
/// and what it refuses ends the connection.
pub struct Watched<T> {
    inner: T,
    /// `None` over HTTP/2, whose frames are none of core's business.
    watch: Option<Watch>,
    on_early_end: Option<OnEarlyEnd>,
    /// Where it is not watched, this says whether it has carried an exchange.
    #[cfg(feature = "http2")]
    proven: super::Proven,
}

type OnEarlyEnd = Box<dyn FnOnce(Error) + Send>;

impl<T> Watched<T> {
    /// Watches an HTTP/1.1 connection.
    pub fn new(inner: T, limits: Limits) -> Self {
        let watch = Watch {
            limits,
            method: Method::GET,
            exchanges: 0,
            held: Vec::new(),
            state: State::Idle,
        };
        Self {
            inner,
            watch: Some(watch),
            on_early_end: None,
            #[cfg(feature = "http2")]
            proven: super::Proven::default(),
        }
    }

    /// Tells what breaks the connection before anything was written. Hyper would say no more than that
    /// it is not ready.
    #[must_use]
    pub fn on_early_end(self, tell: impl FnOnce(Error) + Send + 'static) -> Self {
        Self {
            on_early_end: Some(Box::new(tell)),
            ..self
        }
    }

    /// Lets all that comes over an HTTP/2 connection pass. It tells responses and errors, as an
    /// [extra](hyper_util::client::legacy::connect::Connected::extra), whether it is
    /// [`Proven`](super::Proven).
    #[cfg(feature = "http2")]
    pub fn http2(inner: T) -> Self {
        Self {
            inner,
            watch: None,
            on_early_end: None,
            proven: super::Proven::default(),
        }
    }
}

struct Watch {
    limits: Limits,
    method: Method,
    exchanges: usize,
    /// The beginning of a head that is not whole.
    held: Vec<u8>,
    state: State,
}

enum State {
    /// No request is under way.
    Idle,
    /// A request was written, or part of it.
    Head(HeadReader),
    /// The head came. Whatever is written next is another request.
    Body,
}

impl Watch {
    fn writes(&mut self, bytes: &[u8]) {
        if let State::Idle | State::Body = self.state {
            let head = bytes.starts_with(b"HEAD ");
            self.method = if head { Method::HEAD } else { Method::GET };
            self.exchanges = self.exchanges.saturating_add(1);
            self.held.clear();
            self.state = State::Head(HeadReader::new(&self.limits));
        }
    }

    fn reads(&mut self, bytes: &[u8]) -> Result<(), Verdict> {
        let State::Head(reader) = &mut self.state else {
            return Ok(());
        };
        if bytes.is_empty() {
            let end = io::ErrorKind::UnexpectedEof.into();
            return Err(self.broken(Stage::Receive, end));
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
                self.state = State::Body;
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

    fn broken(&self, stage: Stage, source: io::Error) -> Verdict {
        let unanswered = matches!(self.state, State::Head(_)) && self.held.is_empty();
        Verdict::Broken {
            stage,
            died_waiting: unanswered && self.exchanges > 1,
            source,
        }
    }
}

impl<T> fmt::Debug for Watched<T> {
    /// What is held is an answer's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

/// What was found, on its way out through hyper.
pub(super) enum Verdict {
    /// The answer is refused; where its status is an error, that is kept.
    Refused(ProtocolError, Option<Box<Parts>>),
    /// The connection broke.
    Broken {
        stage: Stage,
        /// It had carried another exchange before, and no byte of an answer to this one came.
        died_waiting: bool,
        source: io::Error,
    },
}

impl Verdict {
    fn into_io(self) -> io::Error {
        io::Error::other(self)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason, _) => reason.fmt(f),
            Self::Broken { source, .. } => source.fmt(f),
        }
    }
}

impl fmt::Debug for Verdict {
    /// Without the answer's head: libraries log it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Verdict {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(reason, _) => Some(reason),
            Self::Broken { source, .. } => Some(source),
        }
    }
}

impl<T: Read + Unpin> Read for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            inner,
            watch,
            on_early_end,
            ..
        } = &mut *self;
        let inner = Pin::new(inner);
        let awaited = |watch: &&mut Watch| matches!(watch.state, State::Head(_));
        let Some(watch) = watch.as_mut().filter(awaited) else {
            return inner.poll_read(cx, buffer).map_err(|error| {
                let kind = error.kind();
                match on_early_end.take() {
                    Some(tell) => tell(io_error(Stage::Handshake, error)),
                    None => return error,
                }
                kind.into()
            });
        };
        let mut piece = [0; READ];
        let size = buffer.remaining().min(READ);
        let mut read = ReadBuf::new(piece.get_mut(..size).unwrap_or_default());
        let result = ready!(inner.poll_read(cx, read.unfilled()));
        let seen = match result {
            Ok(()) => watch.reads(read.filled()),
            Err(error) => Err(watch.broken(Stage::Receive, error)),
        };
        seen.map_err(Verdict::into_io)?;
        buffer.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Watched<T> {
    fn write<R>(
        &mut self,
        bytes: &[u8],
        write: impl FnOnce(Pin<&mut T>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        let Self {
            inner,
            watch,
            on_early_end,
            ..
        } = self;
        let Some(watch) = watch else {
            return write(Pin::new(inner));
        };
        if !bytes.is_empty() {
            *on_early_end = None;
            watch.writes(bytes);
        }
        write(Pin::new(inner)).map_err(|error| watch.broken(Stage::Send, error).into_io())
    }
}

impl<T: Write + Unpin> Write for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(bytes, |inner| inner.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(&[], |inner| inner.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = pieces.iter().find(|piece| !piece.is_empty());
        let first = first.map_or(&[][..], |piece| piece);
        self.write(first, |inner| inner.poll_write_vectored(cx, pieces))
    }
}

#[cfg(feature = "hyper-util")]
impl<T> hyper_util::client::legacy::connect::Connection for Watched<T>
where
    T: hyper_util::client::legacy::connect::Connection,
{
    fn connected(&self) -> hyper_util::client::legacy::connect::Connected {
        let connected = self.inner.connected();
        #[cfg(feature = "http2")]
        if self.watch.is_none() {
            return connected.extra(self.proven.clone());
        }
        connected
    }
}
