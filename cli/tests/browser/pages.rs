//! Each page, by axe-core: wide and narrow, light and dark.
//!
//! `AXE` is the file `axe.min.js` of axe-core. Where `PICTURES` is a folder, a picture of each page is left there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::driver::Browser;
use crate::{Emulator, LOGIN_ID, PASSWORD, SERVICES, Waiting};

const WIDTHS: [u32; 3] = [320, 768, 1600];

struct Check {
    axe: String,
    checked: usize,
}

impl Check {
    fn new() -> Self {
        let axe = std::env::var_os("AXE").expect("AXE is the file axe.min.js of axe-core");
        Self {
            axe: std::fs::read_to_string(axe).unwrap(),
            checked: 0,
        }
    }

    /// Looks at the page that the browser shows.
    fn page(&mut self, browser: &Browser, name: &str) {
        for is_dark in [false, true] {
            for width in WIDTHS {
                browser.set_look(width, is_dark);
                let of = format!("{name}, {width} pixels, dark: {is_dark}");
                let found = browser.run(&format!(
                    "{};\nconst all = {{ resultTypes: ['violations'] }};\n\
                     const words = it => it.id + ': ' + it.nodes.map(node => node.html).join(' ');\n\
                     axe.run(document, all).then(it => done(it.violations.map(words))).catch(it => done(['' + it]));",
                    self.axe
                ));
                assert_eq!(found, Value::Array(Vec::new()), "{of}");
                let facts = browser.run(
                    "done([document.documentElement.scrollWidth - window.innerWidth, \
                     performance.getEntriesByType('resource').length, document.scripts.length, \
                     document.documentElement.outerHTML.length]);",
                );
                let facts: Vec<i64> = serde_json::from_value(facts).unwrap();
                let [too_wide, loaded, scripts, length] = facts[..] else {
                    panic!("{facts:?}");
                };
                assert!(too_wide <= 0, "{of}: {too_wide} pixels too wide");
                assert!(loaded == 0 && scripts == 0, "{of}: {loaded}, {scripts}");
                assert!(length < 20_000, "{of}: {length} characters");
            }
        }
        self.checked += 1;
        let Some(folder) = std::env::var_os("PICTURES") else {
            return;
        };
        browser.set_look(768, false);
        let picture = STANDARD.decode(browser.picture()).unwrap();
        let file = std::path::Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(file, picture).unwrap();
    }
}

#[test]
#[ignore = "needs chromium, chromedriver and axe-core, which `.ci/run` installs; it runs this test"]
fn each_page_is_for_every_user_and_screen() {
    let (emulator, browser, mut check) = (Emulator::start(), Browser::start(), Check::new());
    let url = &emulator.url;
    browser.go(url);
    browser.shows("Emulator of SAP Concur");
    check.page(&browser, "index-empty");

    browser.go(&format!("{url}/appcenter"));
    check.page(&browser, "app-center");
    browser.follow("Connect to Sample Application");
    check.page(&browser, "connect");
    browser.fill("Login ID", LOGIN_ID);
    browser.fill("Password", "wrong\n");
    browser.shows("Error: Connect to Sample Application");
    check.page(&browser, "connect-refused");
    browser.fill("Password", &format!("{PASSWORD}\n"));
    browser.shows("Request sent");
    check.page(&browser, "connect-sent");
    browser.go(&format!("{url}/oauth2/v0/authorize?client_id=none"));
    browser.shows("This link does not work");
    check.page(&browser, "broken-link");

    let redirect_uri = "http%3A%2F%2Flocalhost%3A8976%2F";
    let authorize = format!(
        "{url}/oauth2/v0/authorize?client_id=3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11&redirect_uri={redirect_uri}\
         &response_type=code&scope=openid%20user.read"
    );
    browser.go(&authorize);
    let seen = browser.sees("see your profile");
    assert!(seen.contains(LOGIN_ID) && seen.contains(PASSWORD), "{seen}");
    check.page(&browser, "sign-in");

    // A fault and a token, by the forms of the index page.
    browser.go(url);
    browser.press("Set the fault");
    browser.sees("status=503,retry-after=30s");
    let native = "/net2/oauth2/accesstoken.ashx";
    let failed = ureq::get(format!("{url}{native}")).call();
    assert!(
        matches!(failed, Err(ureq::Error::StatusCode(503))),
        "{failed:?}"
    );
    let form = format!(
        "client_id=3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11&client_secret=c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55\
         &grant_type=password&username={LOGIN_ID}&password={}",
        PASSWORD.replace('&', "%26")
    );
    let token = ureq::post(format!("{url}/oauth2/v0/token"))
        .content_type("application/x-www-form-urlencoded")
        .send(&form)
        .unwrap();
    assert_eq!(token.status(), 200);
    browser.go(url);
    let seen = browser.sees("refresh token");
    assert!(seen.contains("status=503,retry-after=30s"), "{seen}");
    browser.press("Expire");
    browser.sees("ended");
    browser.press("Set the fault");
    browser.sees("Clear all faults");
    check.page(&browser, "index");
    browser.press("Clear all faults");
    browser.sees("None is set.");
    assert_eq!(check.checked, 8);
}

#[test]
#[ignore = "needs chromium, chromedriver and axe-core, which `.ci/run` installs; it runs this test"]
fn last_page_of_a_flow_is_for_every_user_and_screen() {
    let mut check = Check::new();
    let (browser, waiting) = (Browser::start(), Waiting::start(&SERVICES[1]));
    browser.go(&waiting.url);
    browser.fill("Login ID", LOGIN_ID);
    browser.fill("Password", &format!("{PASSWORD}\n"));
    browser.shows("It worked");
    check.page(&browser, "worked");
    let (browser, waiting) = (Browser::start(), Waiting::start(&SERVICES[1]));
    browser.go(&waiting.url);
    browser.press("Deny");
    browser.shows("Access was not granted");
    check.page(&browser, "denied");
    assert_eq!(check.checked, 2);
}
