//! Ctrl-C, and an init system's wish to stop.

/// Hears the signals from now on; the future ends at the first. Needs a runtime's context.
#[cfg(unix)]
pub(crate) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The future ends at Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// From now on, a signal that ends the process leaves the terminal as it is now: with its echo,
/// though a prompt switched that off.
#[cfg(unix)]
pub(crate) fn keep_terminal() -> std::io::Result<()> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    let terminal = std::fs::File::open("/dev/tty")?;
    let settings = tcgetattr(&terminal)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stop = {
        let _context = runtime.enter();
        stop()?
    };
    std::thread::Builder::new().spawn(move || {
        runtime.block_on(stop);
        let _ = tcsetattr(&terminal, OptionalActions::Now, &settings);
        eprintln!();
        // As a shell reports a command that Ctrl-C ended.
        std::process::exit(130);
    })?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn keep_terminal() -> std::io::Result<()> {
    Ok(())
}
