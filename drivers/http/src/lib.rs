//! What HTTP drivers share: transport, token source, retry, paging, redaction.
#![warn(missing_docs)]

mod address;
mod client;
mod complaint;
mod failure;
pub mod paging;
mod params;
mod period;
mod redact;
mod request;
mod response;
mod retry_after;
mod status;
mod token;
mod transport;
pub mod wire_log;

pub use address::{join, parse_endpoint};
pub use complaint::Complaint;
pub use params::HttpParams;
pub use period::Period;
pub use request::{HeaderText, Request, Secrecy};
pub use reqwest::{Method, StatusCode, Url, header};
pub use response::Response;
pub use retry_after::{LONGEST_RETRY_AFTER, retry_after};
pub use token::{CredentialKey, FetchToken, Fetched, Held, TokenPool, TokenSettings, TokenSource};
pub use transport::Transport;
