//! Clouds that lose replies, fail, and let things vanish.

use cloudfarm_contract::model::{KeyPair, Node, NodeState, Volume};
use cloudfarm_contract::{ErrorKind, SideEffect};
use serde_json::{Value, json};

use crate::census::{count, list};
use crate::lab::{Lab, TestJob, Thief};
use crate::scenes::{only_node, scene};

/// Two connections to one cloud: one on which `faults` happen, and a sound one.
struct Pair {
    faulty: Lab,
    sound: Lab,
    _dir: tempfile::TempDir,
}

fn pair(idempotent: bool, faults: Value) -> Pair {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cloud");
    let sound = Lab::new(json!({ "idempotent": idempotent, "state_file": file }));
    let params = json!({ "idempotent": idempotent, "state_file": file, "faults": faults });
    let faulty = sound.again(params);
    Pair {
        faulty,
        sound,
        _dir: dir,
    }
}

fn lost(operation: &str) -> Value {
    json!({ "lost_reply": 1.0, "operations": [operation] })
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_makes_one_node() {
    for idempotent in [true, false] {
        let clouds = pair(idempotent, lost("create_node"));
        let mut job = TestJob::new(&*scene(&clouds.sound, "CreateNode").await, 3);
        let outcome = job.run(&clouds.faulty).await.unwrap();
        let node = only_node(&clouds.sound).await;
        assert_eq!(outcome.made.as_ref(), Some(&node.id));
        assert_eq!(node.state, NodeState::Running);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_never_carried_out_is_made_again() {
    for idempotent in [true, false] {
        let faults = json!({ "server_error": 1.0, "operations": ["create_node"] });
        let clouds = pair(idempotent, faults);
        let mut job = TestJob::new(&*scene(&clouds.sound, "CreateNode").await, 2);
        let error = job.run(&clouds.faulty).await.unwrap_err();
        assert!(error.is_retryable(), "{error:?}");
        assert_eq!(count::<Node>(&clouds.sound).await, 0);
        job.run(&clouds.sound).await.unwrap();
        assert_eq!(count::<Node>(&clouds.sound).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_was_looked_through_long_enough_holds_nothing() {
    let faults = json!({ "hang": 1.0, "operations": ["create_node"] });
    let clouds = pair(false, faults);
    let mut job = TestJob::new(&*scene(&clouds.sound, "CreateNode").await, 1);
    let error = job.run(&clouds.faulty).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None, "{error:?}");
    assert_eq!(count::<Node>(&clouds.sound).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_fails_is_destroyed_again() {
    let clouds = pair(
        true,
        json!({ "node_error": 1.0, "operations": ["create_node"] }),
    );
    let mut job = TestJob::new(&*scene(&clouds.sound, "CreateNode").await, 3);
    let error = job.run(&clouds.faulty).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCapacity, "{error:?}");
    assert_eq!(error.side_effect(), SideEffect::None, "{error:?}");
    assert_eq!(count::<Node>(&clouds.sound).await, 0);
    assert_eq!(job.steps().last().unwrap(), "undone");

    // Asked once more, it makes another node, not the one that failed.
    let outcome = job.run(&clouds.sound).await.unwrap();
    assert_eq!(only_node(&clouds.sound).await.id, outcome.made.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_node_that_cannot_be_destroyed_is_named() {
    let faults = json!({ "node_error": 1.0, "operations": ["create_node"] });
    let clouds = pair(true, faults);
    let stuck = json!({ "server_error": 1.0, "operations": ["destroy_node"] });
    let file = clouds._dir.path().join("cloud");
    let stuck = clouds
        .sound
        .again(json!({ "state_file": file, "faults": stuck }));
    let mut job = TestJob::new(&*scene(&clouds.sound, "CreateNode").await, 3);
    let made = job.run(&clouds.faulty);
    assert!(crate::lab::killed_at(made, 9).await.is_none());
    clouds.sound.settle().await;
    let node = only_node(&clouds.sound).await;
    assert_eq!(node.state, NodeState::Error);

    let error = job.run(&stuck).await.unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::Done);
    assert!(
        error.hint().unwrap().contains(node.id.as_str()),
        "{error:?}"
    );

    // The next try goes on with the undoing, and tells why.
    let error = job.run(&clouds.sound).await.unwrap_err();
    assert!(error.message().contains("is in state error"), "{error:?}");
    assert_eq!(error.side_effect(), SideEffect::None);
    assert_eq!(count::<Node>(&clouds.sound).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_vanishes_leaves_nothing() {
    let clouds = pair(
        true,
        json!({ "vanish": 1.0, "operations": ["create_node"] }),
    );
    let mut job = TestJob::new(&*scene(&clouds.sound, "CreateNode").await, 3);
    let error = job.run(&clouds.faulty).await.unwrap_err();
    assert!(error.message().contains("vanished"), "{error:?}");
    assert_eq!(count::<Node>(&clouds.sound).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_creation_leaves_nothing() {
    let lab = Lab::new(json!({}));
    let mut job = TestJob::new(&*scene(&lab, "CreateNode").await, 3);
    let cancel = job.cancelled.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        cancel.cancel();
    });
    let error = job.run(&lab).await.unwrap_err();
    assert_eq!(error.message(), "the job was cancelled");
    assert_eq!(error.side_effect(), SideEffect::None, "{:?}", job.steps());
    assert_eq!(count::<Node>(&lab).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_generated_key_whose_reply_was_lost_is_made_anew_and_handed_over() {
    let clouds = pair(true, lost("create_key_pair"));
    let mut job = TestJob::new(&*scene(&clouds.sound, "CreateKeyPair").await, 3);
    job.run(&clouds.faulty).await.unwrap_err();
    assert_eq!(count::<KeyPair>(&clouds.sound).await, 0);
    let outcome = job.run(&clouds.sound).await.unwrap();
    assert_eq!(outcome.secrets.len(), 1);
    assert_eq!(count::<KeyPair>(&clouds.sound).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_reboot_of_which_nothing_is_known_is_not_repeated() {
    let clouds = pair(
        true,
        json!({ "server_error": 1.0, "operations": ["reboot_node"] }),
    );
    let mut job = TestJob::new(&*scene(&clouds.sound, "RebootNode").await, 3);
    let error = job.run(&clouds.faulty).await.unwrap_err();
    assert!(
        error.message().starts_with("it is not known whether"),
        "{error:?}"
    );
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_reason_to_look_for_anything() {
    let clouds = pair(
        false,
        json!({ "rate_limit": 1.0, "operations": ["create_volume"] }),
    );
    let mut job = TestJob::new(&*scene(&clouds.sound, "CreateVolume").await, 3);
    let error = job.run(&clouds.faulty).await.unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::None);
    job.run(&clouds.sound).await.unwrap();
    assert_eq!(list::<Volume>(&clouds.sound).await.len(), 1);
    assert!(
        !job.steps().contains(&"look_for_mark".to_owned()),
        "{:?}",
        job.steps()
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_made_for_a_job_that_is_another_workers_is_deleted_again() {
    for faults in [json!({}), lost("create_node")] {
        let clouds = pair(false, faults);
        let work = scene(&clouds.sound, "CreateNode").await;
        let mut job = TestJob::stolen(&*work, Thief::MadeAnother);
        job.run(&clouds.faulty).await.unwrap_err();
        clouds.sound.settle().await;
        assert_eq!(count::<Node>(&clouds.sound).await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_other_worker_has_found_stays() {
    let clouds = pair(false, json!({}));
    let work = scene(&clouds.sound, "CreateNode").await;
    let mut job = TestJob::stolen(&*work, Thief::FoundIt);
    job.run(&clouds.faulty).await.unwrap_err();
    clouds.sound.settle().await;
    assert_eq!(count::<Node>(&clouds.sound).await, 1);
}
