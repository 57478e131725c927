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

/// The client ID of the sample application of the newer service.
pub const SAMPLE_CLIENT_ID: &str = "3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11";
/// The client secret of the sample application of the newer service.
pub const SAMPLE_CLIENT_SECRET: &str = "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55";
/// The redirect URI that is registered for the sample application of the newer service.
pub const SAMPLE_REDIRECT_URI: &str = "http://localhost:8976/";
/// The UUID of the sample company, as in Concur's documentation.
pub const SAMPLE_COMPANY_ID: &str = "2a09b1ba-125f-4e4c-a8ef-f48a018583cc";
