//! The core in a WebAssembly host: credentials in, a request out, its response in, a token out.
//!
//! The module has no I/O and imports nothing. The host writes JSON into its memory, calls a function, and reads JSON back:
//!
//! | export | JSON in | JSON out |
//! |---|---|---|
//! | `request` | `base_url`, `client_id`, `client_secret`, `username`, `password` | `method`, `url`, `headers`, `body` |
//! | `token` | `base_url`, `sent_at` in seconds, `status`, `headers`, `body` | `token`, or `elsewhere`: the base URL to ask |
//!
//! Each can put out `error` in their place. The library wipes the secrets that it holds; the JSON on both sides of it is copied by
//! the host too, and is not wiped. [`host.mjs`](../host.mjs) is such a host, in Node.js:
//!
//! ```sh
//! cargo build --release --target wasm32-unknown-unknown
//! concur-oauth emulator --plain-http --listen 127.0.0.1:8080 &
//! node host.mjs target/wasm32-unknown-unknown/release/embedded.wasm http://localhost:8080
//! ```

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use concur_oauth_core::transport::{elsewhere, parse_response, prepare_request, user_agent};
use concur_oauth_core::v0::{ClientId, PasswordGrant};
use concur_oauth_core::{Application, BaseUrl, Exchange, ResponseContext, TokenParts, http};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// What the host writes, and what it reads.
static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The longest input, in bytes.
const MOST: usize = 1 << 20;

/// Makes room for an input of so many bytes, at most a MiB, and returns where. Zero where it is longer.
#[unsafe(no_mangle)] // An export has a name of its own.
pub extern "C" fn input(length: usize) -> *mut u8 {
    if length > MOST {
        return std::ptr::null_mut();
    }
    let mut input = lock(&INPUT);
    *input = vec![0; length];
    input.as_mut_ptr()
}

/// Returns where the output is.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    lock(&OUTPUT).as_ptr()
}

/// Makes the request, and returns the length of the output.
#[unsafe(no_mangle)]
pub extern "C" fn request() -> usize {
    respond(make_request)
}

/// Reads the response, and returns the length of the output.
#[unsafe(no_mangle)]
pub extern "C" fn token() -> usize {
    respond(read_response)
}

fn make_request(input: &Value) -> Result<Value, Failure> {
    let text = |name| input[name].as_str().ok_or(format!("{name} is missing"));
    let base_url: BaseUrl = text("base_url")?.parse()?;
    let application = Application::new(ClientId::new(text("client_id")?)?, text("client_secret")?)?;
    let grant = PasswordGrant::new(
        &base_url,
        &application,
        text("username")?,
        text("password")?,
    )?;
    let mut request = grant.into_request()?;
    prepare_request(&mut request, &base_url, &user_agent("embedded/1.0")?)?;
    let headers = request.headers().iter();
    let headers: Vec<_> = headers
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    Ok(json!({
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "headers": headers,
        "body": std::str::from_utf8(request.body().as_ref())?,
    }))
}

fn read_response(input: &Value) -> Result<Value, Failure> {
    let text = |name| input[name].as_str().ok_or(format!("{name} is missing"));
    let sent_at = Duration::from_secs(input["sent_at"].as_u64().ok_or("sent_at is missing")?);
    let sent_at = SystemTime::UNIX_EPOCH
        .checked_add(sent_at)
        .ok_or("sent_at is no time")?;
    let context = ResponseContext::new(text("base_url")?.parse()?, sent_at);
    let status = input["status"]
        .as_u64()
        .and_then(|it| u16::try_from(it).ok());
    let mut response = http::Response::builder().status(status.ok_or("status is missing")?);
    for header in input["headers"].as_array().into_iter().flatten() {
        if let (Some(name), Some(value)) = (header[0].as_str(), header[1].as_str()) {
            response = response.header(name, value);
        }
    }
    let response = response.body(text("body")?.as_bytes())?;
    // The user may live in another data center: then the host sends the request there, once.
    if let Some(elsewhere) = elsewhere::<PasswordGrant>(&response, &context) {
        return Ok(json!({ "elsewhere": elsewhere.to_string() }));
    }
    let token = parse_response::<PasswordGrant>(response, &context)?;
    Ok(json!({ "token": TokenParts::from(token) }))
}

/// Reads the input, and writes the output.
fn respond(work: fn(&Value) -> Result<Value, Failure>) -> usize {
    let input = std::mem::take(&mut *lock(&INPUT));
    let parsed = serde_json::from_slice(&input).map_err(|_| "the input is no JSON".into());
    let output = parsed.and_then(|input| work(&input));
    // An error of this library never holds a secret.
    let output = output.unwrap_or_else(|error: Failure| json!({ "error": error.to_string() }));
    let mut written = lock(&OUTPUT);
    *written = output.to_string().into_bytes();
    written.len()
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
