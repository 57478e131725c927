//! `concur-oauth v0 password`.

use concur_oauth::v0::PasswordGrant;
use concur_oauth_emulator::Emulator;

use crate::args::v0::PasswordArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::output;
use crate::secret::PASSWORD;

pub(crate) fn run(args: PasswordArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    let scopes = args.scopes.read()?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let token = demo.v0_user(&scopes)?;
        return output::print(&token, args.format);
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let username = args
        .username
        .ok_or_else(|| Failure::usage("no user: give --username or set CONCUR_USERNAME"))?;
    let application = args.application.read()?;
    let mut password = PASSWORD.read(args.password_stdin)?;
    let password = std::mem::take(&mut *password);
    let grant = PasswordGrant::new(&concur.base_url, &application, username, password)?;
    let token = concur.send(grant.with_scopes(&scopes))?;
    destination.deliver(&token, application.key(), &concur, args.format)
}
