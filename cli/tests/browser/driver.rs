//! As much of a browser driver's protocol as it takes to click.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A headless browser. It is closed when this is dropped.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

impl Browser {
    pub(crate) fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: install the Debian packages chromium and chromium-driver");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port: u16 = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .unwrap();
        let config = ureq::Agent::config_builder();
        let agent = config.timeout_global(Some(Duration::from_secs(60))).build();
        let mut browser = Self {
            driver,
            agent: agent.into(),
            session: format!("http://127.0.0.1:{port}/session"),
        };
        // In a container there is no user to sandbox from, and little shared memory. Nothing but the pages
        // under test is to be asked for.
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
        ] });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let made = browser.post("", &wanted);
        let id = made["sessionId"].as_str().unwrap();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// Has pages be this wide, in pixels, and light or dark.
    pub(crate) fn set_look(&self, width: u32, is_dark: bool) {
        let scheme = if is_dark { "dark" } else { "light" };
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", &body)
    }

    /// Returns a picture of the whole page, as PNG in Base64.
    pub(crate) fn picture(&self) -> String {
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.devtools("Page.captureScreenshot", &whole);
        picture["data"].as_str().unwrap().to_owned()
    }

    /// Runs a script in the page, which ends by calling `done` with what it found.
    pub(crate) fn run(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Returns where the browser is.
    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().unwrap().to_owned()
    }

    /// Waits for a page with this title.
    ///
    /// # Panics
    ///
    /// Where none comes within ten seconds.
    pub(crate) fn shows(&self, title: &str) {
        self.wait(&format!("a page {title:?}"), || {
            (self.try_get("/title")? == title).then_some(())
        });
    }

    /// Waits for a page with these words, and returns what a person sees of it.
    ///
    /// # Panics
    ///
    /// Where none comes within ten seconds.
    pub(crate) fn sees(&self, words: &str) -> String {
        self.wait(&format!("the words {words:?}"), || {
            self.text().filter(|text| text.contains(words))
        })
    }

    /// A page that is being left has no text.
    fn text(&self) -> Option<String> {
        let body = self.try_by("css selector", "body")?;
        let text = self.try_get(&format!("/element/{body}/text"))?;
        text.as_str().map(str::to_owned)
    }

    /// The driver responds to a click before the next page is loaded.
    fn wait<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        for _ in 0..200 {
            if let Some(seen) = look() {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("there is not {what}, but: {:?}", self.text());
    }

    /// Types into the field that has this label. A line end is the Enter key.
    pub(crate) fn fill(&self, label: &str, text: &str) {
        let label = self.by("xpath", &format!("//label[normalize-space()='{label}']"));
        let field = self.get(&format!("/element/{label}/attribute/for"));
        let field = self.find(&format!("#{}", field.as_str().unwrap()));
        self.post(&format!("/element/{field}/clear"), &json!({}));
        let text = text.replace('\n', "\u{e007}");
        self.post(&format!("/element/{field}/value"), &json!({ "text": text }));
    }

    pub(crate) fn press(&self, button: &str) {
        self.click("button", button);
    }

    pub(crate) fn follow(&self, link: &str) {
        self.click("a", link);
    }

    fn click(&self, tag: &str, text: &str) {
        let element = self.by("xpath", &format!("//{tag}[normalize-space()='{text}']"));
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    fn find(&self, css: &str) -> String {
        self.by("css selector", css)
    }

    fn by(&self, using: &str, value: &str) -> String {
        self.wait(value, || self.try_by(using, value))
    }

    fn try_by(&self, using: &str, value: &str) -> Option<String> {
        let wanted = json!({ "using": using, "value": value });
        let found = self.try_post("/element", &wanted)?;
        let id = found.as_object()?.values().next()?;
        id.as_str().map(str::to_owned)
    }

    fn get(&self, path: &str) -> Value {
        self.try_get(path).unwrap()
    }

    fn try_get(&self, path: &str) -> Option<Value> {
        let response = self.agent.get(format!("{}{path}", self.session)).call();
        response.ok().map(value)
    }

    fn try_post(&self, path: &str, body: &Value) -> Option<Value> {
        let request = self.agent.post(format!("{}{path}", self.session));
        let request = request.header("content-type", "application/json");
        request.send(body.to_string()).ok().map(value)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body).unwrap()
    }
}

fn value(mut response: ureq::http::Response<ureq::Body>) -> Value {
    let text = response.body_mut().read_to_string().unwrap();
    let mut response: Value = serde_json::from_str(&text).unwrap();
    response["value"].take()
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
