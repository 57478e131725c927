//! A keeper's events as lines of `tracing`: twenty lines of your own, with the levels and fields that you want.

use concur_oauth::keeper::Event;
use tracing::{error, info, warn};

/// Give it to `Keeper::builder(..).on_event(log)`.
fn log(event: &Event) {
    match event {
        Event::Renewed {
            name,
            version,
            reason,
            rotated,
            life,
        } => {
            info!(%name, %version, ?reason, rotated, life_s = life.as_secs(), "renewed");
        }
        Event::RenewalFailed {
            name,
            code,
            correlation_id,
            may_have_reached_concur,
            ..
        } => {
            warn!(%name, code, correlation_id, may_have_reached_concur, "not renewed");
        }
        Event::NeedsConsent { name, .. } => error!(%name, "connect this customer again"),
        Event::Unsaved { name, .. } => error!(%name, "not stored: keep this process alive"),
        Event::ApplicationRefused { client_id, .. } => {
            error!(
                client_id = client_id.as_str(),
                "correct the application's secret"
            );
        }
        Event::StoreFailed => error!("the store cannot be used"),
        other => info!("{other}"),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use concur_oauth::keeper::{GrantName, Reason, Version};
    use std::time::Duration;

    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    // What a keeper would tell.
    let (name, version) = (GrantName::new("customer-4711")?, Version::new(7));
    log(&Event::NeedsConsent {
        name: name.clone(),
        version,
    });
    let life = Duration::from_secs(3600);
    let (reason, rotated) = (Reason::Ahead, true);
    log(&Event::Renewed {
        name,
        version,
        reason,
        rotated,
        life,
    });
    log(&Event::StoreFailed);
    Ok(())
}
