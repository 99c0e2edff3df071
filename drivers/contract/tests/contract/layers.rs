//! What all layers together do, as somebody who calls a cloud notices it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::layers::{LayerSettings, Observer, Outcome};
use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{Context, Driver, Effect, Error, ErrorKind, Operation, SideEffect, Text};
use tokio::time::Instant;

use crate::scripted::calls::call;
use crate::scripted::{Scripted, Step, context, error};
use crate::stacks::{MINUTE, fail, layered, layered_with};

#[tokio::test(start_paused = true)]
async fn every_operation_reaches_the_driver_and_its_error_names_cloud_and_operation() {
    for operation in Operation::ALL {
        let driver = Scripted::always(fail(ErrorKind::Conflict)).shared();
        let error = call(&layered(&driver), &context(MINUTE), *operation).await;
        let error = error.unwrap_err();
        assert_eq!(driver.operations(), [*operation]);
        assert_eq!(error.operation(), Some(operation.as_str()));
        assert_eq!(error.cloud(), Some(&Text::from("lab")), "{operation:?}");
        assert_eq!(error.message(), "as scripted");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_in_time_and_says_honestly_what_it_may_have_done() {
    for operation in Operation::ALL {
        let driver = Scripted::always(Step::Hang).shared();
        let cx = context(10 * MINUTE);
        let start = Instant::now();
        let error = call(&layered(&driver), &cx, *operation).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{operation:?}");
        let (side_effect, attempts) = match operation.effect() {
            Effect::Read => (SideEffect::None, 3),
            Effect::Idempotent => (SideEffect::Possible, 3),
            Effect::Once => (SideEffect::Possible, 1),
        };
        assert_eq!(error.side_effect(), side_effect, "{operation:?}");
        assert_eq!(driver.calls().len(), attempts, "{operation:?}");
        let seconds = 30 * attempts as u64;
        assert!(start.elapsed() >= Duration::from_secs(seconds));
        assert!(start.elapsed() < Duration::from_secs(seconds + 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_read_leaves_nothing_behind_whatever_its_driver_says() {
    let driver = Scripted::always(fail(ErrorKind::ProviderError)).shared();
    let layered = layered(&driver);
    let read = layered.get_node(&context(MINUTE), "n1").await.unwrap_err();
    assert_eq!(read.side_effect(), SideEffect::None);
    let change = layered.stop_node(&context(MINUTE), "n1").await.unwrap_err();
    assert_eq!(change.side_effect(), SideEffect::Possible);
}

#[tokio::test(start_paused = true)]
async fn no_call_outlives_its_deadline() {
    let driver = Scripted::always(Step::Hang).shared();
    let start = Instant::now();
    let cx = context(Duration::from_secs(40));
    layered(&driver).check(&cx).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(40));
    for call in driver.calls() {
        assert!(call.deadline <= cx.deadline());
        assert!(call.deadline <= call.at + Duration::from_secs(30));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_deadline_has_passed_does_not_reach_the_driver() {
    let driver = Scripted::new([]).shared();
    let cx = context(Duration::from_secs(1));
    tokio::time::advance(Duration::from_secs(2)).await;
    let created = layered(&driver)
        .create_node(&cx, &NodeCreate::default())
        .await;
    let error = created.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert_eq!(driver.calls(), []);
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_already_named_stays_named() {
    let named = error(ErrorKind::Conflict).with_cloud("behind");
    let driver = Scripted::new([Step::Fail(named)]).shared();
    let error = layered(&driver).check(&context(MINUTE)).await.unwrap_err();
    assert_eq!(error.cloud().unwrap().as_str(), "behind");
}

#[derive(Debug, Default)]
struct Notes {
    calls: Mutex<Vec<(Operation, Outcome, Duration)>>,
    repeats: Mutex<Vec<(Operation, ErrorKind)>>,
}

impl Observer for Notes {
    fn call_ended(&self, operation: Operation, outcome: Outcome, took: Duration) {
        self.calls.lock().unwrap().push((operation, outcome, took));
    }

    fn attempt_repeated(&self, operation: Operation, error: &Error, _: Duration) {
        self.repeats.lock().unwrap().push((operation, error.kind()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_observer_hears_of_every_call_once_and_of_every_repetition() {
    let driver = Scripted::new([fail(ErrorKind::Unavailable), Step::Ok]).shared();
    let notes = Arc::new(Notes::default());
    let layered = layered_with(&driver, LayerSettings::default(), notes.clone());
    let cx: Context = context(MINUTE);
    layered.check(&cx).await.unwrap();
    driver.push(fail(ErrorKind::NotFound));
    layered.stop_node(&cx, "n1").await.unwrap_err();
    let calls = notes.calls.lock().unwrap();
    assert_eq!((calls[0].0, calls[0].1), (Operation::Check, Outcome::Ok));
    assert!(calls[0].2 >= Duration::from_millis(100), "{:?}", calls[0].2);
    let failed = Outcome::Failed(ErrorKind::NotFound);
    assert_eq!((calls[1].0, calls[1].1), (Operation::StopNode, failed));
    assert_eq!(calls.len(), 2);
    let repeats = notes.repeats.lock().unwrap();
    assert_eq!(*repeats, [(Operation::Check, ErrorKind::Unavailable)]);
}
