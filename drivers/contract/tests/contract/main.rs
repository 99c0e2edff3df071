//! The layers and the waiting, over a driver that does what a script says.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod breaker;
mod layers;
mod refusals;
mod retries;
mod scripted;
mod stacks;
mod wait;
