//! What is other for single kinds of jobs.

use std::time::Duration;

use crate::room::Room;

#[test]
fn a_kind_of_jobs_may_take_longer_and_be_tried_more_often() {
    let jobs = Room::empty()
        .file(
            "default.toml",
            "jobs.kinds.CreateNode = { timeout = \"20m\", tries = 5 }\n\
             jobs.kinds.StopNode.tries = 1\n\
             jobs.kinds.RunSchedule.timeout = \"5m\"\n",
        )
        .variable("CLOUDFARM__JOBS__KINDS__STOPNODE__TIMEOUT", "1m")
        .variable("CLOUDFARM__JOBS__KINDS__RUNSCHEDULE__TRIES", "7")
        .settings()
        .unwrap()
        .jobs;
    let of = |action| (jobs.timeout_of(action).as_secs(), jobs.tries_of(action));
    assert_eq!(of("CreateNode"), (1200, 5));
    assert_eq!(of("StopNode"), (60, 1));
    assert_eq!(of("StartNode"), (600, 3));
    assert_eq!(of("RunSchedule"), (300, 7));
    assert_eq!(jobs.timeout.get(), Duration::from_secs(600));
}

#[test]
fn what_is_wrong_with_a_kind_is_told_with_the_nearest() {
    let problems = Room::empty()
        .file(
            "default.toml",
            "[jobs.kinds]\n\
             CreateNodes = { tries = 5 }\n\
             StopNode = { tries = 5, timeuot = \"1s\" }\n",
        )
        .variable("CLOUDFARM__JOBS__KINDS__STARTNOD__TRIES", "1")
        .settings()
        .unwrap_err();
    let mut found: Vec<&str> = problems.lines().collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            r#"default.toml: jobs.kinds.CreateNodes: unknown key; did you mean "CreateNode"?"#,
            r#"default.toml: jobs.kinds.StopNode.timeuot: unknown key; did you mean "timeout"?"#,
            "environment: CLOUDFARM__JOBS__KINDS__STARTNOD: unknown key; did you mean \
             CLOUDFARM__JOBS__KINDS__STARTNODE?",
        ]
    );
}

#[test]
fn values_that_make_no_sense_are_told() {
    let problems = Room::empty()
        .file(
            "default.toml",
            "[jobs.kinds]\n\
             CreateNode = { tries = 0 }\n\
             StopNode = { timeout = \"0s\" }\n",
        )
        .settings()
        .unwrap_err();
    let found: Vec<&str> = problems.lines().collect();
    assert_eq!(
        found,
        [
            "default.toml: jobs.kinds.CreateNode.tries: must be 1 or more",
            "default.toml: jobs.kinds.StopNode.timeout: must be more than 0",
        ]
    );
}
