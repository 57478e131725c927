//! `concur-oauth v0 client-credentials`.

use concur_oauth::Application;
use concur_oauth::v0::ClientCredentialsGrant;
use concur_oauth_emulator::Emulator;

use crate::args::v0::ClientCredentialsArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: ClientCredentialsArgs) -> Result<(), Failure> {
    output::is_open()?;
    let scopes = args.scopes.read()?;
    let send = |concur: &Connection, application: &Application| {
        let grant = ClientCredentialsGrant::new(&concur.base_url, application);
        let token = concur.send(grant.with_scopes(&scopes))?;
        output::print(&token, args.format)
    };
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        return send(&demo.concur, &Demo::v0_application()?);
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    send(&concur, &args.application.read()?)
}
