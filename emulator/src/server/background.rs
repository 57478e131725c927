//! A thread with a runtime, until it is dropped, and the connections that it accepts.

use std::future::Future;
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A thread that runs tasks. Dropping it ends them, and waits for the thread.
#[derive(Debug)]
pub(super) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts a thread that runs these tasks.
    pub(super) fn start<F>(name: &str, tasks: Vec<F>) -> io::Result<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            runtime.block_on(async {
                for task in tasks {
                    tokio::spawn(task);
                }
                let _ = stopped.await;
            });
        };
        let thread = std::thread::Builder::new().name(name.to_owned());
        Ok(Self {
            thread: Some(thread.spawn(run)?),
            stop: Some(stop),
        })
    }
}

/// Accepts connections and hands them on, until it is dropped.
pub(super) async fn accept(listener: std::net::TcpListener, mut handle: impl FnMut(TcpStream)) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The process can be out of file descriptors for a moment.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        handle(stream);
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed already.
            let _ = thread.join();
        }
    }
}
