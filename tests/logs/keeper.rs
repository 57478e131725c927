//! A keeper, its stores and its events.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use concur_oauth::blocking::Client;
use concur_oauth::blocking::keeper::{Keeper, SealedStore, SealingKeys};
use concur_oauth::keeper::{ClientCredentials, Grant, GrantName, Record, Store};
use concur_oauth::v0::{ClientId, PasswordGrant};
use concur_oauth::{Application, ExposeSecret, http};
use concur_oauth_emulator::v0::Rotation;
use concur_oauth_emulator::{
    Fault, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use concur_oauth_file::FileStore;
use concur_oauth_shared::rustls::pki_types::CertificateDer;

use crate::{LINES, shapes, url};

/// Renewals that go well and wrong, over files that are sealed and not, and what may not be heard or seen of them.
pub(crate) fn tells_nothing() {
    LINES.lock().unwrap().clear();
    let server = Server::start().unwrap();
    let emulator = || server.emulator();
    emulator().v0().set_rotation(Rotation::KillOld);
    let root = CertificateDer::from(server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let keys = || SealingKeys::parse(&format!("k {key}")).unwrap();
    let id = ClientId::new(SAMPLE_CLIENT_ID).unwrap();
    let application = || Application::new(id.clone(), SAMPLE_CLIENT_SECRET).unwrap();
    let mut shown = vec![format!("{:?}", keys())];
    let mut secrets = shapes(key);
    secrets.extend(shapes(SAMPLE_CLIENT_SECRET));
    for is_sealed in [false, true] {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("logs-{}-{is_sealed}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let files = FileStore::open(&folder).unwrap();
        let store: Arc<dyn Store> = if is_sealed {
            Arc::new(SealedStore::new(files, keys()))
        } else {
            Arc::new(files)
        };
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        let name = |name: &str| GrantName::new(name).unwrap();
        let own = ClientCredentials::new(id.clone(), url(&server));
        let builder = Keeper::builder(client.clone(), Arc::clone(&store))
            .application(application())
            .client_credentials(name("own"), own)
            .on_event(move |event| heard.lock().unwrap().push(format!("{event:?}")));
        shown.push(format!("{builder:?}"));
        let keeper = builder.build().unwrap();

        emulator().v0().set_token_life(Duration::from_secs(1));
        let (base_url, application) = (url(&server), application());
        let grant = PasswordGrant::new(&base_url, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD);
        let token = client.send(grant.unwrap()).unwrap();
        secrets.extend(shapes(token.token().expose_secret()));
        secrets.extend(shapes(token.refresh_token().unwrap().expose_secret()));
        let grant = Grant::new(id.clone(), token, SystemTime::now()).unwrap();
        shown.push(format!("{grant:?}"));
        keeper.put("acme", grant).unwrap();
        std::thread::sleep(Duration::from_millis(1100));
        for name in ["acme", "own"] {
            let token = keeper.token(name).unwrap();
            secrets.extend(shapes(token.token().token().expose_secret()));
            shown.push(format!("{token:?} {:?}", token.token()));
        }
        // Renewed, and its response is lost.
        std::thread::sleep(Duration::from_millis(1100));
        server.inject(Fault::CutOff(50));
        let failed = keeper.token("acme").unwrap_err();
        shown.push(format!("{failed} {failed:?} {}", failed.report()));
        let mut record = store.load(&name("acme")).unwrap().unwrap();
        shown.push(format!("{record:?} {:?}", record.grant));
        secrets.extend(shapes(stored_refresh_token(&record).as_str()));
        // A record that is torn, foreign, or sealed for a reader without keys.
        let file = folder.join("acme.grant");
        let whole = fs::read(&file).unwrap();
        for bad in [
            &whole[..whole.len() - 9],
            b"{\"format\":9}\n",
            b"secret-marker",
        ] {
            fs::write(&file, bad).unwrap();
            let error = store.load(&name("acme")).unwrap_err();
            shown.push(format!("{error} {error:?} {}", error.report()));
        }
        secrets.extend(shapes("secret-marker"));
        for half in [2, 3] {
            let bytes = record.grant.as_ref().unwrap().as_bytes();
            let torn = concur_oauth::keeper::StoredGrant::new(bytes[..bytes.len() / half].to_vec());
            record.grant = Some(torn);
            let error = record.read_grant(SystemTime::now()).unwrap_err();
            shown.push(format!("{error} {error:?} {}", error.report()));
        }
        let rejected = keeper.token("own").unwrap();
        secrets.extend(shapes(rejected.token().token().expose_secret()));
        let _ = keeper.reject(&rejected, http::StatusCode::UNAUTHORIZED);
        shown.push(format!("{keeper:?} {:?}", keeper.states()));
        shown.append(&mut events.lock().unwrap());
        let _ = fs::remove_dir_all(&folder);
    }
    let lines = LINES.lock().unwrap();
    assert!(lines.iter().any(|line| line.starts_with("rustls::")));
    for secret in &secrets {
        for line in lines.iter().chain(&shown) {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}

/// Returns the refresh token of a record, as text between quotes.
fn stored_refresh_token(record: &Record) -> String {
    let bytes = record.grant.as_ref().unwrap().as_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let at = text.find("\"refresh_token\":\"").unwrap() + 17;
    text[at..].split('"').next().unwrap().to_owned()
}
