//! `concur-oauth v0 revoke`.

use concur_oauth::TokenScheme;
use concur_oauth::v0::RevokeConnections;
use concur_oauth_emulator::Emulator;

use crate::args::v0::RevokeArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::secret::ACCESS_TOKEN;

pub(crate) fn run(args: &RevokeArgs) -> Result<(), Failure> {
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let token = demo.v0_user(&[])?;
        demo.concur.send(RevokeConnections::new(&token))?;
    } else {
        let base_url = args.concur.base_url(None)?;
        let concur = Connection::to(base_url, &args.concur.client)?;
        let token = ACCESS_TOKEN.read(args.access_token_stdin)?;
        let token = concur.stored(TokenScheme::Bearer, token);
        concur.send(RevokeConnections::new(&token))?;
    }
    say!("revoked every refresh token of this user or company for the application");
    Ok(())
}
