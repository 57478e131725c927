//! HTTP/1.1 over an asynchronous stream, within a deadline.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;

use concur_oauth_core::http1::{CompleteResponse, ResponseReader};
use concur_oauth_core::transport::proxy::Tunnel;
use concur_oauth_core::{Error, Stage};
use futures_io::{AsyncRead, AsyncWrite};

use crate::{Deadline, Failure, Route, Timer, io_error};

/// How much is read from a stream at a time, in bytes. The response with a token fits.
const PIECE: usize = 2048;

/// Awaits one stage of an exchange, no longer than its deadline. `timer` ends at the deadline.
///
/// # Errors
///
/// [`Error::Timeout`] where the deadline passes first.
pub async fn within<T>(
    (deadline, timer): &mut (Deadline, Timer),
    stage: Stage,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    let mut work = pin!(work);
    let done = poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        Poll::Ready(output) => Poll::Ready(Some(output)),
    })
    .await;
    done.ok_or_else(|| deadline.timeout(stage))
}

/// Writes a request to a stream, and reads its response.
///
/// # Errors
///
/// [`Failure`] says whether a byte of the response had come.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &[u8],
    mut reader: ResponseReader,
    deadline: &mut (Deadline, Timer),
) -> Result<CompleteResponse, Failure> {
    let sent = within(deadline, Stage::Send, write_all(stream, request)).await;
    sent.and_then(|sent| sent.map_err(|error| io_error(Stage::Send, error)))
        .map_err(|error| Failure::new(error, false))?;
    let received = read_response(stream, &mut reader);
    let response = within(deadline, Stage::Receive, received).await;
    response
        .and_then(|response| response)
        .map_err(|error| Failure::new(error, reader.has_received()))
}

/// Opens a tunnel over a stream that leads to its proxy.
///
/// # Errors
///
/// [`Error`] where the stream breaks, the proxy opens no tunnel, or the deadline passes first.
pub async fn open_tunnel<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    mut tunnel: Tunnel<'_>,
    route: &Route<'_>,
    deadline: &mut (Deadline, Timer),
) -> Result<(), Error> {
    let failed = |error| route.error(Stage::Proxy, error);
    let open = async {
        write_all(stream, tunnel.request()).await.map_err(failed)?;
        let mut piece = [0; PIECE];
        loop {
            let read = poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut piece)).await;
            let length = read.map_err(failed)?;
            if tunnel.receive(piece.get(..length).unwrap_or_default())? {
                return Ok(());
            }
        }
    };
    within(deadline, Stage::Proxy, open).await?
}

async fn write_all<S: AsyncWrite + Unpin>(stream: &mut S, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = poll_fn(|cx| Pin::new(&mut *stream).poll_write(cx, bytes)).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    poll_fn(|cx| Pin::new(&mut *stream).poll_flush(cx)).await
}

async fn read_response<S: AsyncRead + Unpin>(
    stream: &mut S,
    reader: &mut ResponseReader,
) -> Result<CompleteResponse, Error> {
    let mut piece = [0; PIECE];
    loop {
        let read = poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut piece)).await;
        match read {
            Ok(length) => {
                let bytes = piece.get(..length).unwrap_or_default();
                if let Some(response) = reader.receive(bytes)? {
                    return Ok(response);
                }
            }
            Err(error) => {
                let error = io_error(Stage::Receive, error);
                return reader.cut_off().ok_or(error);
            }
        }
    }
}
