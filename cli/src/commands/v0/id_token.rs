//! `concur-oauth v0 id-token`.

use std::time::SystemTime;

use concur_oauth::ExposeSecret;
use concur_oauth::blocking::verify_rs256;
use concur_oauth::v0::{ClientId, FetchJwks, IdToken};
use concur_oauth_emulator::{Emulator, SAMPLE_CLIENT_ID};

use crate::args::ListFormat;
use crate::args::v0::IdTokenArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;
use crate::secret::ID_TOKEN;

pub(crate) fn run(args: IdTokenArgs) -> Result<(), Failure> {
    output::is_open()?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let token = demo.v0_user(&[])?;
        let text = token.id_token().map_or("", ExposeSecret::expose_secret);
        return verify(
            &demo.concur,
            &ClientId::new(SAMPLE_CLIENT_ID)?,
            text,
            args.format,
        );
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let client_id = args.id.read()?;
    let text = ID_TOKEN.read(args.id_token_stdin)?;
    verify(&concur, &client_id, &text, args.format)
}

fn verify(
    concur: &Connection,
    client_id: &ClientId,
    text: &str,
    format: ListFormat,
) -> Result<(), Failure> {
    // Before the keys are fetched for nothing. What is not valid is refused, by whichever side finds it.
    let id_token = IdToken::parse(text).map_err(|error| Failure::refused(&error))?;
    let keys = concur.send(FetchJwks::new(&concur.base_url))?;
    let claims = id_token
        .verify(&keys, client_id, SystemTime::now(), verify_rs256)
        .map_err(|error| Failure::refused(&error))?;
    output::print_claims(claims, format)
}
