//! Redis, from the system's package.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::server::{Folder, Server, SmallDisk, free_port};

pub(crate) const PASSWORD: &str = "of the cache 2026";

/// A server with a password.
pub(crate) struct Redis {
    server: Option<Server>,
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
    args: Vec<String>,
    /// Unmounted before its folder is removed.
    disk: Option<SmallDisk>,
    folder: Folder,
}

impl Redis {
    pub(crate) fn start(settings: &[&str]) -> Self {
        Self::create(Folder::new("redis"), None, settings)
    }

    /// Starts one with a second port, which speaks TLS with this certificate and key.
    pub(crate) fn with_tls(certificate: &str, key: &str) -> Self {
        let folder = Folder::new("redis");
        let write = |file: &str, text: &str| {
            let path = folder.0.join(file);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (certificate, key) = (write("certificate.pem", certificate), write("key.pem", key));
        let tls_port = free_port();
        let port = tls_port.to_string();
        let settings = [
            "--tls-port",
            &port,
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-auth-clients",
            "no",
            "--tls-ca-cert-file",
            &certificate,
        ];
        let mut redis = Self::create(folder, None, &settings);
        redis.tls_port = tls_port;
        redis
    }

    /// Starts one whose data is on a disk of so many megabytes.
    pub(crate) fn on_small_disk(megabytes: usize, settings: &[&str]) -> Self {
        let folder = Folder::new("redis");
        let disk = SmallDisk::mount(&folder.0.join("disk"), megabytes);
        Self::create(folder, Some(disk), settings)
    }

    /// Leaves no room on its disk.
    pub(crate) fn fill_disk(&self) {
        self.disk.as_ref().expect("it has a small disk").fill();
    }

    fn create(folder: Folder, disk: Option<SmallDisk>, settings: &[&str]) -> Self {
        let data = disk.as_ref().map_or(&folder.0, |disk| &disk.0);
        let data = data.to_str().unwrap().to_owned();
        let port = free_port();
        let own = ["--bind", "127.0.0.1", "--requirepass", PASSWORD, "--dir"];
        let mut args: Vec<_> = own.into_iter().map(str::to_owned).collect();
        args.push(data);
        args.extend(["--port".to_owned(), port.to_string()]);
        args.extend(settings.iter().map(|&it| it.to_owned()));
        let mut redis = Self {
            server: None,
            port,
            tls_port: 0,
            args,
            disk,
            folder,
        };
        redis.restart();
        redis
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Starts it again on what it has stored.
    pub(crate) fn restart(&mut self) {
        self.server = None;
        let program = PathBuf::from("/usr/bin/redis-server");
        self.server = Some(Server::start(
            &program,
            &self.args,
            None,
            &self.folder.0,
            self.port,
        ));
        let start = Instant::now();
        while self.ask(&["PING"]) != "PONG" {
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
            server.signal("-KILL");
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
        format!("redis://:{password}@127.0.0.1:{}", self.port)
    }

    /// Asks it something, and returns what was printed.
    pub(crate) fn ask(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args([
                "--no-auth-warning",
                "-p",
                &self.port.to_string(),
                "-a",
                PASSWORD,
            ])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}
