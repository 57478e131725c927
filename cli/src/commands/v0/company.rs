//! `concur-oauth v0 company`.

use std::time::SystemTime;

use concur_oauth::v0::RequestTokenGrant;
use concur_oauth::{BaseUrl, RequestToken};
use concur_oauth_emulator::{Emulator, SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID};

use crate::args::v0::CompanyArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::output;
use crate::secret::REQUEST_TOKEN;

pub(crate) fn run(args: CompanyArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    let scopes = args.scopes.read()?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let mut emulator = demo.emulator();
        let now = SystemTime::now();
        let token = emulator
            .v0()
            .make_request_token(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, now);
        drop(emulator);
        say!("company      {SAMPLE_COMPANY_ID}, with a request token made for this run");
        let (application, token) = (Demo::v0_application()?, RequestToken::new(token)?);
        let grant = RequestTokenGrant::new(&application, SAMPLE_COMPANY_ID, &token)?;
        let grant = grant.at(&demo.concur.base_url).with_scopes(&scopes);
        return output::print(&demo.concur.send(grant)?, args.format.into());
    }
    let base_url = args.concur.base_url(Some(&BaseUrl::GLZ))?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let company = args.company_uuid.ok_or_else(|| {
        Failure::usage("no company: give --company-uuid or set CONCUR_COMPANY_UUID")
    })?;
    let application = args.application.read()?;
    let mut token = REQUEST_TOKEN.read(args.request_token_stdin)?;
    let token = RequestToken::new(std::mem::take(&mut *token))?;
    let grant = RequestTokenGrant::new(&application, &company, &token)?;
    let grant = grant.at(&concur.base_url).with_scopes(&scopes);
    let token = concur.send(grant)?;
    destination.deliver(&token, application.key(), &concur, args.format.into())
}
