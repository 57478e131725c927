//! `concur-oauth web`.

use concur_oauth::net2::{CodeExchange, WebFlow};
use concur_oauth::{Application, RedirectUri, Scope, parse_callback};

use crate::args::WebArgs;
use crate::browser::Browser;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;

pub(crate) fn run(args: WebArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    let scopes: Result<Vec<_>, _> = args.scopes.iter().cloned().map(Scope::new).collect();
    let mut scopes = scopes?;
    if scopes.is_empty() {
        // The emulator needs no option.
        scopes.push(Scope::EXPRPT);
    }
    // Before the prompt for a secret.
    let browser = Browser::listen(args.browser.listen, &args.browser)?;
    let sign_in = |concur: &Connection, application: &Application| {
        let here = browser.address().to_string();
        let redirect_uri = RedirectUri::new(format!("http://{here}/"))?;
        let flow = WebFlow::new(application.key().clone(), redirect_uri, scopes)?;
        let url = |state: &_| flow.authorization_url(&concur.base_url, state);
        browser.sign_in((&here, "/"), url, parse_callback, |code| {
            let exchange = CodeExchange::new(&concur.base_url, application, code);
            let token = concur.send(exchange)?;
            destination.deliver(&token, application.key(), concur, args.format)
        })
    };
    if args.concur.client.emulator {
        let demo = Demo::for_browsers(&args.concur.client)?;
        sign_in(&demo.concur, &Demo::application()?)
    } else {
        let concur = Connection::new(&args.concur)?;
        sign_in(&concur, &args.application.read()?)
    }
}
