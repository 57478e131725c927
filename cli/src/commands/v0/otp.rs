//! `concur-oauth v0 otp`.

use concur_oauth::v0::{OneTimePassword, OtpDetails, OtpGrant, SendOtp};
use concur_oauth::{Application, Scope};
use concur_oauth_emulator::{Emulator, SAMPLE_LOGIN_ID};

use crate::args::ListFormat;
use crate::args::v0::OtpArgs;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;
use crate::secret::OTP;

pub(crate) fn run(args: OtpArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    let scopes = args.scopes.read()?;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, Emulator::with_sample_account())?;
        let (application, details) = (Demo::v0_application()?, OtpDetails::new(SAMPLE_LOGIN_ID)?);
        send(&demo.concur, &application, &details)?;
        let mailed = demo
            .emulator()
            .v0()
            .one_time_password(SAMPLE_LOGIN_ID)
            .map(str::to_owned);
        let mailed = mailed.ok_or_else(|| Failure::trouble("nothing was mailed"))?;
        let otp = OneTimePassword::new(mailed)?;
        return exchange(
            &demo.concur,
            &application,
            &details,
            &otp,
            &scopes,
            (destination, args.format),
        );
    }
    let base_url = args.concur.base_url(None)?;
    let concur = Connection::to(base_url, &args.concur.client)?;
    let email = args
        .email
        .ok_or_else(|| Failure::usage("no e-mail address: give --email or set CONCUR_EMAIL"))?;
    let details = OtpDetails::new(email)?;
    let application = args.application.read()?;
    // Nothing is mailed that could not be exchanged.
    OTP.check_source(args.otp_stdin)?;
    let is_mailed = !OTP.is_set();
    if is_mailed {
        send(&concur, &application, &details)?;
    }
    let otp = OTP.read(args.otp_stdin && is_mailed).and_then(|mut otp| {
        Ok(if otp.contains("token=") {
            OneTimePassword::from_link(&otp)?
        } else {
            OneTimePassword::new(std::mem::take(&mut *otp))?
        })
    });
    let otp = if is_mailed {
        otp.map_err(Failure::after_mail)?
    } else {
        otp?
    };
    let to = (destination, args.format);
    exchange(&concur, &application, &details, &otp, &scopes, to)
}

fn send(
    concur: &Connection,
    application: &Application,
    details: &OtpDetails,
) -> Result<(), Failure> {
    concur.send(SendOtp::new(&concur.base_url, application, details))?;
    say!("mailed: the one-time password stands in the link, after token=");
    Ok(())
}

fn exchange(
    concur: &Connection,
    application: &Application,
    details: &OtpDetails,
    otp: &OneTimePassword,
    scopes: &[Scope],
    (destination, format): (Destination, ListFormat),
) -> Result<(), Failure> {
    let grant = OtpGrant::new(&concur.base_url, application, details, otp);
    let token = concur.send(grant.with_scopes(scopes))?;
    destination.deliver(&token, application.key(), concur, format.into())
}
