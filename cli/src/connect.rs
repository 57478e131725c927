//! The client, for Concur or for an emulator in its place.

use std::fmt::Display;
use std::path::Path;
use std::sync::MutexGuard;
use std::time::Duration;

use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::blocking::rustls::pki_types::pem::PemObject;
use concur_oauth::blocking::{Client, ClientBuilder};
use concur_oauth::net2::NativeFlow;
use concur_oauth::v0::PasswordGrant;
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, Credentials, Error, Exchange, Scope,
    TokenParts, TokenScheme,
};
use concur_oauth_emulator::{
    Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET,
    SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use zeroize::Zeroizing;

use crate::args::{ClientArgs, Concur};
use crate::failure::Failure;
use crate::proxy::Route;

/// A client, and the base URL that it asks.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) base_url: BaseUrl,
    pub(crate) route: Route,
}

impl Connection {
    /// Creates a client from the options. Nothing is sent yet.
    pub(crate) fn new(concur: &Concur) -> Result<Self, Failure> {
        Self::to(concur.server.parse()?, &concur.client)
    }

    /// Creates a client that asks this base URL. Nothing is sent yet.
    pub(crate) fn to(base_url: BaseUrl, args: &ClientArgs) -> Result<Self, Failure> {
        let route = Route::choose(args, &base_url)?;
        let builder = route.apply(builder(args));
        let client = match &args.ca_file {
            None => builder,
            Some(path) => trust(builder, path)?,
        };
        let client = client.build().map_err(|error| match args.ca_file {
            Some(_) => Failure::usage(error.report().to_string()),
            None => error.into(),
        })?;
        Ok(Self {
            client,
            base_url,
            route,
        })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Says which proxy was used for an exchange that failed, or why none was, where that can be why.
    pub(crate) fn note(&self, error: &Error) -> Option<String> {
        self.route.note(error).map(str::to_owned)
    }

    /// Sends an exchange.
    pub(crate) fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, Failure> {
        self.client.send(exchange).map_err(|error| {
            let note = self.note(&error);
            Failure::from(error).noting(note.as_deref())
        })
    }

    /// Says where a refreshed token lives, where that is not where it was asked for.
    pub(crate) fn says_where_it_moved(&self, token: &AccessToken) {
        if token.base_url() != &self.base_url {
            say!(
                "warning: the user moved: give --server {} from now on",
                token.base_url()
            );
        }
    }

    /// Returns a stored token, of which nothing but its base URL is known.
    pub(crate) fn stored(&self, scheme: TokenScheme, mut token: Zeroizing<String>) -> AccessToken {
        TokenParts::new(scheme, std::mem::take(&mut *token), self.base_url.clone()).into()
    }
}

fn builder(args: &ClientArgs) -> ClientBuilder {
    Client::builder().timeout(Duration::from_secs(args.timeout))
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
    server: Server,
}

impl Demo {
    /// Starts it over real TLS.
    pub(crate) fn start(args: &ClientArgs, emulator: Emulator) -> Result<Self, Failure> {
        let demo = Self::run(args, emulator, false)?;
        let base_url = &demo.concur.base_url;
        say!("emulator     {base_url}, TLS by an authority made for this run");
        Ok(demo)
    }

    /// Starts it over plain http: no browser trusts an authority made for this run.
    pub(crate) fn for_browsers(args: &ClientArgs) -> Result<Self, Failure> {
        let demo = Self::run(args, Emulator::with_sample_account(), true)?;
        say!("emulator     {}", demo.concur.base_url);
        say!("login ID     {SAMPLE_LOGIN_ID}");
        say!("password     {SAMPLE_PASSWORD}");
        Ok(demo)
    }

    fn run(args: &ClientArgs, emulator: Emulator, plain_http: bool) -> Result<Self, Failure> {
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
        let base_url = server.url().parse()?;
        let route = Route::choose(args, &base_url)?;
        let concur = Connection {
            client: route.apply(builder(args)).add_root(root).build()?,
            base_url,
            route,
        };
        Ok(Self { concur, server })
    }

    pub(crate) fn application() -> Result<Application, Failure> {
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
        Ok(Application::new(key, SAMPLE_CONSUMER_SECRET)?)
    }

    /// Returns the application of the newer service.
    pub(crate) fn v0_application() -> Result<Application, Failure> {
        let id = ConsumerKey::new(SAMPLE_CLIENT_ID)?;
        Ok(Application::new(id, SAMPLE_CLIENT_SECRET)?)
    }

    /// Locks the emulator.
    pub(crate) fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.server.emulator()
    }

    /// Gets a token for the user in Concur's documentation.
    pub(crate) fn user(&self) -> Result<AccessToken, Failure> {
        say!("credentials  {SAMPLE_LOGIN_ID}, and the password of Concur's documentation");
        self.sign_in(SAMPLE_LOGIN_ID)
    }

    /// Gets a token of the newer service for the user in Concur's documentation.
    pub(crate) fn v0_user(&self, scopes: &[Scope]) -> Result<AccessToken, Failure> {
        say!("credentials  {SAMPLE_LOGIN_ID}, and the password of Concur's documentation");
        let (base_url, application) = (&self.concur.base_url, Self::v0_application()?);
        let grant = PasswordGrant::new(base_url, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;
        self.concur.send(grant.with_scopes(scopes))
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
        self.concur.send(flow)
    }
}
