//! `concur-oauth revoke`.

use concur_oauth::net2::{RevokeToken, RevokeUser};
use concur_oauth::{SecretString, TokenScheme};
use concur_oauth_emulator::Emulator;

use crate::args::RevokeArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::secret::{ACCESS_TOKEN, ADMIN_TOKEN};

pub(crate) fn run(args: RevokeArgs) -> Result<(), Failure> {
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let (administrator, token) = (demo.administrator()?, demo.user()?);
        let revoke = RevokeToken::new(&administrator, token.token());
        demo.concur.send(revoke)?;
        say!("revoked      the token that these credentials gave");
        return Ok(());
    }
    let concur = Connection::new(&args.concur)?;
    let key = match &args.user {
        Some(_) => Some(args.key.read()?),
        None => None,
    };
    let administrator = concur.stored(
        TokenScheme::OAuth,
        ADMIN_TOKEN.read(args.admin_token_stdin)?,
    );
    if let Some((login_id, key)) = args.user.zip(key) {
        let revoke = RevokeUser::new(&administrator, &key, &login_id)?;
        concur.send(revoke)?;
        say!("revoked all tokens of this user");
    } else {
        let token = ACCESS_TOKEN.read(args.access_token_stdin)?;
        let token = SecretString::from(token.as_str());
        concur.send(RevokeToken::new(&administrator, &token))?;
        say!("revoked");
    }
    Ok(())
}
