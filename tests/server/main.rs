//! The server as its clients and its keepers see it: the real process, over a socket.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod canary;
mod fan_out;
mod log;
mod operations;
mod paging;
mod process;
mod requests;
mod time_zones;
