//! What a keeper needs of the client.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use concur_oauth_core::{Error, StepRequest, StepResponse};
use concur_oauth_shared::keeper::Transport;
use concur_oauth_shared::{Settings, Timer};

use crate::client::Client;
use crate::runtime::Runtime;

impl<R: Runtime> Transport for Client<R> {
    fn send(
        &self,
        request: StepRequest<'static>,
    ) -> Pin<Box<dyn Future<Output = Result<StepResponse, Error>> + Send>> {
        let client = self.share();
        Box::pin(async move { Client::send(&client, request).await })
    }

    fn timer(&self, duration: Duration) -> Timer {
        R::timer(duration)
    }

    fn settings(&self) -> &Settings {
        self.settings()
    }
}
