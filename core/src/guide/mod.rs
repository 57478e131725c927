//! Before the first line of code: which flow to use, what Concur must know of an application, and Concur's words.

// The pages are also read outside of rustdoc, so the targets of their links stand here.
#[doc = include_str!("which_flow.md")]
///
/// [`NativeFlow`]: crate::net2::NativeFlow
/// [`WebFlow`]: crate::net2::WebFlow
/// [`parse_app_center_callback`]: crate::parse_app_center_callback
/// [`auto_connect::Round`]: crate::auto_connect::Round
/// [`CsrfState`]: crate::CsrfState
/// [`Refresh`]: crate::net2::Refresh
/// [`RevokeToken`]: crate::net2::RevokeToken
/// [`RevokeUser`]: crate::net2::RevokeUser
/// [`AccessToken::authorize`]: crate::AccessToken::authorize
/// [`v0::RequestTokenGrant`]: crate::v0::RequestTokenGrant
/// [`v0::WebFlow`]: crate::v0::WebFlow
/// [`v0::SendOtp`]: crate::v0::SendOtp
/// [`v0::parse_app_center_landing`]: crate::v0::parse_app_center_landing
/// [`v0::PasswordGrant`]: crate::v0::PasswordGrant
/// [`v0::ClientCredentialsGrant`]: crate::v0::ClientCredentialsGrant
/// [`v0::Refresh`]: crate::v0::Refresh
/// [`v0`]: crate::v0
/// [`net2`]: crate::net2
/// [moving_to_v0]: crate::guide::moving_to_v0
pub mod which_flow {}

#[doc = include_str!("moving_to_v0.md")]
///
/// [`AccessToken::authorize`]: crate::AccessToken::authorize
/// [`Error::retry_after`]: crate::Error::retry_after
/// [`net2::NativeFlow`]: crate::net2::NativeFlow
/// [`net2::WebFlow`]: crate::net2::WebFlow
/// [`v0::ClientCredentialsGrant`]: crate::v0::ClientCredentialsGrant
/// [`v0::CreateSecret`]: crate::v0::CreateSecret
/// [`v0::MigrateToken`]: crate::v0::MigrateToken
/// [`v0::OtpDetails`]: crate::v0::OtpDetails
/// [`v0::Refresh`]: crate::v0::Refresh
/// [`v0::RequestTokenGrant`]: crate::v0::RequestTokenGrant
/// [`v0::RevokeConnections`]: crate::v0::RevokeConnections
/// [`v0::SendOtp`]: crate::v0::SendOtp
/// [`v0::WebFlow`]: crate::v0::WebFlow
/// [`RedirectUri`]: crate::RedirectUri
/// [registering]: crate::guide::registering
/// [what_to_store]: crate::v0#what-to-store
/// [keeping_tokens]: crate::guide
pub mod moving_to_v0 {}

#[doc = include_str!("registering.md")]
///
/// [`ConsumerKey::new`]: crate::ConsumerKey::new
/// [`Application::new`]: crate::Application::new
/// [`Scope`]: crate::Scope
/// [`RedirectUri::new`]: crate::RedirectUri::new
/// [`BaseUrl`]: crate::BaseUrl
/// [`v0::ClientId`]: crate::v0::ClientId
pub mod registering {}

#[doc = include_str!("how_it_was_verified.md")]
pub mod how_it_was_verified {}

#[doc = include_str!("behind_a_proxy.md")]
///
/// [`Error::Proxy`]: crate::Error::Proxy
/// [`Error::retry_after`]: crate::Error::retry_after
/// [`Stage::Proxy`]: crate::Stage::Proxy
/// [`Proxy`]: crate::Proxy
pub mod behind_a_proxy {}

