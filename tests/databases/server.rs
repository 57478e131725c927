//! A server process that ends with the test, however that ends.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A folder that is removed with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(what: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("concur-oauth-{what}-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A process that is killed when this is dropped, and when this process ends without that.
pub(crate) struct Server {
    child: Child,
    pid_file: PathBuf,
}

impl Server {
    /// Starts a program, and waits until its port can be reached.
    pub(crate) fn start(
        program: &Path,
        args: &[String],
        user: Option<&str>,
        folder: &Path,
        port: u16,
    ) -> Self {
        // A shell stands between. Where its standard input ends, this process has, and the shell leaves nothing behind.
        let script = r#"exec 3<&0; "$@" </dev/null >>"$LOG" 2>&1 & echo $! >"$PID"; if read -r _ <&3; then kill -9 $(cat "$PID"); else kill -9 $(cat "$PID"); sleep 1; rm -rf "$FOLDER"; fi 2>/dev/null"#;
        let mut command = Command::new("sh");
        let pid_file = folder.join("server.pid");
        command
            .args(["-c", script, "sh"])
            .env("LOG", folder.join("server.log"))
            .env("PID", &pid_file)
            .env("FOLDER", folder)
            .stdin(Stdio::piped());
        if let Some(user) = user {
            command.args([
                "setpriv",
                "--reuid",
                user,
                "--regid",
                user,
                "--init-groups",
                "--",
            ]);
        }
        let child = command.arg(program).args(args).spawn().unwrap();
        let server = Self { child, pid_file };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "{}: {log}",
                program.display()
            );
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = std::fs::read_to_string(&self.pid_file).unwrap();
        let killed = Command::new("kill").args([signal, pid.trim()]).status();
        assert!(killed.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.child.stdin.take() {
            let _ = stdin.write_all(b"stop\n");
        }
        let _ = self.child.wait();
    }
}

/// Returns whether this process is root's.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// A folder on a disk of few megabytes.
pub(crate) struct SmallDisk(pub(crate) PathBuf);

impl SmallDisk {
    pub(crate) fn mount(folder: &Path, megabytes: usize) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let size = format!("size={megabytes}m,mode=0777");
        let mut mount = as_root("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder);
        assert!(mount.status().unwrap().success(), "it cannot be mounted");
        Self(folder.to_owned())
    }

    /// Leaves no room.
    pub(crate) fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
        while filler.write_all(&[0]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = as_root("umount").arg("-l").arg(&self.0).status();
    }
}

fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}
