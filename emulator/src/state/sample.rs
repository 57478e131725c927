//! The account of Concur's documentation.

/// The consumer key in Concur's documentation of the Native flow.
pub const SAMPLE_CONSUMER_KEY: &str = "hj7683jslks93lalkjss93";
/// The consumer secret that the emulator gives the sample application: Concur documents none for it.
pub const SAMPLE_CONSUMER_SECRET: &str = "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z";
/// The login ID in Concur's documentation of the Native flow.
pub const SAMPLE_LOGIN_ID: &str = "john_developer@hotmail.com";
/// The password in Concur's documentation of the Native flow.
pub const SAMPLE_PASSWORD: &str = "Travel&Expense$2012";

/// The login ID of a Web Services Administrator, whose password is [`SAMPLE_PASSWORD`] too.
pub const SAMPLE_ADMINISTRATOR_LOGIN_ID: &str = "administrator@example.com";
