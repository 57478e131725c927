//! `concur-oauth v0 refresh`.

use concur_oauth::v0::Refresh;
use concur_oauth::{AccessToken, Application, SecretString};
use concur_oauth_emulator::Emulator;

use crate::args::v0::RefreshArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::output;
use crate::secret::REFRESH_TOKEN;

pub(crate) fn run(args: RefreshArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let refresh_token = demo.v0_user(&[])?.into_parts().refresh_token;
        let refresh_token = refresh_token.ok_or_else(|| Failure::trouble("no refresh token"))?;
        let token = refresh(&demo.concur, &Demo::v0_application()?, refresh_token)?;
        return output::print(&token, args.format.into());
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let application = args.application.read()?;
    let refresh_token = REFRESH_TOKEN.read(args.refresh_token_stdin)?;
    let refresh_token = SecretString::from(refresh_token.as_str());
    let token = refresh(&concur, &application, refresh_token)?;
    destination.deliver(&token, application.key(), &concur, args.format.into())
}

fn refresh(
    concur: &Connection,
    application: &Application,
    refresh_token: SecretString,
) -> Result<AccessToken, Failure> {
    let refresh = Refresh::new(&concur.base_url, application, &refresh_token);
    let token = concur.send(refresh)?.into_token(refresh_token);
    concur.says_where_it_moved(&token);
    Ok(token)
}
