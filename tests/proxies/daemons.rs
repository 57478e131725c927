//! Proxies of Debian's, on loopback, each with a folder of its own.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// This machine, by an address of the network namespace that the tests run in.
pub(crate) const HERE: [u8; 4] = [192, 0, 2, 1];

/// A proxy that runs until it is dropped.
pub(crate) struct Daemon {
    process: Child,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
}

impl Daemon {
    /// Starts a program whose arguments come from its folder and its port, and waits until it accepts connections.
    pub(crate) fn start(
        program: &str,
        arguments: impl FnOnce(&PathBuf, u16) -> Vec<String>,
    ) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("concur-oauth-{program}-{}-{number}", std::process::id());
        // Not in the target folder: squid gives up root, and must still read its files.
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let port = free_port();
        let arguments = arguments(&folder, port);
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let process = Command::new(program)
            .args(arguments)
            .env_remove("https_proxy")
            .env_remove("HTTPS_PROXY")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}: see .ci/run"));
        let daemon = Self {
            process,
            folder,
            port,
        };
        daemon.wait_for(port);
        daemon
    }

    /// Waits until a port of the daemon accepts connections.
    pub(crate) fn wait_for(&self, port: u16) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap();
            assert!(start.elapsed() < Duration::from_secs(30), "{}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts mitmdump, which ends TLS and begins it again by an authority of its own: `mitmproxy-ca-cert.pem` in its folder. It
/// trusts a server with this authority.
pub(crate) fn mitmdump(server_ca_pem: &str) -> Daemon {
    Daemon::start("mitmdump", |folder, port| {
        let ca = folder.join("server.pem");
        std::fs::write(&ca, server_ca_pem).unwrap();
        let set = |setting: String| ["--set".to_owned(), setting];
        [
            ["--listen-host", "127.0.0.1"].map(str::to_owned),
            ["--listen-port".to_owned(), port.to_string()],
            set(format!("confdir={}", folder.display())),
            set(format!("ssl_verify_upstream_trusted_ca={}", ca.display())),
        ]
        .concat()
    })
}
