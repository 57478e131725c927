//! `concur-oauth v0 client-credentials`.

use std::time::SystemTime;

use concur_oauth::Application;
use concur_oauth::keeper::{ClientCredentials, Grant};
use concur_oauth::v0::ClientCredentialsGrant;
use concur_oauth_emulator::Emulator;

use crate::args::v0::ClientCredentialsArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::output;

pub(crate) fn run(args: ClientCredentialsArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    let scopes = args.scopes.read()?;
    let send = |concur: &Connection, application: &Application| {
        let grant = ClientCredentialsGrant::new(&concur.base_url, application);
        concur.send(grant.with_scopes(&scopes))
    };
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let token = send(&demo.concur, &Demo::v0_application()?)?;
        return output::print(&token, args.format);
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let application = args.application.read()?;
    let token = send(&concur, &application)?;
    let grant = || {
        let (id, base_url) = (application.key().clone(), concur.base_url.clone());
        let credentials = ClientCredentials::new(id, base_url).with_scopes(scopes.clone());
        let grant = Grant::of_application(credentials);
        Ok(grant.with_token(token.clone(), SystemTime::now())?)
    };
    let print = || output::print(&token, args.format);
    destination.deliver_grant(grant, &concur, || output::warn(&token), print)
}
