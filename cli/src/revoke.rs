//! `concur-oauth revoke`.

use concur_oauth::{RevokeToken, RevokeUser};
use concur_oauth_emulator::Emulator;

use crate::args::RevokeArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::secret::{ACCESS_TOKEN, ADMIN_TOKEN};

pub(crate) fn run(args: RevokeArgs) -> Result<(), Failure> {
    if args.concur.emulator {
        let demo = Demo::start(&args.concur, Emulator::with_sample_account())?;
        let (administrator, token) = (demo.administrator()?, demo.user()?);
        let revocation = RevokeToken::new(&administrator, &token);
        demo.concur.client.send(&demo.concur.instance, revocation)?;
        say!("revoked      the token that these credentials gave");
        return Ok(());
    }
    let concur = Connection::new(&args.concur)?;
    let key = match &args.user {
        Some(_) => Some(args.key.read()?),
        None => None,
    };
    let administrator = concur.stored(ADMIN_TOKEN.read(args.admin_token_stdin)?);
    if let Some((login_id, key)) = args.user.zip(key) {
        let revocation = RevokeUser::new(&administrator, &key, &login_id)?;
        concur.client.send(&concur.instance, revocation)?;
        say!("revoked all tokens of this user");
    } else {
        let token = concur.stored(ACCESS_TOKEN.read(args.access_token_stdin)?);
        let revocation = RevokeToken::new(&administrator, &token);
        concur.client.send(&concur.instance, revocation)?;
        say!("revoked");
    }
    Ok(())
}
