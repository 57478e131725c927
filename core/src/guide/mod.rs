//! Before the first line of code: which flow to use, and what Concur must know of an application.

// The pages are read outside of rustdoc too: what their links lead to stands here.
#[doc = include_str!("which_flow.md")]
///
/// [`NativeFlow`]: crate::NativeFlow
/// [`WebFlow`]: crate::WebFlow
/// [`read_app_center`]: crate::read_app_center
/// [`auto_connect::Round`]: crate::auto_connect::Round
/// [`State`]: crate::State
/// [`Refresh`]: crate::Refresh
/// [`RevokeToken`]: crate::RevokeToken
/// [`RevokeUser`]: crate::RevokeUser
/// [`AccessToken::authorize`]: crate::AccessToken::authorize
pub mod which_flow {}

#[doc = include_str!("registering.md")]
///
/// [`ConsumerKey::new`]: crate::ConsumerKey::new
/// [`Application::new`]: crate::Application::new
/// [`Scope`]: crate::Scope
/// [`RedirectUri::new`]: crate::RedirectUri::new
/// [`InstanceUrl`]: crate::InstanceUrl
pub mod registering {}
