//! `concur-oauth refresh`.

use concur_oauth::{AccessToken, Application, Refresh, SecretString, TokenParts};
use concur_oauth_emulator::Emulator;

use crate::args::{Format, RefreshArgs};
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;
use crate::secret::REFRESH_TOKEN;

pub(crate) fn run(args: RefreshArgs) -> Result<(), Failure> {
    output::is_open()?;
    if args.concur.emulator {
        let demo = Demo::start(&args.concur, Emulator::with_sample_account())?;
        let token = demo.user()?;
        return refresh(&demo.concur, &Demo::application()?, token, args.format);
    }
    let concur = Connection::new(&args.concur)?;
    let application = args.application.read()?;
    let refresh_token = REFRESH_TOKEN.read(args.refresh_token_stdin)?;
    // Of the old token, nothing is needed but this.
    let mut parts = TokenParts::new("");
    parts.refresh_token = Some(SecretString::from(refresh_token.as_str()));
    parts.instance_url = Some(concur.instance.clone());
    refresh(&concur, &application, parts.into(), args.format)
}

fn refresh(
    concur: &Connection,
    application: &Application,
    mut token: AccessToken,
    format: Format,
) -> Result<(), Failure> {
    let refresh = Refresh::new(application, &token)?;
    let renewal = concur.client.send(refresh.instance(), refresh)?;
    token.renew(renewal);
    output::print(&token, format)
}
