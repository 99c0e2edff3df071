//! What is repeated, when, and what never is.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::layers::{
    LayerSettings, Layered, NoObserver, RateLimit, RateLimitSettings, Stack,
};
use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{Driver, Effect, Error, ErrorKind, Operation, Retry, SideEffect, Text};
use tokio::time::Instant;

use crate::scripted::calls::call;
use crate::scripted::{Scripted, Step, context, error};
use crate::stacks::{MINUTE, fail, layered};

#[tokio::test(start_paused = true)]
async fn reads_and_idempotent_calls_repeat_and_nothing_else_does() {
    let mendable = [
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::ProviderError,
        ErrorKind::RateLimited,
    ];
    for operation in Operation::ALL {
        for kind in mendable {
            let driver = Scripted::always(fail(kind)).shared();
            let result = call(&layered(&driver), &context(MINUTE), *operation).await;
            assert_eq!(result.unwrap_err().kind(), kind);
            let attempts = if operation.effect() == Effect::Once {
                1
            } else {
                3
            };
            assert_eq!(driver.calls().len(), attempts, "{operation:?} after {kind}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_retry_cannot_mend_is_not_repeated() {
    let hopeless = [
        error(ErrorKind::Invalid),
        error(ErrorKind::NotFound),
        error(ErrorKind::Forbidden),
        error(ErrorKind::ProviderAuth),
        error(ErrorKind::QuotaExceeded),
        error(ErrorKind::ProviderError).with_retry(Retry::Never),
    ];
    for error in hopeless {
        let driver = Scripted::always(Step::Fail(error)).shared();
        let result = layered(&driver).check(&context(MINUTE)).await;
        assert!(result.is_err());
        assert_eq!(driver.calls().len(), 1, "after {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_succeeds_at_last_is_a_success_and_pauses_grow() {
    let unavailable = || fail(ErrorKind::Unavailable);
    let driver = Scripted::new([unavailable(), unavailable(), Step::Ok]).shared();
    layered(&driver).check(&context(MINUTE)).await.unwrap();
    let at: Vec<Instant> = driver.calls().iter().map(|call| call.at).collect();
    let (first, second) = (at[1] - at[0], at[2] - at[1]);
    assert!((100..=200).contains(&first.as_millis()), "{first:?}");
    assert!((200..=400).contains(&second.as_millis()), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idempotent_change_repeats_until_it_is_done() {
    let lost = error(ErrorKind::Timeout);
    let driver = Scripted::new([Step::Fail(lost), Step::Ok]).shared();
    let layered = layered(&driver);
    layered.destroy_node(&context(MINUTE), "n1").await.unwrap();
    assert_eq!(driver.operations(), [Operation::DestroyNode; 2]);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
    let lost = error(ErrorKind::Timeout).with_side_effect(SideEffect::Possible);
    let refused = error(ErrorKind::Forbidden).with_side_effect(SideEffect::None);
    let driver = Scripted::new([Step::Fail(lost), Step::Fail(refused)]).shared();
    let failed = layered(&driver)
        .stop_node(&context(MINUTE), "n1")
        .await
        .unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Forbidden);
    assert_eq!(failed.side_effect(), SideEffect::Possible);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_and_holds_everybody() {
    let slow_down =
        Error::rate_limited("too many calls").with_retry(Retry::After(Duration::from_secs(7)));
    let driver = Scripted::new([Step::Fail(slow_down)]).shared();
    let layered = layered(&driver);
    let start = Instant::now();
    let (first, second) = (context(MINUTE), context(MINUTE));
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        layered.destroy_node(&second, "n1").await
    };
    let (one, other) = tokio::join!(layered.check(&first), other);
    one.unwrap();
    other.unwrap();
    for call in &driver.calls()[1..] {
        let waited = call.at - start;
        assert!(
            waited >= Duration::from_secs(7),
            "{call:?} after {waited:?}"
        );
        assert!(waited < Duration::from_secs(8), "{call:?} after {waited:?}");
    }
    assert_eq!(driver.calls().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_met_the_limit_is_not_repeated_but_holds_the_others() {
    let slow_down =
        Error::rate_limited("too many calls").with_retry(Retry::After(Duration::from_secs(7)));
    let driver = Scripted::new([Step::Fail(slow_down)]).shared();
    let layered = layered(&driver);
    let start = Instant::now();
    let created = layered
        .create_node(&context(MINUTE), &NodeCreate::default())
        .await;
    let error = created.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(layered.status().rate_limit.held_for_ms.unwrap() > 6000);
    layered.check(&context(MINUTE)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_past_the_deadline_is_told_at_once() {
    let slow_down = Error::rate_limited("too many calls").with_retry(Retry::After(2 * MINUTE));
    let driver = Scripted::new([Step::Fail(slow_down)]).shared();
    let layered = layered(&driver);
    let start = Instant::now();
    let error = layered.check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(2 * MINUTE));
    // Who comes next is told as well, and the provider is left in peace.
    let error = layered.check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.retry_after().unwrap() > MINUTE, "{error:?}");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(driver.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_repetition_without_room_in_time_tells_why_the_first_attempt_failed() {
    let driver = Scripted::always(fail(ErrorKind::Unavailable)).shared();
    let slow = RateLimitSettings {
        per_second: 0.01,
        burst: 1,
    };
    let stack = Stack::new(
        Text::from("lab"),
        LayerSettings::default(),
        Arc::new(RateLimit::new(slow)),
        Arc::new(NoObserver),
    );
    let layered = Layered::new(Arc::clone(&driver) as Arc<dyn Driver>, stack);
    let error = layered.check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(driver.calls().len(), 1);
}
