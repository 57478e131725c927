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
pub mod which_flow {}

#[doc = include_str!("registering.md")]
///
/// [`ConsumerKey::new`]: crate::ConsumerKey::new
/// [`Application::new`]: crate::Application::new
/// [`Scope`]: crate::net2::Scope
/// [`RedirectUri::new`]: crate::RedirectUri::new
/// [`BaseUrl`]: crate::BaseUrl
pub mod registering {}

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
/// [`Scope`]: crate::net2::Scope
pub mod glossary {}
