//! `concur-oauth native`.

use concur_oauth::Credentials;
use concur_oauth::net2::NativeFlow;
use concur_oauth_emulator::Emulator;

use crate::args::NativeArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::output;
use crate::secret::PASSWORD;

pub(crate) fn run(args: NativeArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let token = demo.user()?;
        say!("exchange     one request sent, one token received");
        return output::print(&token, args.format);
    }
    // Errors in the options are found before the password is asked for.
    let concur = Connection::new(&args.concur)?;
    let key = args.key.read()?;
    let login_id = args
        .login_id
        .ok_or_else(|| Failure::usage("no login ID: give --login-id or set CONCUR_LOGIN_ID"))?;
    let mut password = PASSWORD.read(args.password_stdin)?;
    let credentials = Credentials::with_password(login_id, std::mem::take(&mut *password))?;
    let flow = NativeFlow::new(concur.base_url.clone(), key.clone(), credentials);
    let token = concur.send(flow)?;
    destination.deliver(&token, &key, &concur, args.format)
}
