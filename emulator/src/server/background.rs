//! A thread with a runtime, until it is dropped.

use std::future::Future;
use std::io;
use std::thread::JoinHandle;

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

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed already.
            let _ = thread.join();
        }
    }
}
