//! An emulator, an application, and grants of it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use concur_oauth::blocking::Client;
use concur_oauth::blocking::keeper::{Keeper, KeeperBuilder};
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::keeper::{ClientCredentials, Event, Grant, GrantName, Store};
use concur_oauth::v0::{ClientId, PasswordGrant};
use concur_oauth::{AccessToken, Application, BaseUrl, SecretString};
use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};

pub(crate) struct Concur {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    base_url: BaseUrl,
}

pub(crate) fn name(name: &str) -> GrantName {
    GrantName::new(name).unwrap()
}

pub(crate) fn client_id() -> ClientId {
    ClientId::new(SAMPLE_CLIENT_ID).unwrap()
}

pub(crate) fn application() -> Application {
    Application::new(client_id(), SAMPLE_CLIENT_SECRET).unwrap()
}

impl Concur {
    pub(crate) fn start() -> Self {
        let server = Server::start().unwrap();
        let root = CertificateDer::from(server.ca_der().to_vec());
        let client = Client::builder().no_proxy().add_root(root);
        Self {
            client: client.build().unwrap(),
            base_url: server.url().parse().unwrap(),
            events: Arc::default(),
            server,
        }
    }

    /// Has the access tokens that are granted from now on live so long.
    pub(crate) fn set_life(&self, life: Duration) {
        self.server.emulator().v0().set_token_life(life);
    }

    pub(crate) fn builder(&self, store: impl Store + 'static) -> KeeperBuilder {
        let events = Arc::clone(&self.events);
        Keeper::builder(self.client.clone(), store)
            .application(application())
            .on_event(move |event| events.lock().unwrap().push(event.clone()))
    }

    pub(crate) fn keeper(&self, store: impl Store + 'static) -> Keeper {
        self.builder(store).build().unwrap()
    }

    pub(crate) fn grant(&self) -> Grant {
        let token = self.token();
        Grant::new(client_id(), token, SystemTime::now()).unwrap()
    }

    pub(crate) fn refresh_token(&self) -> SecretString {
        self.token().refresh_token().unwrap().clone()
    }

    fn token(&self) -> AccessToken {
        let application = application();
        let grant = PasswordGrant::new(
            &self.base_url,
            &application,
            SAMPLE_LOGIN_ID,
            SAMPLE_PASSWORD,
        );
        self.client.send(grant.unwrap()).unwrap()
    }

    pub(crate) fn own(&self) -> ClientCredentials {
        ClientCredentials::new(client_id(), self.base_url.clone())
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}

/// A folder that is removed with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("concur-oauth-keeper-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
