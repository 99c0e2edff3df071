//! What the tests share: a server that answers as it is told, and ways to ask it.
#![expect(
    clippy::unwrap_used,
    reason = "a transport that cannot be made shall break its test"
)]

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Context, Priority, SystemClock};
use cloudfarm_http::{HttpParams, Transport};
pub(crate) use cloudfarm_wire::{Reply, Wire as Server};

/// Settings that use no proxy and read no authorities of the machine.
pub(crate) fn params() -> HttpParams {
    HttpParams {
        proxy: Some("none".to_owned()),
        ..HttpParams::default()
    }
}

pub(crate) fn transport(params: &HttpParams) -> Transport {
    Transport::new("lab", params, Arc::new(SystemClock)).unwrap()
}

/// A call with time enough.
pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(20), "req-1", Priority::Person)
}
