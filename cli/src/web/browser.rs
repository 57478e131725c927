//! The browser that is opened.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::secret;

/// How long a browser's launcher may take to say that there is none.
const PATIENCE: Duration = Duration::from_millis(500);

/// Opens a browser at this URL, or says where to go.
pub(super) fn send_out(url: &str, no_browser: bool) {
    if no_browser {
        say!("Go there with a browser on this machine, to sign in and consent:\n{url}");
    } else if open::commands(url).into_iter().any(starts) {
        say!("A browser opens, to sign in and consent. If it does not, go to:\n{url}");
    } else {
        say!(
            "No browser can be opened. Go there with one on this machine, to sign in and consent:\n{url}"
        );
    }
}

/// Starts a launcher, which lives on by itself, and is told no secret.
fn starts(mut launcher: Command) -> bool {
    for variable in secret::variables() {
        launcher.env_remove(variable);
    }
    launcher
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // Ctrl-C is for this command, and not for the browser.
        launcher.process_group(0);
    }
    let Ok(mut child) = launcher.spawn() else {
        return false;
    };
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Ok(Some(status)) = child.try_wait() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    // One that is still running is showing something.
    true
}
