//! What needs a living CloudAPI: `tests/clouds/smartdatacenter/test` starts one and sets the
//! environment.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

mod access;
mod lab;
mod refused;
mod second_opinion;
