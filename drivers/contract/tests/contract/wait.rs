//! `wait_node`, as somebody who waits for a node notices it.

use std::time::Duration;

use crate::scripted::{Scripted, Step, context, error, node};
use cloudfarm_contract::model::{Fault, Node, NodeState};
use cloudfarm_contract::{
    Error, ErrorKind, Judgement, Observation, Result, Retry, SideEffect, Text, WaitOutcome,
    WaitPolicy, wait_node,
};
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

fn present(state: NodeState) -> Step {
    Step::Node(Box::new(node(state)))
}

fn in_error(message: &str) -> Step {
    let mut failed = node(NodeState::Error);
    failed.fault = Some(Fault {
        code: Some(Text::from("500")),
        message: Text::from(message),
        at: None,
    });
    Step::Node(Box::new(failed))
}

async fn wait_within(
    driver: &Scripted,
    timeout: Duration,
    judge: impl FnMut(Observation<'_>) -> Judgement + Send,
) -> Result<WaitOutcome> {
    let cx = context(timeout);
    wait_node(driver, &cx, "n1", &WaitPolicy::default(), judge).await
}

async fn until_running(driver: &Scripted) -> Result<WaitOutcome> {
    wait_within(driver, MINUTE, Judgement::for_states(&[NodeState::Running])).await
}

fn reached(outcome: WaitOutcome) -> Node {
    match outcome {
        WaitOutcome::Reached(node) => *node,
        WaitOutcome::Vanished => panic!("it vanished"),
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_state_is_reached_and_the_node_is_not_busy() {
    let mut busy = node(NodeState::Running);
    busy.busy = true;
    let driver = Scripted::new([
        present(NodeState::Pending),
        Step::Node(Box::new(busy)),
        present(NodeState::Running),
    ]);
    let node = reached(until_running(&driver).await.unwrap());
    assert_eq!((node.state, node.busy), (NodeState::Running, false));
    assert_eq!(driver.calls().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_error_state_ends_it_at_once() {
    let driver = Scripted::always(in_error("the disk is broken."));
    let start = Instant::now();
    let error = until_running(&driver).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert_eq!(
        error.message(),
        "node n1 is in state error: the disk is broken"
    );
    assert_eq!(error.provider_code().unwrap().as_str(), "500");
    assert_eq!(error.side_effect(), SideEffect::Done);
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn an_error_state_that_is_wanted_is_reached() {
    let driver = Scripted::always(in_error("as asked"));
    let judge = Judgement::for_states(&[NodeState::Error]);
    let node = reached(wait_within(&driver, MINUTE, judge).await.unwrap());
    assert_eq!(node.state, NodeState::Error);
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_full_says_so_after_it_accepted_the_node() {
    for message in [
        "No valid host was found. There are not enough hosts available.",
        "InsufficientInstanceCapacity: we have none",
    ] {
        let driver = Scripted::new([present(NodeState::Pending), in_error(message)]);
        let error = until_running(&driver).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoCapacity, "{message}");
        assert_eq!(error.side_effect(), SideEffect::Done);
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_vanishes_is_not_just_late() {
    let gone = error(ErrorKind::NotFound);
    let driver = Scripted::new([present(NodeState::Pending), Step::Fail(gone)]);
    let error = until_running(&driver).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("vanished"), "{error}");
    assert_eq!(error.side_effect(), SideEffect::Possible);
}

#[tokio::test(start_paused = true)]
async fn to_wait_for_the_end_is_to_wait_until_it_vanished() {
    for end in [
        Step::Fail(error(ErrorKind::NotFound)),
        present(NodeState::Terminated),
    ] {
        let driver = Scripted::new([present(NodeState::Running), in_error("stuck"), end]);
        let outcome = wait_within(&driver, MINUTE, Judgement::for_gone())
            .await
            .unwrap();
        let over = match outcome {
            WaitOutcome::Vanished => true,
            WaitOutcome::Reached(node) => node.state == NodeState::Terminated,
        };
        assert!(over);
        assert_eq!(driver.calls().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_judge_may_let_a_node_appear_late() {
    let unseen = || Step::Fail(error(ErrorKind::NotFound));
    let driver = Scripted::new([unseen(), unseen(), present(NodeState::Running)]);
    let judge = |observation: Observation<'_>| match observation {
        Observation::Gone => Judgement::Continue,
        Observation::Present(_) => Judgement::Done,
    };
    reached(wait_within(&driver, MINUTE, judge).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_few_errors_that_pass_do_not_end_it() {
    let hiccup = |kind| Step::Fail(error(kind));
    let driver = Scripted::new([
        hiccup(ErrorKind::Unavailable),
        hiccup(ErrorKind::Timeout),
        hiccup(ErrorKind::ProviderError),
        present(NodeState::Pending),
        hiccup(ErrorKind::RateLimited),
        hiccup(ErrorKind::Unavailable),
        hiccup(ErrorKind::Unavailable),
        present(NodeState::Running),
    ]);
    reached(until_running(&driver).await.unwrap());
    assert_eq!(driver.calls().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn errors_that_do_not_pass_end_it() {
    let driver = Scripted::always(Step::Fail(error(ErrorKind::Unavailable)));
    let failed = until_running(&driver).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Unavailable);
    assert_eq!(failed.side_effect(), SideEffect::Possible);
    assert_eq!(driver.calls().len(), 4, "three in a row may fail");

    let driver = Scripted::always(Step::Fail(error(ErrorKind::ProviderAuth)));
    let failed = until_running(&driver).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::ProviderAuth);
    assert_eq!(driver.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_looks_no_earlier_than_the_provider_asked() {
    let slow_down =
        Error::rate_limited("too many calls").with_retry(Retry::After(Duration::from_secs(20)));
    let driver = Scripted::new([Step::Fail(slow_down.clone()), present(NodeState::Running)]);
    let start = Instant::now();
    reached(until_running(&driver).await.unwrap());
    assert!(
        start.elapsed() >= Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );

    let driver = Scripted::new([Step::Fail(slow_down), present(NodeState::Running)]);
    let judge = Judgement::for_states(&[NodeState::Running]);
    let error = wait_within(&driver, Duration::from_secs(10), judge)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(driver.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_it_with_what_was_seen_last() {
    let driver = Scripted::always(present(NodeState::Pending));
    let start = Instant::now();
    let error = until_running(&driver).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert!(error.message().contains("n1"), "{error}");
    assert!(error.message().contains("PENDING"), "{error}");
    let took = start.elapsed();
    assert!(
        (58..=60).contains(&took.as_secs()),
        "it gave up after {took:?} of a minute"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_pauses_ends_too() {
    let driver = Scripted::always(present(NodeState::Pending));
    let policy = WaitPolicy {
        first: Duration::ZERO,
        longest: Duration::from_secs(1),
        ..WaitPolicy::default()
    };
    let judge = |_: Observation<'_>| Judgement::Continue;
    let cx = context(Duration::from_millis(20));
    tokio::time::advance(Duration::from_millis(30)).await;
    let error = wait_node(&driver, &cx, "n1", &policy, judge)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_to_their_cap_and_are_not_all_alike() {
    let driver = Scripted::always(present(NodeState::Pending));
    let judge = Judgement::for_states(&[NodeState::Running]);
    wait_within(&driver, 10 * MINUTE, judge).await.unwrap_err();
    let calls = driver.calls();
    let pauses: Vec<f64> = calls
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at).as_secs_f64())
        .collect();
    assert!((0.8..=1.21).contains(&pauses[0]), "{pauses:?}");
    assert!((1.2..=1.81).contains(&pauses[1]), "{pauses:?}");
    let (last, capped) = pauses[8..].split_last().unwrap();
    assert!(*last <= 18.01, "{pauses:?}");
    for pause in capped {
        assert!((12.0..=18.01).contains(pause), "{pauses:?}");
    }
    assert!(
        capped
            .windows(2)
            .any(|pair| (pair[0] - pair[1]).abs() > 0.01)
    );
}
