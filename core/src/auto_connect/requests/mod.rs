//! The connection-request service, one file a call.

mod connection_request;
mod create;
mod delete;
mod document;
mod get;
mod id;
mod list;
mod report;
mod version;

pub use connection_request::ConnectionRequest;
pub use create::CreateConnectionRequest;
pub use delete::DeleteConnectionRequest;
pub use get::GetConnectionRequest;
pub use id::ConnectionRequestId;
pub use list::{
    ConnectionRequests, ListConnectionRequests, MAX_PAGES, NextPageError, Pages, Status,
};
pub use report::{Outcome, ReportConnection};
pub use version::Version;

#[cfg(test)]
mod tests;
