//! `POST /oauth2/v0/otp`: a one-time password by mail.

use std::time::SystemTime;

use http::Request;

use super::{Parameters, read_form};
use crate::emulator::Emulator;
use crate::state::v0::{OneTimePassword, Refusal};

/// The most one-time passwords that a user can have open.
const MAX_OPEN: usize = 3;

/// The names that are not facts of the application's.
const RESERVED: [&str; 7] = [
    "client_id",
    "client_secret",
    "channel_type",
    "channel_handle",
    "scope",
    "grant_type",
    "otp",
];

impl Emulator {
    pub(super) fn send_otp(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<(), Refusal> {
        let (parameters, application) = read_form(request, &self.v0)?;
        let client_id = application.client_id.clone();
        if !application.allows("otp") {
            return Err(60.into());
        }
        if let Some(code) = self.v0.next_refusal.take() {
            return Err(code.into());
        }
        let email = channel(&parameters)?;
        let mut users = self.v0.users.iter();
        let user = users
            .find(|user| user.email.as_ref() == Some(&email))
            .ok_or(55)?;
        self.lives_here(request, &user.principal(), false)?;
        let all = &self.v0.one_time_passwords;
        let open = all
            .iter()
            .filter(|mailed| mailed.email == email && mailed.expires_at > now);
        if open.count() >= MAX_OPEN {
            return Err(82.into());
        }
        let facts = parameters
            .into_iter()
            .filter(|(name, _)| !RESERVED.contains(&name.as_str()));
        let mailed = OneTimePassword::new(&client_id, &email, facts.collect(), now);
        self.v0.one_time_passwords.push(mailed);
        Ok(())
    }
}

/// Returns the e-mail address of a request.
pub(super) fn channel(parameters: &Parameters) -> Result<String, Refusal> {
    let kind = parameters.get("channel_type").ok_or(57)?;
    let handle = parameters.get("channel_handle").ok_or(58)?;
    if kind != "email" {
        return Err(80.into());
    }
    if !handle.contains('@') {
        return Err(81.into());
    }
    Ok(handle.clone())
}
