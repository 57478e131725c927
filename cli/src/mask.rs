//! Secrets that no message may repeat.

use std::sync::{Mutex, PoisonError};

use concur_oauth::clean_text;
use zeroize::Zeroizing;

static KNOWN: Mutex<Vec<Zeroizing<String>>> = Mutex::new(Vec::new());

/// Hides this secret in every later message.
pub(crate) fn remember(secret: Zeroizing<String>) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.push(secret);
}

/// Hides in a message every secret that is known. A server can repeat what it was sent.
pub(crate) fn mask(mut message: String) -> String {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    for secret in known.iter() {
        // As it was sent, and as a server's words are shown.
        let shown = clean_text(secret, usize::MAX);
        let forms = [Some(secret.as_str()), shown.as_deref()];
        for form in forms.into_iter().flatten() {
            // Fewer characters occur in words by chance.
            if form.len() >= 4 {
                message = message.replace(form, "[secret]");
            }
        }
    }
    message
}
