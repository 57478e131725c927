//! Every transport, driven the same way.

use std::fmt::Debug;
use std::future::Future;
#[cfg(feature = "hyper")]
use std::sync::Arc;
use std::time::Duration;

use concur_oauth::{Error, Exchange};
use concur_oauth_shared::{ClientBuilder, Settings};

/// Long enough for a connection to be put back, or to be found closed.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) type Builder<T> = ClientBuilder<<T as Transport>::Client>;

/// A client, and what it runs on.
pub(crate) trait Transport: Sized + Sync + Send {
    type Client: From<Settings> + Clone + Debug + Send + Sync + 'static;

    fn with(client: Self::Client) -> Self;

    fn client(&self) -> &Self::Client;

    /// Another transport with a clone of this client, on the same runtime.
    fn again(&self) -> Self;

    /// Lets time pass, in which an asynchronous runtime goes on.
    fn idle(&self);

    fn send<E>(&self, exchange: E) -> Result<E::Output, Error>
    where
        E: Exchange + Send,
        E::Output: Send;
}

/// A transport whose exchanges are futures.
pub(crate) trait AsyncTransport: Transport {
    fn future<E>(&self, exchange: E) -> impl Future<Output = Result<E::Output, Error>> + Send
    where
        E: Exchange + Send,
        E::Output: Send;

    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// How many tasks it has, where its runtime can tell.
    fn tasks(&self) -> Option<usize>;
}

#[cfg(feature = "blocking")]
pub(crate) struct Blocking(concur_oauth::blocking::Client);

#[cfg(feature = "blocking")]
impl Transport for Blocking {
    type Client = concur_oauth::blocking::Client;

    fn with(client: Self::Client) -> Self {
        Self(client)
    }

    fn client(&self) -> &Self::Client {
        &self.0
    }

    fn again(&self) -> Self {
        Self(self.0.clone())
    }

    fn idle(&self) {
        std::thread::sleep(PAUSE);
    }

    fn send<E>(&self, exchange: E) -> Result<E::Output, Error>
    where
        E: Exchange + Send,
        E::Output: Send,
    {
        self.0.send(exchange)
    }
}

/// Implements both traits for an asynchronous client beside its runtime.
#[cfg(any(feature = "hyper", feature = "async-std", feature = "smol"))]
macro_rules! asynchronous {
    ($name:ident, $client:ty, $runtime:ty, $start:expr, $sleep:expr, $block_on:expr, $tasks:expr) => {
        pub(crate) struct $name {
            client: $client,
            runtime: $runtime,
        }

        impl Transport for $name {
            type Client = $client;

            fn with(client: Self::Client) -> Self {
                let runtime = $start;
                Self { client, runtime }
            }

            fn client(&self) -> &Self::Client {
                &self.client
            }

            fn again(&self) -> Self {
                Self {
                    client: self.client.clone(),
                    runtime: self.runtime.clone(),
                }
            }

            fn idle(&self) {
                self.block_on(async { $sleep(PAUSE).await });
            }

            fn send<E>(&self, exchange: E) -> Result<E::Output, Error>
            where
                E: Exchange + Send,
                E::Output: Send,
            {
                self.block_on(self.future(exchange))
            }
        }

        impl AsyncTransport for $name {
            fn future<E>(
                &self,
                exchange: E,
            ) -> impl Future<Output = Result<E::Output, Error>> + Send
            where
                E: Exchange + Send,
                E::Output: Send,
            {
                self.client.send(exchange)
            }

            fn block_on<F: Future>(&self, future: F) -> F::Output {
                $block_on(&self.runtime, future)
            }

            fn tasks(&self) -> Option<usize> {
                $tasks(&self.runtime)
            }
        }
    };
}

#[cfg(feature = "hyper")]
mod tokio_runtime {
    #[cfg(feature = "hyper")]
    use std::sync::Arc;

    use tokio::runtime::{Builder, Runtime};

    pub(super) fn start(mut builder: Builder) -> Arc<Runtime> {
        Arc::new(builder.enable_all().build().unwrap())
    }

    pub(super) fn on_threads() -> Builder {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2);
        builder
    }
}

#[cfg(feature = "hyper")]
asynchronous!(
    HyperOnThreads,
    concur_oauth::hyper::Client,
    Arc<tokio::runtime::Runtime>,
    tokio_runtime::start(tokio_runtime::on_threads()),
    tokio::time::sleep,
    |runtime: &tokio::runtime::Runtime, future| runtime.block_on(future),
    |runtime: &tokio::runtime::Runtime| Some(runtime.metrics().num_alive_tasks())
);

#[cfg(feature = "hyper")]
asynchronous!(
    HyperOnOne,
    concur_oauth::hyper::Client,
    Arc<tokio::runtime::Runtime>,
    tokio_runtime::start(tokio::runtime::Builder::new_current_thread()),
    tokio::time::sleep,
    |runtime: &tokio::runtime::Runtime, future| runtime.block_on(future),
    |runtime: &tokio::runtime::Runtime| Some(runtime.metrics().num_alive_tasks())
);

#[cfg(feature = "async-std")]
asynchronous!(
    AsyncStd,
    concur_oauth::async_std::Client,
    (),
    (),
    async_std::task::sleep,
    |(): &(), future| async_std::task::block_on(future),
    |(): &()| None
);

#[cfg(feature = "smol")]
asynchronous!(
    Smol,
    concur_oauth::smol::Client,
    (),
    (),
    async_io::Timer::after,
    |(): &(), future| async_io::block_on(future),
    |(): &()| None
);
