//! The client, for Concur or for an emulator in its place.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::blocking::rustls::pki_types::pem::PemObject;
use concur_oauth::blocking::{Client, ClientBuilder};
use concur_oauth::net2::NativeFlow;
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, Credentials, TokenParts, TokenScheme,
};
use concur_oauth_emulator::{
    Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET,
    SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use zeroize::Zeroizing;

use crate::args::Concur;
use crate::failure::Failure;

/// A client, and the base URL that it asks.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) base_url: BaseUrl,
}

impl Connection {
    /// Creates a client from the options. Nothing is sent yet.
    pub(crate) fn new(concur: &Concur) -> Result<Self, Failure> {
        let base_url = concur.server.parse()?;
        let builder = builder(concur);
        let client = match &concur.ca_file {
            None => builder,
            Some(path) => trust(builder, path)?,
        };
        let client = client.build().map_err(|error| match concur.ca_file {
            Some(_) => Failure::usage(error.report().to_string()),
            None => error.into(),
        })?;
        Ok(Self { client, base_url })
    }

    /// Returns a stored token, of which nothing but its base URL is known.
    pub(crate) fn stored(&self, mut token: Zeroizing<String>) -> AccessToken {
        TokenParts::new(
            TokenScheme::OAuth,
            std::mem::take(&mut *token),
            self.base_url.clone(),
        )
        .into()
    }
}

fn builder(concur: &Concur) -> ClientBuilder {
    Client::builder().timeout(Duration::from_secs(concur.timeout))
}

fn trust(mut builder: ClientBuilder, path: &Path) -> Result<ClientBuilder, Failure> {
    let unreadable = |error: &dyn Display| {
        Failure::usage(format!(
            "cannot read certificates from {}: {error}",
            path.display()
        ))
    };
    let roots = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?;
    let mut any = false;
    for root in roots {
        builder = builder.add_root(root.map_err(|error| unreadable(&error))?);
        any = true;
    }
    if any {
        Ok(builder)
    } else {
        Err(unreadable(&"it contains none"))
    }
}

/// An emulator in this process, over real sockets, until it is dropped.
pub(crate) struct Demo {
    pub(crate) concur: Connection,
    _server: Server,
}

impl Demo {
    /// Starts it over real TLS.
    pub(crate) fn start(concur: &Concur, emulator: Emulator) -> Result<Self, Failure> {
        let demo = Self::run(concur, emulator, false)?;
        let base_url = &demo.concur.base_url;
        say!("emulator     {base_url}, TLS by an authority made for this run");
        Ok(demo)
    }

    /// Starts it over plain http: no browser trusts an authority made for this run.
    pub(crate) fn for_browsers(concur: &Concur) -> Result<Self, Failure> {
        let demo = Self::run(concur, Emulator::with_sample_account(), true)?;
        say!("emulator     {}", demo.concur.base_url);
        say!("login ID     {SAMPLE_LOGIN_ID}");
        say!("password     {SAMPLE_PASSWORD}");
        Ok(demo)
    }

    fn run(concur: &Concur, emulator: Emulator, plain_http: bool) -> Result<Self, Failure> {
        let server = Server::builder().emulator(emulator);
        let server = if plain_http {
            server.plain_http()
        } else {
            server
        };
        let server = server
            .start()
            .map_err(|error| Failure::trouble(format!("cannot start the emulator: {error}")))?;
        let root = CertificateDer::from(server.ca_der().to_vec());
        let concur = Connection {
            client: builder(concur).add_root(root).build()?,
            base_url: server.url().parse()?,
        };
        Ok(Self {
            concur,
            _server: server,
        })
    }

    pub(crate) fn application() -> Result<Application, Failure> {
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
        Ok(Application::new(key, SAMPLE_CONSUMER_SECRET)?)
    }

    /// Gets a token for the user in Concur's documentation.
    pub(crate) fn user(&self) -> Result<AccessToken, Failure> {
        say!("credentials  {SAMPLE_LOGIN_ID}, and the password of Concur's documentation");
        self.sign_in(SAMPLE_LOGIN_ID)
    }

    pub(crate) fn administrator(&self) -> Result<AccessToken, Failure> {
        self.sign_in(SAMPLE_ADMINISTRATOR_LOGIN_ID)
    }

    fn sign_in(&self, login_id: &str) -> Result<AccessToken, Failure> {
        let flow = NativeFlow::new(
            self.concur.base_url.clone(),
            ConsumerKey::new(SAMPLE_CONSUMER_KEY)?,
            Credentials::with_password(login_id, SAMPLE_PASSWORD)?,
        );
        Ok(self.concur.client.send(flow)?)
    }
}
