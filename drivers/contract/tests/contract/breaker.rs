//! The circuit breaker around a driver.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::layers::{
    BreakerSettings, BreakerState, LayerSettings, Layered, NoObserver, RateLimit,
    RateLimitSettings, RetrySettings, Stack,
};
use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{Driver, ErrorKind, SideEffect, Text};

use crate::scripted::{Scripted, Step, context};
use crate::stacks::{MINUTE, fail, layered_with};

fn breaking(driver: &Arc<Scripted>, failures: u32) -> Layered {
    let settings = LayerSettings {
        breaker: BreakerSettings {
            failures,
            open_for: Duration::from_secs(15),
        },
        retry: RetrySettings {
            attempts: 1,
            ..RetrySettings::default()
        },
        ..LayerSettings::default()
    };
    layered_with(driver, settings, Arc::new(NoObserver))
}

#[tokio::test(start_paused = true)]
async fn the_breaker_opens_refuses_probes_and_closes() {
    let driver = Scripted::new([]).shared();
    let layered = breaking(&driver, 3);
    for _ in 0..3 {
        driver.push(fail(ErrorKind::Unavailable));
        layered.check(&context(MINUTE)).await.unwrap_err();
    }
    assert_eq!(layered.status().breaker.state, BreakerState::Open);
    assert_eq!(layered.status().breaker.last_error.unwrap(), "as scripted");

    let refused = layered
        .create_node(&context(MINUTE), &NodeCreate::default())
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert_eq!(refused.side_effect(), SideEffect::None);
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(15)));
    assert_eq!(refused.operation(), Some("create_node"));
    assert_eq!(refused.cloud().unwrap().as_str(), "lab");
    assert!(refused.message().contains("as scripted"), "{refused}");
    assert_eq!(driver.calls().len(), 3, "the driver was asked");

    tokio::time::advance(Duration::from_secs(16)).await;
    driver.push(fail(ErrorKind::Timeout));
    layered.check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(layered.status().breaker.state, BreakerState::Open);
    layered.check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(driver.calls().len(), 4, "a failed probe opens it again");

    tokio::time::advance(Duration::from_secs(16)).await;
    layered.check(&context(MINUTE)).await.unwrap();
    assert_eq!(layered.status().breaker.state, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn while_one_call_probes_the_breaker_is_half_open_and_refuses_the_others() {
    let driver = Scripted::new([fail(ErrorKind::Unavailable), Step::Hang]).shared();
    let layered = breaking(&driver, 1);
    layered.check(&context(MINUTE)).await.unwrap_err();
    tokio::time::advance(Duration::from_secs(16)).await;
    let (probe_cx, other_cx) = (context(MINUTE), context(MINUTE));
    let other = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        (
            layered.status().breaker.state,
            layered.check(&other_cx).await,
        )
    };
    let (probe, (state, other)) = tokio::join!(layered.check(&probe_cx), other);
    assert_eq!(state, BreakerState::HalfOpen);
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(probe.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(driver.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_the_provider_do_not_open_the_breaker() {
    let driver = Scripted::always(fail(ErrorKind::NotFound)).shared();
    let layered = breaking(&driver, 1);
    for _ in 0..5 {
        layered.check(&context(MINUTE)).await.unwrap_err();
    }
    assert_eq!(driver.calls().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_rate_limit_refused_does_not_close_the_breaker() {
    let driver = Scripted::new([fail(ErrorKind::Unavailable)]).shared();
    let rate_limit = Arc::new(RateLimit::new(RateLimitSettings::default()));
    let settings = LayerSettings {
        breaker: BreakerSettings {
            failures: 1,
            open_for: Duration::from_secs(15),
        },
        ..LayerSettings::default()
    };
    let observer = Arc::new(NoObserver);
    let stack = Stack::new(
        Text::from("lab"),
        settings,
        Arc::clone(&rate_limit),
        observer,
    );
    let layered = Layered::new(Arc::clone(&driver) as Arc<dyn Driver>, stack);
    let node = NodeCreate::default();
    layered
        .create_node(&context(MINUTE), &node)
        .await
        .unwrap_err();
    tokio::time::advance(Duration::from_secs(16)).await;
    rate_limit.hold(2 * MINUTE);
    let error = layered.check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(layered.status().breaker.state, BreakerState::Open);
    assert_eq!(driver.calls().len(), 1);
}
