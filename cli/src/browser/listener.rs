//! Waiting for the browser.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use concur_oauth::CallbackError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::door::{Door, Meaning};
use super::page::Page;

/// The largest head of a request that is read, in bytes.
const MAX_HEAD: usize = 16_384;

/// The most connections at once. Browsers open some that they never use.
const MAX_CONNECTIONS: usize = 64;

/// How long a connection may take to send its request.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it may take to receive its page.
const PATIENCE_TO_SHOW: Duration = Duration::from_secs(5);

/// How long a connection may take to close after its page.
const LINGER: Duration = Duration::from_secs(1);

/// What the command waits for. Everything else gets its page before it gets here.
pub(super) struct Events<C>(mpsc::Receiver<Event<C>>);

pub(super) enum Event<C> {
    /// The user returned.
    Return(Arrival<C>),
    /// The link was opened a second time.
    SecondVisit,
}

/// A callback, and the browser that waits for a page.
pub(super) struct Arrival<C> {
    pub(super) callback: Result<C, CallbackError>,
    stream: TcpStream,
}

impl<C: Send + 'static> Events<C> {
    /// Serves each connection by itself, so that a silent one delays no other.
    pub(super) fn listen(listener: TcpListener, door: Door<C>) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        let door = Arc::new(door);
        tokio::spawn(async move {
            let mut open = Open::default();
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // For example, there are no file descriptors left.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (door, sender) = (Arc::clone(&door), sender.clone());
                open.add(async move |spoken| {
                    if let Some(event) = receive(stream, &door, spoken).await {
                        // Sending fails where the command no longer waits.
                        let _ = sender.send(event).await;
                    }
                });
            }
        });
        Self(receiver)
    }

    pub(super) async fn next(&mut self) -> Event<C> {
        match self.0.recv().await {
            Some(event) => event,
            // The listening task never ends, and the caller has a deadline.
            None => std::future::pending().await,
        }
    }
}

impl<C> Arrival<C> {
    pub(super) async fn show(self, page: Page) {
        show(self.stream, page).await;
    }
}

/// The open connections. There is always room for one more.
#[derive(Default)]
struct Open(VecDeque<(JoinHandle<()>, Arc<AtomicBool>)>);

impl Open {
    /// Serves a connection, which says when it has sent a request. Where there are too many, the oldest that has sent
    /// none is closed.
    fn add<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        serve: impl FnOnce(Arc<AtomicBool>) -> F,
    ) {
        self.0.retain(|(task, _)| !task.is_finished());
        if self.0.len() >= MAX_CONNECTIONS {
            let silent = |(_, spoken): &(_, Arc<AtomicBool>)| !spoken.load(Ordering::Relaxed);
            let oldest = self.0.iter().position(silent).unwrap_or(0);
            if let Some((task, _)) = self.0.remove(oldest) {
                task.abort();
            }
        }
        let spoken = Arc::default();
        let task = tokio::spawn(serve(Arc::clone(&spoken)));
        self.0.push_back((task, spoken));
    }
}

/// Reads one request, and responds to it where it is not the user's return.
async fn receive<C>(
    mut stream: TcpStream,
    door: &Door<C>,
    spoken: Arc<AtomicBool>,
) -> Option<Event<C>> {
    let head = timeout(PATIENCE, read_head(&mut stream)).await.ok()?;
    spoken.store(true, Ordering::Relaxed);
    let page = match head {
        Ok(head) => match door.read(&head) {
            Meaning::Page(page) => page,
            Meaning::Return(callback) => return Some(Event::Return(Arrival { callback, stream })),
            Meaning::SecondVisit => {
                show(stream, Page::second_visit()).await;
                return Some(Event::SecondVisit);
            }
        },
        Err(Unread::TooLarge) => Page::unreadable("431 Request Header Fields Too Large"),
        Err(Unread::Gone) => return None,
    };
    show(stream, page).await;
    None
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
