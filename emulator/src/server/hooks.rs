//! What a test gives a server to call.

use std::fmt;
use std::time::SystemTime;

use http::{Request, Response};

use super::faults::Fault;
use crate::emulator::Emulator;
use crate::http::request::normal_path;

type Exchange = dyn Fn(&Request<Vec<u8>>, &Response<Vec<u8>>) -> Option<Fault> + Send + Sync;
type Log = dyn Fn(&str) + Send + Sync;
type Handler =
    dyn Fn(&mut Emulator, &Request<Vec<u8>>, SystemTime) -> Response<Vec<u8>> + Send + Sync;

#[derive(Default)]
pub(super) struct Hooks {
    pub(super) on_exchange: Option<Box<Exchange>>,
    pub(super) log: Option<Box<Log>>,
    routes: Vec<Route>,
}

/// A path of a test's own.
struct Route {
    path: String,
    has_more_below: bool,
    handler: Box<Handler>,
}

impl Hooks {
    pub(super) fn route(&mut self, path: &str, handler: Box<Handler>) {
        self.routes.push(Route {
            path: normal_path(path),
            has_more_below: path.ends_with('/'),
            handler,
        });
    }

    pub(super) fn handler(&self, path: &str) -> Option<&Handler> {
        let path = normal_path(path);
        let is_it = |route: &&Route| match path.strip_prefix(&route.path) {
            Some("") => true,
            Some(rest) => route.has_more_below && rest.starts_with('/'),
            None => false,
        };
        self.routes.iter().find(is_it).map(|route| &*route.handler)
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routes = self.routes.iter().map(|route| &route.path);
        f.debug_struct("Hooks")
            .field("on_exchange", &self.on_exchange.is_some())
            .field("log", &self.log.is_some())
            .field("routes", &routes.collect::<Vec<_>>())
            .finish()
    }
}
