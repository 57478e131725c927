//! Signals that ask to stop: Ctrl-C, SIGTERM, and a terminal that is closed; on Windows, the events of the console.

#[cfg(unix)]
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether another handler receives the signals now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A signal that asks to stop, by its number.
pub(crate) type Number = u8;

pub(crate) const HANGUP: Number = 1;
pub(crate) const INTERRUPT: Number = 2;
const TERMINATE: Number = 15;

/// Returns the exit status that a shell gives a signal.
pub(crate) fn status(number: Number) -> u8 {
    number.saturating_add(128)
}

/// Receives the signals from now on, in place of any other handler. Needs the context of a runtime.
#[cfg(unix)]
pub(crate) fn stop() -> std::io::Result<Signals> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = Signals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
        hangup: signal(SignalKind::hangup())?,
        has_terminal: std::io::stdin().is_terminal() || std::io::stderr().is_terminal(),
    };
    TAKEN.store(true, Ordering::SeqCst);
    Ok(signals)
}

#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    /// Without a terminal, as under `nohup`, none can be closed.
    has_terminal: bool,
}

#[cfg(unix)]
impl Signals {
    pub(crate) async fn next(&mut self) -> Number {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return INTERRUPT,
                _ = self.terminate.recv() => return TERMINATE,
                _ = self.hangup.recv() => if self.has_terminal { return HANGUP },
            }
        }
    }
}

/// Receives the events of the console from now on, in place of any other handler. Needs the context of a runtime.
#[cfg(windows)]
pub(crate) fn stop() -> std::io::Result<Signals> {
    use tokio::signal::windows;

    let signals = Signals {
        interrupt: windows::ctrl_c()?,
        pause: windows::ctrl_break()?,
        close: windows::ctrl_close()?,
        logoff: windows::ctrl_logoff()?,
        shutdown: windows::ctrl_shutdown()?,
    };
    TAKEN.store(true, Ordering::SeqCst);
    Ok(signals)
}

#[cfg(windows)]
pub(crate) struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    pause: tokio::signal::windows::CtrlBreak,
    /// Windows ends the process five seconds after this one and the next two.
    close: tokio::signal::windows::CtrlClose,
    logoff: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    pub(crate) async fn next(&mut self) -> Number {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.pause.recv() => TERMINATE,
            _ = self.close.recv() => HANGUP,
            _ = self.logoff.recv() => TERMINATE,
            _ = self.shutdown.recv() => TERMINATE,
        }
    }
}

/// From now on, Ctrl-C, SIGTERM and SIGHUP restore the terminal as it is now, with the echo that a prompt switched
/// off. Until [`stop`] is called, they end the process.
#[cfg(unix)]
pub(crate) fn keep_terminal() -> std::io::Result<()> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    static KEPT: AtomicBool = AtomicBool::new(false);
    if KEPT.load(Ordering::SeqCst) {
        return Ok(());
    }
    let terminal = std::fs::File::open("/dev/tty")?;
    let settings = tcgetattr(&terminal)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut signals = {
        let _context = runtime.enter();
        stop()?
    };
    TAKEN.store(false, Ordering::SeqCst);
    std::thread::Builder::new().spawn(move || {
        loop {
            let number = runtime.block_on(signals.next());
            if !TAKEN.load(Ordering::SeqCst) {
                let _ = tcsetattr(&terminal, OptionalActions::Now, &settings);
                say!("\nerror: interrupted: nothing was sent");
                std::process::exit(i32::from(status(number)));
            }
        }
    })?;
    KEPT.store(true, Ordering::SeqCst);
    Ok(())
}

/// The mode of a console is that of the program that reads from it: a shell sets its own again.
#[cfg(windows)]
pub(crate) fn keep_terminal() -> std::io::Result<()> {
    Ok(())
}
