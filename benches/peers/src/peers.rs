//! The libraries, each with a token in its cache.

use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Runtime;

use crate::ready;

const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9";

type Ask = Box<dyn Fn()>;

fn grant() -> concur_oauth_core::keeper::Grant {
    use concur_oauth_core::{BaseUrl, ConsumerKey, TokenParts, TokenScheme};

    let mut parts = TokenParts::new(TokenScheme::Bearer, TOKEN, BaseUrl::EU2);
    parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
    parts.expires_at = Some(SystemTime::now() + Duration::from_secs(3600));
    let key = ConsumerKey::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11").expect("a key");
    concur_oauth_core::keeper::Grant::new(key, parts.into(), SystemTime::now()).expect("a grant")
}

pub(crate) fn keeper_blocking() -> Ask {
    use concur_oauth_blocking::Client;
    use concur_oauth_blocking::keeper::{Keeper, MemoryStore};
    use concur_oauth_core::keeper::GrantName;

    let client = Client::builder().no_proxy().build().expect("a client");
    let keeper = Keeper::builder(client, MemoryStore::new());
    let keeper = keeper.build().expect("a keeper");
    let name = GrantName::new("customer-4711").expect("a name");
    keeper.put(&name, grant()).expect("it is stored");
    Box::new(move || {
        black_box(keeper.token(black_box("customer-4711")).expect("a token"));
    })
}

pub(crate) fn keeper_hyper() -> Ask {
    use concur_oauth_core::keeper::GrantName;
    use concur_oauth_hyper::Client;
    use concur_oauth_hyper::keeper::{Keeper, MemoryStore, OnThreads};

    let client = Client::builder().no_proxy().build().expect("a client");
    let keeper = Keeper::builder(client, OnThreads::new(MemoryStore::new()));
    let (keeper, runner) = keeper.build().expect("a keeper");
    let handle = tokio::runtime::Handle::current();
    handle.spawn(runner);
    let name = GrantName::new("customer-4711").expect("a name");
    let put = async {
        keeper.put(&name, grant()).await.expect("it is stored");
        keeper.token("customer-4711").await.expect("a token");
    };
    futures_block_on(put);
    Box::new(move || {
        black_box(ready(keeper.token(black_box("customer-4711"))).expect("a token"));
    })
}

/// Waits for a future on a thread of its own that is not in the runtime.
fn futures_block_on<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let handle = tokio::runtime::Handle::current();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| handle.block_on(future));
        waiting.join().expect("it ends")
    })
}

pub(crate) fn huskarl() -> Ask {
    use huskarl::cache::{InMemoryTokenCache, TokenError, TokenSource};
    use huskarl::core::platform::MaybeSendBoxFuture;
    use huskarl::grant::core::{RawTokenResponse, TokenResponse};

    struct Source;

    impl TokenSource for Source {
        fn token(&self) -> MaybeSendBoxFuture<'_, Result<Arc<TokenResponse>, TokenError>> {
            Box::pin(async {
                let response = RawTokenResponse::builder()
                    .access_token(TOKEN)
                    .token_type("bearer")
                    .expires_in(3600)
                    .build();
                let response = response.into_token_response(None, SystemTime::now());
                Ok(Arc::new(response.expect("a response")))
            })
        }
    }

    let cache = InMemoryTokenCache::builder().source(Source).build();
    ready(cache.token()).expect("a token");
    Box::new(move || {
        black_box(ready(cache.token()).expect("a token"));
    })
}

pub(crate) fn google(runtime: &Runtime) -> Ask {
    use google_cloud_auth::credentials::user_account::Builder;

    let account = serde_json::json!({
        "type": "authorized_user",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "2d725xipty0z7ha3vlpy8b2c3hqxmw",
    });
    let credentials = Builder::new(account).with_token_uri(token_server());
    let credentials = credentials
        .build_access_token_credentials()
        .expect("credentials");
    let first = credentials.clone();
    runtime
        .block_on(async move { first.access_token().await })
        .expect("a token");
    Box::new(move || {
        black_box(ready(credentials.access_token()).expect("a token"));
    })
}

/// Starts a token endpoint without TLS on this machine.
fn token_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 8192];
            let _ = stream.read(&mut request).expect("a request");
            let body =
                format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#);
            let response = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(response.as_bytes()).expect("a response");
        }
    });
    format!("http://{address}/token")
}

pub(crate) fn azure(runtime: &Runtime) -> Ask {
    use azure_core::credentials::TokenCredential;
    use azure_core::http::headers::Headers;
    use azure_core::http::{
        AsyncRawResponse, ClientOptions, HttpClient, Request, StatusCode, Transport,
    };
    use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};

    #[derive(Debug)]
    struct Responder;

    #[async_trait::async_trait]
    impl HttpClient for Responder {
        async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
            let body =
                format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#);
            Ok(AsyncRawResponse::from_bytes(
                StatusCode::Ok,
                Headers::new(),
                body,
            ))
        }
    }

    let mut options = ClientSecretCredentialOptions::default();
    options.client_options = ClientOptions {
        transport: Some(Transport::new(Arc::new(Responder))),
        ..ClientOptions::default()
    };
    let credential =
        ClientSecretCredential::new("tenant", "id".to_owned(), "secret".into(), Some(options));
    let credential = credential.expect("a credential");
    const SCOPES: &[&str] = &["https://example.com/.default"];
    let first = Arc::clone(&credential);
    runtime
        .block_on(async move { first.get_token(SCOPES, None).await })
        .expect("a token");
    Box::new(move || {
        black_box(ready(credential.get_token(black_box(SCOPES), None)).expect("a token"));
    })
}

pub(crate) fn aws(runtime: &Runtime) -> Ask {
    use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
    use aws_smithy_async::time::SystemTimeSource;
    use aws_smithy_runtime::client::identity::IdentityCache;
    use aws_smithy_runtime_api::client::identity::{
        Identity, IdentityFuture, ResolveCachedIdentity, ResolveIdentity, SharedIdentityResolver,
    };
    use aws_smithy_runtime_api::client::runtime_components::{
        RuntimeComponents, RuntimeComponentsBuilder,
    };
    use aws_smithy_types::config_bag::ConfigBag;

    /// A timer that costs nothing.
    #[derive(Debug)]
    struct Never;

    impl AsyncSleep for Never {
        fn sleep(&self, _: Duration) -> Sleep {
            Sleep::new(std::future::pending())
        }
    }

    #[derive(Debug)]
    struct Resolver;

    impl ResolveIdentity for Resolver {
        fn resolve_identity<'a>(
            &'a self,
            _: &'a RuntimeComponents,
            _: &'a ConfigBag,
        ) -> IdentityFuture<'a> {
            let expires_at = SystemTime::now() + Duration::from_secs(3600);
            IdentityFuture::ready(Ok(Identity::new(TOKEN.to_owned(), Some(expires_at))))
        }
    }

    let components = RuntimeComponentsBuilder::for_tests()
        .with_time_source(Some(SystemTimeSource::new()))
        .with_sleep_impl(Some(Never))
        .build()
        .expect("components");
    let cache = IdentityCache::lazy().build();
    let resolver = SharedIdentityResolver::new(Resolver);
    let bag = ConfigBag::base();
    runtime
        .block_on(cache.resolve_cached_identity(resolver.clone(), &components, &bag))
        .expect("an identity");
    Box::new(move || {
        let resolver = resolver.clone();
        let asked = ready(cache.resolve_cached_identity(resolver, &components, &bag));
        black_box(asked.expect("an identity"));
    })
}
