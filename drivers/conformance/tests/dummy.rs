//! The dummy cloud before the judge, in the ways in which it is used.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_conformance::{Subject, Target, main_for_all};
use cloudfarm_contract::layers::{
    LayerSettings, Layered, NoObserver, RateLimit, RateLimitSettings, Stack,
};
use cloudfarm_contract::{
    Clock, CloudConfig, Driver, Engine, ManualClock, Result as DriverResult, SystemClock, Text,
};
use cloudfarm_dummy::Dummy;
use serde_json::{Value, json};

type Prepared = Result<Target, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    main_for_all(vec![
        Subject::new("dummy", || async { bare() }),
        Subject::new("dummy-layered", || async { layered() }),
        Subject::new("dummy-without-tokens", || async { without_tokens() }),
        Subject::new("dummy-by-hand", || async { by_hand() }),
    ])
}

fn connect(params: Value, clock: Arc<dyn Clock>) -> DriverResult<Arc<dyn Driver>> {
    let extra_params = params.as_object().cloned().unwrap_or_default();
    Dummy.connect(CloudConfig {
        name: Text::from_static("lab"),
        engine: Text::from_static("dummy"),
        user: Some("conformance".to_owned()),
        password: None,
        extra_params,
        clock,
    })
}

fn quick(params: Value) -> DriverResult<Target> {
    Ok(Target::new(connect(params, Arc::new(SystemClock))?).quick())
}

/// With nodes of others around, so that lists have several pages and filters something to leave out.
fn bare() -> Prepared {
    Ok(quick(json!({"transition": "10ms", "nodes": 250}))?)
}

/// As the service sees it.
fn layered() -> Prepared {
    let target = quick(json!({"transition": "10ms", "nodes": 7, "latency": "1ms"}))?;
    let stack = Stack::new(
        target.driver.info().cloud.clone(),
        LayerSettings::default(),
        Arc::new(RateLimit::new(RateLimitSettings::default())),
        Arc::new(NoObserver),
    );
    Ok(Target {
        driver: Arc::new(Layered::new(Arc::clone(&target.driver), stack)),
        ..target
    })
}

/// As a provider without client tokens.
fn without_tokens() -> Prepared {
    Ok(quick(json!({"transition": "10ms", "idempotent": false}))?)
}

/// With changes that take their usual seconds, on a clock that only the suite moves.
fn by_hand() -> Prepared {
    let clock = ManualClock::new(SystemClock.now());
    let driver = connect(json!({}), Arc::new(clock.clone()))?;
    let advance = clock.clone();
    Ok(Target {
        clock: Arc::new(clock),
        clock_tolerance: Duration::from_secs(3600),
        advance: Some(Arc::new(move |_| {
            advance.advance(Duration::from_millis(500))
        })),
        ..Target::new(driver).quick()
    })
}
