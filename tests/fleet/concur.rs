//! The emulator of the fleet, and a log of its exchanges.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use concur_oauth::hyper::keeper::Keeper;
use concur_oauth::keeper::{Grant, GrantName};
use concur_oauth::v0::{ClientId, PasswordGrant};
use concur_oauth::{Application, BaseUrl, ExposeSecret};
use concur_oauth_emulator::v0::Rotation;
use concur_oauth_emulator::{
    Fault, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use serde_json::Value;

use crate::databases::Folder;
use crate::member::{client, open, policy};
use crate::{RUNTIME, grants, milliseconds};

/// A refresh that Concur granted.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) at: u64,
    pub(crate) grant: usize,
    pub(crate) sent: String,
    pub(crate) is_lost: bool,
}

#[derive(Default)]
struct Record {
    /// Which grant a refresh token is of.
    grants: BTreeMap<String, usize>,
    exchanges: Vec<Exchange>,
    /// Requests that were refused.
    refused: usize,
    /// Whether responses are lost.
    loses: bool,
    drawn: u64,
}

pub(crate) struct Concur {
    server: Server,
    folder: std::path::PathBuf,
    record: Arc<Mutex<Record>>,
}

pub(crate) fn grant_name(number: usize) -> GrantName {
    GrantName::new(format!("g{number:04}")).unwrap()
}

fn client_id() -> ClientId {
    ClientId::new(SAMPLE_CLIENT_ID).unwrap()
}

pub(crate) fn application() -> Application {
    Application::new(client_id(), SAMPLE_CLIENT_SECRET).unwrap()
}

impl Record {
    /// Takes note of an exchange. Returns whether its response is to be lost.
    fn see(
        &mut self,
        request: &http::Request<Vec<u8>>,
        response: &http::Response<Vec<u8>>,
    ) -> bool {
        let body = String::from_utf8_lossy(request.body());
        let Some(sent) = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("refresh_token="))
        else {
            return false;
        };
        let Some(&grant) = self
            .grants
            .get(sent)
            .filter(|_| response.status().is_success())
        else {
            self.refused += 1;
            return false;
        };
        let document: Value = serde_json::from_slice(response.body()).unwrap();
        let new = document["refresh_token"].as_str().unwrap();
        self.grants.insert(new.to_owned(), grant);
        self.drawn = self
            .drawn
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let is_lost = self.loses && (self.drawn >> 33) % 200 == 0;
        self.exchanges.push(Exchange {
            at: milliseconds(),
            grant,
            sent: sent.to_owned(),
            is_lost,
        });
        is_lost
    }
}

impl Concur {
    pub(crate) fn start(rotation: Rotation, folder: &Folder) -> Self {
        let record = Arc::new(Mutex::new(Record::default()));
        let seen = Arc::clone(&record);
        let server = Server::builder().on_exchange(move |request, response| {
            let is_lost = seen.lock().unwrap().see(request, response);
            is_lost.then_some(Fault::CutOff(0))
        });
        let server = server.start().unwrap();
        server.emulator().v0().set_rotation(rotation);
        server
            .emulator()
            .v0()
            .set_token_life(Duration::from_secs(60));
        std::fs::write(folder.0.join("ca.der"), server.ca_der()).unwrap();
        Self {
            server,
            folder: folder.0.clone(),
            record,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    pub(crate) fn keeper(&self, url: &str) -> (Keeper, tokio::task::JoinHandle<()>) {
        RUNTIME.block_on(async {
            let store = open(url).await;
            let keeper = Keeper::builder(client(self.url(), &self.folder), store);
            let keeper = keeper.application(application()).policy(policy());
            let (keeper, runner) = keeper.build().unwrap();
            (keeper, tokio::spawn(runner))
        })
    }

    /// Has the sample user connect for each grant.
    pub(crate) fn put_grants(&self, url: &str) {
        let (keeper, running) = self.keeper(url);
        RUNTIME.block_on(async {
            let client = client(self.url(), &self.folder);
            let (base_url, application): (BaseUrl, _) =
                (self.url().parse().unwrap(), application());
            for number in 0..grants() {
                let grant =
                    PasswordGrant::new(&base_url, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD);
                let token = client.send(grant.unwrap()).await.unwrap();
                let refresh_token = token.refresh_token().unwrap().expose_secret().to_owned();
                self.record
                    .lock()
                    .unwrap()
                    .grants
                    .insert(refresh_token, number);
                let grant = Grant::new(client_id(), token, SystemTime::now()).unwrap();
                keeper.put(&grant_name(number), grant).await.unwrap();
            }
            keeper.stop();
            running.await.unwrap();
        });
        self.record.lock().unwrap().loses = true;
    }

    /// Returns the exchanges so far, and how many requests were refused.
    pub(crate) fn record(&self) -> (Vec<Exchange>, usize) {
        let record = self.record.lock().unwrap();
        (record.exchanges.clone(), record.refused)
    }

    /// Loses no response any more.
    pub(crate) fn is_well(&self) {
        self.record.lock().unwrap().loses = false;
    }
}
