//! The one-time password grant: a password that Concur mails to the user.

mod details;
mod grant;
mod password;
mod send;

pub use details::OtpDetails;
pub use grant::OtpGrant;
pub use password::OneTimePassword;
pub use send::SendOtp;