#[cfg(feature = "keeper")]
#[doc = include_str!("keeping_tokens.md")]
///
/// [`AsyncStore`]: crate::keeper::AsyncStore
/// [`ClientCredentials`]: crate::keeper::ClientCredentials
/// [`Grant::from_refresh_token`]: crate::keeper::Grant::from_refresh_token
/// [`Grant::new`]: crate::keeper::Grant::new
/// [`Grant::of_application`]: crate::keeper::Grant::of_application
/// [`v0::MigrateToken`]: crate::v0::MigrateToken
/// [`Event::ApplicationRefused`]: crate::keeper::Event::ApplicationRefused
/// [`Event::HostPaused`]: crate::keeper::Event::HostPaused
/// [`Event::NeedsConsent`]: crate::keeper::Event::NeedsConsent
/// [`Event::RefreshTokenEnds`]: crate::keeper::Event::RefreshTokenEnds
/// [`Event::Saved`]: crate::keeper::Event::Saved
/// [`Event::StoreWarning`]: crate::keeper::Event::StoreWarning
/// [`KeepError::Stopped`]: crate::keeper::KeepError::Stopped
/// [`Event::Unsaved`]: crate::keeper::Event::Unsaved
/// [`KeepError::Failed`]: crate::keeper::KeepError::Failed
/// [`KeepError::NeedsConsent`]: crate::keeper::KeepError::NeedsConsent
/// [`KeepError::NoApplication`]: crate::keeper::KeepError::NoApplication
/// [`KeepError::NotRevoked`]: crate::keeper::KeepError::NotRevoked
/// [`KeepError::Refused`]: crate::keeper::KeepError::Refused
/// [`KeepError::Store`]: crate::keeper::KeepError::Store
/// [`KeepError::Unknown`]: crate::keeper::KeepError::Unknown
/// [`KeepError::Waiting`]: crate::keeper::KeepError::Waiting
/// [`Keeper`]: crate::keeper::Keeper
/// [`Store`]: crate::keeper::Store
/// [size_of_a_fleet]: crate::guide::size_of_a_fleet
/// [writing_a_store]: crate::guide::writing_a_store
pub mod keeping_tokens {}

#[cfg(feature = "keeper")]
#[doc = include_str!("size_of_a_fleet.md")]
///
/// [`Keeper`]: crate::keeper::Keeper
/// [`Policy::max_in_flight`]: crate::keeper::Policy::max_in_flight
pub mod size_of_a_fleet {}

#[cfg(feature = "keeper")]
#[doc = include_str!("writing_a_store.md")]
///
/// [`AsyncStore`]: crate::keeper::AsyncStore
/// [`Claimed::No`]: crate::keeper::Claimed::No
/// [`Lease::is_abandoned`]: crate::keeper::Lease::is_abandoned
/// [`Store`]: crate::keeper::Store
/// [`StoreError::of_record`]: crate::keeper::StoreError::of_record
/// [`StoreRequest`]: crate::keeper::StoreRequest
/// [`StoreRequest::MarkDead`]: crate::keeper::StoreRequest::MarkDead
/// [`StoredGrant`]: crate::keeper::StoredGrant
/// [`Version`]: crate::keeper::Version
/// [`Written::No`]: crate::keeper::Written::No
pub mod writing_a_store {}

#[doc = include_str!("glossary.md")]
///
/// [`AccessToken`]: crate::AccessToken
/// [`Application`]: crate::Application
/// [`BaseUrl`]: crate::BaseUrl
/// [`CodeExchange`]: crate::net2::CodeExchange
/// [`ConnectionRequest`]: crate::auto_connect::ConnectionRequest
/// [`ConsumerKey`]: crate::ConsumerKey
/// [`Credentials`]: crate::Credentials
/// [`CsrfState`]: crate::CsrfState
/// [`Exchange`]: crate::Exchange
/// [`RedirectUri`]: crate::RedirectUri
/// [`RequestToken`]: crate::RequestToken
/// [`Round`]: crate::auto_connect::Round
/// [`Scope`]: crate::Scope
/// [`TokenChanges`]: crate::TokenChanges
/// [`v0`]: crate::v0
/// [`v0::IdToken`]: crate::v0::IdToken
/// [`v0::OneTimePassword`]: crate::v0::OneTimePassword
pub mod glossary {}
