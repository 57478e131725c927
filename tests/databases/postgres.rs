//! PostgreSQL, from the system's package.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::server::{Folder, Server, SmallDisk, free_port, is_root};

pub(crate) const PASSWORD: &str = "of the database 2026";

/// A cluster with one database, `postgres`, of the user `concur`.
pub(crate) struct Postgres {
    server: Option<Server>,
    pub(crate) port: u16,
    args: Vec<String>,
    /// Unmounted before its folder is removed.
    disk: Option<SmallDisk>,
    folder: Folder,
}

/// Returns the folder of the programs of the newest version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let mut versions: Vec<_> = versions
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    versions.retain(|bin| bin.join("postgres").exists());
    versions.sort();
    versions.pop().expect("PostgreSQL is installed")
}

/// It does not run as root.
fn user() -> Option<&'static str> {
    is_root().then_some("postgres")
}

/// A program of the package, as the user of the database, to whom the folder is given.
fn own(folder: &Folder, program: &str) -> Command {
    let program = programs().join(program);
    let mut command = match user() {
        Some(user) => {
            let mut chown = Command::new("chown");
            done(chown.args(["-R", user]).arg(&folder.0));
            let mut command = Command::new("setpriv");
            command.args(["--reuid", user, "--regid", user, "--init-groups", "--"]);
            command.arg(program);
            command
        }
        None => Command::new(program),
    };
    command.current_dir(&folder.0);
    command
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

impl Postgres {
    pub(crate) fn start(settings: &[&str]) -> Self {
        Self::create(Folder::new("postgres"), None, settings)
    }

    /// Starts one with this certificate and key.
    pub(crate) fn with_tls(certificate: &str, key: &str) -> Self {
        let folder = Folder::new("postgres");
        let write = |file: &str, text: &str| {
            let path = folder.0.join(file);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let certificate = format!("ssl_cert_file={}", write("certificate.pem", certificate));
        let key = format!("ssl_key_file={}", write("key.pem", key));
        Self::create(folder, None, &["ssl=on", &certificate, &key])
    }

    /// Starts one whose data is on a disk of so many megabytes.
    pub(crate) fn on_small_disk(megabytes: usize) -> Self {
        let folder = Folder::new("postgres");
        let disk = SmallDisk::mount(&folder.0.join("disk"), megabytes);
        Self::create(
            folder,
            Some(disk),
            &["max_wal_size=32MB", "min_wal_size=32MB"],
        )
    }

    /// Leaves no room on its disk.
    pub(crate) fn fill_disk(&self) {
        self.disk.as_ref().expect("it has a small disk").fill();
    }

    fn create(folder: Folder, disk: Option<SmallDisk>, settings: &[&str]) -> Self {
        let data = disk.as_ref().map_or(&folder.0, |disk| &disk.0).join("data");
        std::fs::create_dir(&data).unwrap();
        let password = folder.0.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        let initdb = "-U concur -A scram-sha-256 --no-sync -E UTF8 --pwfile";
        let mut command = own(&folder, "initdb");
        command.args(initdb.split(' ')).arg(&password);
        done(command.arg("-D").arg(&data));
        Self::over(folder, disk, &data, settings)
    }

    /// Starts another one, which follows this one until it is promoted.
    pub(crate) fn standby(&self) -> Self {
        let folder = Folder::new("postgres");
        let data = folder.0.join("data");
        let mut command = own(&folder, "pg_basebackup");
        command.args([
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
            "-d",
            &self.url(),
        ]);
        done(command.arg("-D").arg(&data));
        Self::over(folder, None, &data, &[])
    }

    /// Starts one on this data.
    fn over(folder: Folder, disk: Option<SmallDisk>, data: &Path, settings: &[&str]) -> Self {
        let port = free_port();
        let mut args = vec!["-D".to_owned(), data.to_str().unwrap().to_owned()];
        let own = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
        ];
        for setting in own
            .into_iter()
            .chain(settings.iter().map(|&it| it.to_owned()))
        {
            args.extend(["-c".to_owned(), setting]);
        }
        let mut postgres = Self {
            server: None,
            port,
            args,
            disk,
            folder,
        };
        postgres.restart();
        postgres
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Starts it again on what it has stored.
    pub(crate) fn restart(&mut self) {
        self.server = None;
        let program = programs().join("postgres");
        self.server = Some(Server::start(
            &program,
            &self.args,
            user(),
            &self.folder.0,
            self.port,
        ));
        let start = Instant::now();
        while !self.sql("SELECT 1").0 {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "it does not start"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.signal("-QUIT");
            let data = self.args[1].clone();
            while Path::new(&data).join("postmaster.pid").exists() {
                thread::sleep(Duration::from_millis(10));
            }
            drop(server);
        }
    }

    /// Has it stand still, or go on.
    pub(crate) fn signal(&self, signal: &str) {
        if let Some(server) = &self.server {
            server.signal(signal);
        }
    }

    pub(crate) fn url(&self) -> String {
        let password = PASSWORD.replace(' ', "%20");
        format!(
            "postgres://concur:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// Runs a statement. Returns whether it went well, and what it printed.
    pub(crate) fn sql(&self, statement: &str) -> (bool, String) {
        let output = Command::new(programs().join("psql"))
            .args(["-qAtX", "-c", statement, &self.url()])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success(), printed)
    }
}
