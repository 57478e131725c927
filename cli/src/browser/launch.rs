//! Opening a browser.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::secret;

/// How long a browser's launcher may take to report that there is no browser.
const PATIENCE: Duration = Duration::from_millis(500);

/// Opens a browser at this URL, or prints the URL.
pub(super) fn open_at(url: &str, no_browser: bool) {
    if no_browser {
        say!(
            "Open this link with a browser on this machine, to sign in and consent. It works once:\n{url}"
        );
    } else if open::commands(url).into_iter().any(starts) {
        say!(
            "A browser opens, to sign in and consent. If it does not, open this link, which works once:\n{url}"
        );
    } else {
        say!(
            "No browser can be opened. Open this link with one on this machine, to sign in and consent. It works once:\n{url}"
        );
    }
}

/// Starts a launcher, which goes on by itself, without the variables that hold secrets.
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
        // Ctrl-C must not reach the browser.
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
    // A launcher that still runs is showing a page.
    true
}
