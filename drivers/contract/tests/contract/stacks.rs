//! Stacks of layers around a scripted driver.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::layers::{
    BreakerSettings, LayerSettings, Layered, NoObserver, Observer, RateLimit, RateLimitSettings,
    Stack,
};
use cloudfarm_contract::{Driver, ErrorKind, Text};

use crate::scripted::{Scripted, Step, error};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
const NO_BREAKER: BreakerSettings = BreakerSettings {
    failures: 0,
    open_for: MINUTE,
};

pub(crate) fn layered_with(
    driver: &Arc<Scripted>,
    settings: LayerSettings,
    observer: Arc<dyn Observer>,
) -> Layered {
    let rate_limit = Arc::new(RateLimit::new(RateLimitSettings::default()));
    let stack = Stack::new(Text::from("lab"), settings, rate_limit, observer);
    Layered::new(Arc::clone(driver) as Arc<dyn Driver>, stack)
}

/// Layers as they are by default, but for the breaker, which would get in the way.
pub(crate) fn layered(driver: &Arc<Scripted>) -> Layered {
    let settings = LayerSettings {
        breaker: NO_BREAKER,
        ..LayerSettings::default()
    };
    layered_with(driver, settings, Arc::new(NoObserver))
}

pub(crate) fn fail(kind: ErrorKind) -> Step {
    Step::Fail(error(kind))
}
