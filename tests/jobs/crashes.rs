//! A run of a job may end at any instant: another one finishes it, once.

use std::collections::BTreeSet;

use cloudfarm::jobs::kinds::actions;
use cloudfarm_contract::{Error, Result, SideEffect};
use serde_json::{Value, json};

use crate::census::census;
use crate::lab::{Lab, TestJob, killed_at};
use crate::scenes::scene;

/// Of these nothing on the cloud tells afterwards whether they were done, and to do them twice is
/// not the same as once.
const UNTRACEABLE: [&str; 2] = ["RebootNode", "RestoreNodeSnapshot"];

/// Kills the first try of a job at every point at which it can stop, and lets a second one finish.
async fn kill_everywhere(action: &str, params: &Value) -> usize {
    let expected = {
        let lab = Lab::new(params.clone());
        let mut job = TestJob::new(&*scene(&lab, action).await, 5);
        job.run(&lab)
            .await
            .unwrap_or_else(|error| panic!("{action}: {error:?}"));
        lab.settle().await;
        census(&lab).await
    };
    for stop in 0.. {
        let lab = Lab::new(params.clone());
        let mut job = TestJob::new(&*scene(&lab, action).await, 5);
        if killed_at(job.run(&lab), stop).await.is_some() {
            return stop;
        }
        let ended = job.run(&lab).await;
        check(action, stop, &job, ended.map(drop));
        lab.settle().await;
        let found = census(&lab).await;
        assert_eq!(
            found,
            expected,
            "{action} killed at {stop}: {:?}",
            job.steps()
        );
    }
    0
}

fn check(action: &str, stop: usize, job: &TestJob, ended: Result<()>) {
    let Err(error) = ended else { return };
    let steps = job.steps();
    assert!(
        UNTRACEABLE.contains(&action) && is_owned_up_to(&error),
        "{action} killed at {stop}: {error:?} after {steps:?}"
    );
}

fn is_owned_up_to(error: &Error) -> bool {
    error.message().starts_with("it is not known whether")
        && error.side_effect() == SideEffect::Possible
        && !error.is_retryable()
}

async fn kill_all(wanted: impl Fn(&str) -> bool) {
    let mut stops = BTreeSet::new();
    for action in actions().filter(|action| wanted(action)) {
        stops.insert(kill_everywhere(action, &json!({})).await);
    }
    // A job has at least a call with its record before it.
    assert!(stops.first().is_some_and(|least| *least >= 3), "{stops:?}");
}

#[tokio::test(start_paused = true)]
async fn every_creation_survives_its_process() {
    kill_all(|action| action.starts_with("Create") || action.starts_with("Allocate")).await;
}

#[tokio::test(start_paused = true)]
async fn every_deletion_survives_its_process() {
    let gone = ["Delete", "Destroy", "Release", "Remove"];
    kill_all(|action| gone.iter().any(|verb| action.starts_with(verb))).await;
}

#[tokio::test(start_paused = true)]
async fn every_change_survives_its_process() {
    let others = [
        "Create", "Allocate", "Delete", "Destroy", "Release", "Remove",
    ];
    kill_all(|action| !others.iter().any(|verb| action.starts_with(verb))).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_is_made_once_on_a_cloud_that_would_make_it_twice() {
    let params = json!({ "idempotent": false });
    assert!(kill_everywhere("CreateNode", &params).await > 5);
}

#[tokio::test(start_paused = true)]
async fn a_node_is_made_once_however_often_its_process_is_killed() {
    for stop in 0..40 {
        let lab = Lab::new(json!({ "idempotent": false }));
        let mut job = TestJob::new(&*scene(&lab, "CreateNode").await, 100);
        // Each try gets a little further, or begins by looking what the others did.
        let mut further = stop;
        while killed_at(job.run(&lab), further).await.is_none() {
            further += 1;
        }
        lab.settle().await;
        assert_eq!(
            crate::census::count::<cloudfarm_contract::model::Node>(&lab).await,
            1
        );
    }
}
