//! `concur-oauth v0 migrate`.

use std::time::SystemTime;

use concur_oauth::keeper::Grant;
use concur_oauth::v0::{ClientCredentialsGrant, MigrateToken, MigratedToken};
use concur_oauth::{AccessToken, Application, BaseUrl, ConsumerKey, TokenScheme};
use concur_oauth_emulator::{
    Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID,
};

use crate::args::v0::MigrateArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::output;
use crate::secret::ACCESS_TOKEN;

pub(crate) fn run(args: MigrateArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let login_id = if args.company {
            SAMPLE_ADMINISTRATOR_LOGIN_ID
        } else {
            SAMPLE_LOGIN_ID
        };
        let (old, now) = ("a token of the older service", SystemTime::now());
        demo.emulator()
            .add_tokens(old, "", SAMPLE_CONSUMER_KEY, login_id, now);
        let old = demo
            .concur
            .stored(TokenScheme::OAuth, old.to_owned().into());
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
        let application = Demo::v0_application()?;
        let (migrated, geolocation) =
            migrate(&demo.concur, &application, &key, &old, args.company)?;
        say!("refresh it with --server {geolocation}");
        return output::print_migrated(&migrated, args.format);
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let key = args.consumer_key.ok_or_else(|| {
        Failure::usage("no old application: give --consumer-key or set CONCUR_CONSUMER_KEY")
    })?;
    let key = ConsumerKey::new(key)?;
    let application = args.application.read()?;
    let old = ACCESS_TOKEN.read(args.access_token_stdin)?;
    let old = concur.stored(TokenScheme::OAuth, old);
    // What cannot be sent is found before anything is.
    let placeholder = concur.stored(TokenScheme::Bearer, "none yet".to_owned().into());
    MigrateToken::new(&placeholder, &application, &key, &old)?;
    let (migrated, geolocation) = migrate(&concur, &application, &key, &old, args.company)?;
    let grant = || {
        let grant = Grant::from_refresh_token(
            application.key().clone(),
            TokenScheme::Bearer,
            geolocation.clone(),
            migrated.refresh_token().clone(),
            SystemTime::now(),
        );
        Ok(grant.with_refresh_end(migrated.refresh_expires_at()))
    };
    let warn = || output::warn_of(migrated.warnings());
    destination.deliver_grant(grant, &concur, warn, || {
        say!("refresh it with --server {geolocation}");
        output::print_migrated(&migrated, args.format)
    })
}

fn migrate(
    concur: &Connection,
    application: &Application,
    old_key: &ConsumerKey,
    old: &AccessToken,
    for_company: bool,
) -> Result<(MigratedToken, BaseUrl), Failure> {
    let grant = ClientCredentialsGrant::new(&concur.base_url, application);
    let authorization = concur.send(grant)?;
    let migrate = MigrateToken::new(&authorization, application, old_key, old)?;
    let migrate = if for_company {
        migrate.for_company()
    } else {
        migrate
    };
    let migrated = concur.send(migrate)?;
    Ok((migrated, authorization.base_url().clone()))
}
