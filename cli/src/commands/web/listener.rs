//! Waiting for the browser to return.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use concur_oauth::{CallbackError, CsrfState, RequestToken, parse_callback};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::page::Page;

/// The largest head of a request that is read, in bytes.
const MAX_HEAD: usize = 16_384;

/// The most connections at once. Browsers open some that they never use.
const MAX_CONNECTIONS: usize = 64;

/// How long a connection may take to send its request.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it may take to receive its page.
const PATIENCE_TO_SHOW: Duration = Duration::from_secs(5);

/// How many refusals are reported.
const WARNINGS: usize = 3;

/// How long a connection may take to close after its page.
const LINGER: Duration = Duration::from_secs(1);

/// The callbacks with the right state. Others are refused before they get here.
pub(super) struct Arrivals(mpsc::Receiver<Arrival>);

/// A callback, and the browser that waits for a page.
pub(super) struct Arrival {
    pub(super) callback: Result<RequestToken, CallbackError>,
    stream: TcpStream,
}

impl Arrivals {
    /// Serves each connection by itself, so that a silent one delays no other.
    pub(super) fn listen(listener: TcpListener, state: CsrfState) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let door = Arc::new(Door {
            state,
            refused: AtomicUsize::new(0),
        });
        tokio::spawn(async move {
            while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
                let Ok((stream, _)) = listener.accept().await else {
                    // For example, there are no file descriptors left.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (door, sender) = (Arc::clone(&door), sender.clone());
                tokio::spawn(async move {
                    if let Some(arrival) = door.receive(stream).await {
                        // Sending fails where the command no longer waits.
                        let _ = sender.send(arrival).await;
                    }
                    drop(permit);
                });
            }
        });
        Self(receiver)
    }

    pub(super) async fn next(&mut self) -> Arrival {
        match self.0.recv().await {
            Some(arrival) => arrival,
            // The listening task never ends, and the caller has a deadline.
            None => std::future::pending().await,
        }
    }
}

impl Arrival {
    pub(super) async fn show(self, page: Page) {
        show(self.stream, page).await;
    }
}

/// Accepts callbacks with the right state.
struct Door {
    state: CsrfState,
    refused: AtomicUsize,
}

impl Door {
    /// Reads one request, and responds to it where it is not the user's.
    async fn receive(&self, mut stream: TcpStream) -> Option<Arrival> {
        let head = timeout(PATIENCE, read_head(&mut stream)).await.ok()?;
        let page = match head.as_deref().map(|head| target(head)) {
            Ok(Ok((path, _))) if path != "/" => Page::not_found(),
            Ok(Ok((_, query))) => match parse_callback(query, &self.state) {
                Err(
                    error @ (CallbackError::NoState
                    | CallbackError::WrongState
                    | CallbackError::RepeatedState),
                ) => {
                    self.warn(&error);
                    Page::stranger()
                }
                callback => return Some(Arrival { callback, stream }),
            },
            Ok(Err(status)) => Page::unreadable(status),
            Err(Unread::TooLarge) => Page::unreadable("431 Request Header Fields Too Large"),
            Err(Unread::Gone) => return None,
        };
        show(stream, page).await;
        None
    }

    fn warn(&self, error: &CallbackError) {
        match self.refused.fetch_add(1, Ordering::Relaxed) {
            few if few < WARNINGS => say!("warning: refused, and still waiting: {error}"),
            WARNINGS => say!("warning: further ones are refused without a warning"),
            _ => {}
        }
    }
}

/// Returns the path and the query of a request, or the status that says why there are none. The header fields are
/// ignored.
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

enum Unread {
    TooLarge,
    Gone,
}

async fn read_head(stream: &mut TcpStream) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let mut head = Zeroizing::new(Vec::with_capacity(MAX_HEAD));
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() == MAX_HEAD {
            return Err(Unread::TooLarge);
        }
        match stream.read_buf(&mut *head).await {
            Ok(0) | Err(_) => return Err(Unread::Gone),
            Ok(_) => {}
        }
    }
    Ok(head)
}

/// Sends a page, and closes the connection.
async fn show(mut stream: TcpStream, page: Page) {
    let sent = timeout(PATIENCE_TO_SHOW, async {
        stream.write_all(&page.into_bytes()).await?;
        stream.shutdown().await
    });
    if let Ok(Ok(())) = sent.await {
        // A connection that is closed with unread bytes is reset, and its page can be lost.
        let gone = async { while stream.read(&mut [0; 512]).await.is_ok_and(|read| read > 0) {} };
        let _ = timeout(LINGER, gone).await;
    }
}
