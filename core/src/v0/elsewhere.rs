//! Code 16: the user lives in another data center.

use crate::base_url::{BaseUrl, TrustDomain};
use crate::exchange::ResponseContext;
use crate::response;

/// Returns the data center to send the same request to, where the response names one inside the trust domain. Concur did
/// nothing with the request, so it can be sent again whatever it carries.
///
/// (Concur's page: *E-Receipts User App Integration Guide, Being Geo Aware*.)
pub(crate) fn named(
    response: &http::Response<&[u8]>,
    context: &ResponseContext,
) -> Option<BaseUrl> {
    let named = response::lives_elsewhere(response)?;
    let asked = context.base_url();
    (&named != asked && TrustDomain::V0.trusts(asked, &named)).then_some(named)
}
