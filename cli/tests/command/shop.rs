//! An emulator and a folder of grants, for the commands that store.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use concur_oauth_emulator::{SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, Server};

use crate::{LOGIN_ID, PASSWORD, command, stderr, stdout};

/// An emulator in this process, and a folder of grants.
pub(crate) struct Shop {
    pub(crate) server: Server,
    pub(crate) folder: PathBuf,
    ca: PathBuf,
    /// Its URL, and the file of the keys.
    database: Option<(String, PathBuf)>,
}

impl Shop {
    pub(crate) fn open() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("stored-{}-{number}", std::process::id()));
        let server = Server::start().unwrap();
        let ca = folder.with_extension("pem");
        fs::write(&ca, server.ca_pem()).unwrap();
        Self {
            server,
            folder,
            ca,
            database: None,
        }
    }

    /// One whose grants are in a database.
    pub(crate) fn over(url: &str) -> Self {
        let mut shop = Self::open();
        let keys = shop.folder.with_extension("keys");
        fs::write(&keys, format!("a {}\n", "5e".repeat(32))).unwrap();
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
        shop.database = Some((url.to_owned(), keys));
        shop
    }

    pub(crate) fn store(&self) -> String {
        format!("file:{}", self.folder.display())
    }

    /// A command with the store, and the application's secret.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command
            .env("CONCUR_STORE", self.store())
            .env("CONCUR_CLIENT_SECRET", SAMPLE_CLIENT_SECRET);
        if let Some((url, keys)) = &self.database {
            command.env("CONCUR_STORE", url);
            command.env("CONCUR_STORE_KEY_FILE", keys);
        }
        command
    }

    pub(crate) fn ask(&self, args: &[&str]) -> Command {
        let ca = self.ca.to_str().unwrap();
        self.command(&[args, &["--ca-file", ca]].concat())
    }

    /// A command of the newer service, with the application and the server.
    pub(crate) fn v0(&self, args: &[&str]) -> Command {
        let (id, url) = (SAMPLE_CLIENT_ID, self.server.url());
        self.ask(&[&["v0"], args, &["--client-id", id, "--server", url]].concat())
    }

    pub(crate) fn save(&self, name: &str) -> Output {
        self.save_with(name, &[])
    }

    pub(crate) fn save_with(&self, name: &str, more: &[&str]) -> Output {
        let password = ["password", "--username", LOGIN_ID, "--save", name];
        let mut command = self.v0(&[&password, more].concat());
        command.env("CONCUR_PASSWORD", PASSWORD).output().unwrap()
    }

    pub(crate) fn token(&self, name: &str, more: &[&str]) -> Output {
        let token = [&["token", name], more].concat();
        self.ask(&token).output().unwrap()
    }

    /// Has the access tokens that are granted from now on live so long.
    pub(crate) fn set_life(&self, seconds: u64) {
        let life = Duration::from_secs(seconds);
        self.server.emulator().v0().set_token_life(life);
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(&self.ca);
        if let Some((_, keys)) = &self.database {
            let _ = fs::remove_file(keys);
        }
    }
}

pub(crate) fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    stdout(output)
}
