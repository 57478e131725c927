//! A stream whose answers are looked at before hyper sees them.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use concur_oauth_core::transport::Limits;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};

use super::abort::Abort;
use super::verdict::Verdict;
use super::watch::Watch;

/// How much of a head is read at a time, in bytes.
const READ: usize = 4096;

/// A connection under hyper. Over HTTP/1.1, core reads the head of each answer that comes over it,
/// and what it refuses ends the connection.
pub struct Watched<T> {
    inner: T,
    /// `None` over HTTP/2, whose frames are none of core's business.
    watch: Option<Watch>,
    /// A read that waits for the first request to be written.
    reader: Option<Waker>,
    abort: Abort,
    #[cfg(feature = "http2")]
    proven: super::Proven,
}

impl<T> Watched<T> {
    /// Watches an HTTP/1.1 connection.
    pub fn new(inner: T, limits: Limits) -> Self {
        Self {
            watch: Some(Watch::new(limits)),
            ..Self::unwatched(inner)
        }
    }

    /// Lets all that comes over an HTTP/2 connection pass. It tells responses and errors, as an
    /// [extra](hyper_util::client::legacy::connect::Connected::extra), whether it is
    /// [`Proven`](super::Proven).
    #[cfg(feature = "http2")]
    pub fn http2(inner: T) -> Self {
        Self::unwatched(inner)
    }

    fn unwatched(inner: T) -> Self {
        Self {
            inner,
            watch: None,
            reader: None,
            abort: Abort::default(),
            #[cfg(feature = "http2")]
            proven: super::Proven::default(),
        }
    }
}

impl<T> fmt::Debug for Watched<T> {
    /// What is held is an answer's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

impl<T: Read + Unpin> Read for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let inner = Pin::new(&mut this.inner);
        match &mut this.watch {
            // What comes before the first request is read after it, as an answer to it: a server that
            // has no time for anybody, or refuses a certificate, does not wait to be asked.
            Some(watch) if watch.is_new() => {
                this.reader = Some(cx.waker().clone());
                Poll::Pending
            }
            Some(watch) if watch.awaits_head() => {
                let mut piece = [0; READ];
                let size = buffer.remaining().min(READ);
                let mut read = ReadBuf::new(piece.get_mut(..size).unwrap_or_default());
                let result = ready!(inner.poll_read(cx, read.unfilled()));
                match result {
                    Ok(()) => watch.reads(read.filled()),
                    Err(error) => Err(watch.broken_receiving(error)),
                }
                .map_err(Verdict::into_io)?;
                buffer.put_slice(read.filled());
                Poll::Ready(Ok(()))
            }
            _ => inner.poll_read(cx, buffer),
        }
    }
}

impl<T: Write + Unpin> Watched<T> {
    /// Writes, unless nobody wants that any more.
    fn write<R>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        let result = match write(Pin::new(&mut self.inner), cx) {
            Poll::Pending => ready!(self.abort.poll(cx)),
            Poll::Ready(result) => result,
        };
        Poll::Ready(result.map_err(|error| match &self.watch {
            Some(watch) => watch.broken_sending(error).into_io(),
            None => error,
        }))
    }

    fn begins(&mut self, bytes: &[u8]) {
        if let Some(watch) = &mut self.watch {
            watch.begins(bytes);
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
    }

    fn wrote(&mut self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let (Poll::Ready(Ok(length)), Some(watch)) = (&result, &mut self.watch) {
            watch.wrote(*length);
        }
        result
    }
}

impl<T: Write + Unpin> Write for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.begins(bytes);
        let result = self.write(cx, |inner, cx| inner.poll_write(cx, bytes));
        self.wrote(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, Write::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, Write::poll_shutdown)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = pieces.iter().find(|piece| !piece.is_empty());
        self.begins(first.map_or(&[], |piece| piece));
        let result = self.write(cx, |inner, cx| inner.poll_write_vectored(cx, pieces));
        self.wrote(result)
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
        connected.extra(self.abort.clone())
    }
}
