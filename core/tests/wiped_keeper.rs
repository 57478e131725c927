//! No heap block of a keeper is freed with a token in it: not of what it holds, stores, reads or sends.
#![cfg(feature = "keeper")]

mod inspector;

use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{Ask, Grant, GrantName, Keeper, Policy, Step};
use concur_oauth_core::{
    Application, BaseUrl, ConsumerKey, Exchange, ExposeSecret, ResponseContext, StepRequest,
    TokenParts, TokenScheme, http,
};
use concur_oauth_fuzz::Shelf;

const ACCESS: &str = "wiped-access-token-2026";
const REFRESH: &str = "wiped-refresh-token-2026";
const SECRET: &str = "wiped-secret-2026";
/// A response's bytes are the transport's, so they stay to the end.
const RESPONSE: &[u8] = br#"{"access_token":"wiped-access-token-2026-b","refresh_token":"wiped-refresh-token-2026-b","expires_in":3600}"#;

#[test]
fn no_freed_heap_block_holds_a_token() {
    inspector::look_for(vec![ACCESS.into(), REFRESH.into(), SECRET.into()]);
    inspector::assert_sees();
    let roomy = |text: &str| {
        let mut string = String::with_capacity(1000);
        string.push_str(text);
        string
    };
    let key = || ConsumerKey::new("key").unwrap();
    let mut now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let start = now;
    let mut shelf = Shelf::default();
    let mut keeper = Keeper::new(Policy::default(), 7).unwrap();
    keeper.set_application(Application::new(key(), roomy(SECRET)).unwrap(), now);
    let mut parts = TokenParts::new(TokenScheme::Bearer, roomy(ACCESS), BaseUrl::US2);
    parts.refresh_token = Some(REFRESH.into());
    parts.expires_at = Some(now + Duration::from_secs(3600));
    let name = GrantName::new("a").unwrap();
    let grant = Grant::new(key(), parts.into(), now).unwrap();
    let _ = keeper.put(&name, grant, now);
    let mut sent = 0;
    for turn in 0..40 {
        if turn == 12 {
            now += Duration::from_secs(3500);
        }
        if let Ask::Use(token) = keeper.ask(&name, now) {
            assert!(token.token().token().expose_secret().starts_with(ACCESS));
        }
        match keeper.poll(now) {
            Step::Store { job, request } => {
                let since = now.duration_since(start).unwrap();
                let response = shelf.respond(&request, since);
                keeper.stored(job, Ok(response), now);
            }
            Step::Send { job, request } => {
                sent += 1;
                drop(request.into_request().unwrap());
                let context = ResponseContext::new(BaseUrl::US2, now);
                let response = StepRequest::parse(http::Response::new(RESPONSE), &context);
                keeper.sent(job, Ok(response.unwrap()), now);
            }
            Step::Wait { .. } => {}
        }
    }
    assert_eq!(sent, 1);
    // Read by another process, whose clock steps back, and forgotten.
    let mut other = Keeper::new(Policy::default(), 8).unwrap();
    for turn in 0..20 {
        if turn == 8 {
            now -= Duration::from_secs(7200);
        }
        if turn == 12 {
            let _ = other.forget(&name, now);
        }
        let _ = other.ask(&name, now);
        if let Step::Store { job, request } = other.poll(now) {
            let response = shelf.respond(&request, Duration::from_secs(10_000));
            other.stored(job, Ok(response), now);
        }
    }
    drop((keeper, other, shelf));
    let (found, freed) = inspector::found();
    assert!(freed > 100, "{freed}");
    assert_eq!(found, 0, "of {freed} blocks");
}
