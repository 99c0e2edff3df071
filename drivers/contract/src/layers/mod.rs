//! What surrounds every driver, written once and not once per method.
//!
//! [`Layered`] implements the whole contract over an inner driver; each of its methods is one line
//! that hands the call to [`Stack::call`]. There the layers stand in a fixed order:
//!
//! 1. error context: names cloud and operation on every error;
//! 2. metrics: counts and times the call as the caller saw it;
//! 3. capability check: refuses what the cloud cannot do or what is past its limits;
//! 4. circuit breaker: refuses at once while the provider is down;
//! 5. retry: repeats what is safe to repeat;
//! 6. rate limit: each attempt takes a token, a person before a poller;
//! 7. timeout: each attempt ends in time.
//!
//! The rate limit stands inside the retry, for each attempt is a call that the provider counts.

mod breaker;
mod layered;
mod limits;
mod observer;
mod rate_limit;
mod retry;
mod stack;
mod timeout;

pub use breaker::{Breaker, BreakerSettings, BreakerState, BreakerStatus};
pub use layered::Layered;
pub use limits::{
    check_key_pair_create, check_network_create, check_node_create, check_subnet_create,
    check_volume_create, check_volume_extend, unsupported,
};
pub use observer::{NoObserver, Observer, Outcome};
pub use rate_limit::{RateLimit, RateLimitSettings, RateLimitStatus};
pub use retry::RetrySettings;
pub use stack::{LayerSettings, LayerStatus, Stack};
