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

/// From now on, Ctrl-C, SIGTERM and SIGHUP leave the terminal as it is now: with its echo, though a
/// prompt switched that off. The status is what a shell makes of the signal.
#[cfg(unix)]
pub(crate) fn keep_terminal() -> std::io::Result<()> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use tokio::signal::unix::{SignalKind, signal};

    let terminal = std::fs::File::open("/dev/tty")?;
    let settings = tcgetattr(&terminal)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let [mut interrupt, mut terminate, mut hangup] = {
        let _context = runtime.enter();
        let [interrupt, terminate, hangup] = kinds.map(signal);
        [interrupt?, terminate?, hangup?]
    };
    std::thread::Builder::new().spawn(move || {
        let number = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => kinds[0].as_raw_value(),
                _ = terminate.recv() => kinds[1].as_raw_value(),
                _ = hangup.recv() => kinds[2].as_raw_value(),
            }
        });
        let _ = tcsetattr(&terminal, OptionalActions::Now, &settings);
        eprintln!("\nerror: interrupted: run it again when you like");
        std::process::exit(128 + number);
    })?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn keep_terminal() -> std::io::Result<()> {
    Ok(())
}
