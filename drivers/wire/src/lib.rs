//! The other end of the wire in the tests of drivers: it answers as it is told, or passes on to a
//! living service, down to the bytes and the closing of the connection.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a wire that breaks shall break its test"
)]

mod damage;
mod reply;
mod seen;
mod serve;

pub use damage::damaged;
pub use reply::Reply;
pub use seen::Seen;
pub use serve::Wire;
