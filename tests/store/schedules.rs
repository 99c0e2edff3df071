//! One job for each time of a schedule, however many processes look.

use std::sync::Arc;

use cloudfarm::jobs::{Actor, Jobs, Kinds, RUN_SCHEDULE, Run, RunSchedule};
use cloudfarm::settings::JobSettings;
use cloudfarm::store::{JobFilter, JobRow, NewSchedule, Store};
use cloudfarm_contract::{ErrorKind, Result, async_trait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ground::{Ground, on_both};

on_both!(
    each_time_makes_one_job_however_many_look,
    of_times_that_passed_one_is_made_up_for,
    a_name_is_taken_once_and_a_stale_change_is_refused,
);

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Nobody carries these jobs out.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Actor for Nobody {
    async fn act(&self, _: &Run, _: Value) -> Result<Value> {
        Ok(Value::Null)
    }
}

fn kinds() -> Kinds {
    Kinds::new(|_, payload| Ok(Box::new(RunSchedule::restore(payload, Arc::new(Nobody))?)))
}

fn each_minute(next_run: i64) -> NewSchedule {
    NewSchedule {
        id: Uuid::now_v7(),
        project: "default".to_owned(),
        name: "nightly".to_owned(),
        cron: "* * * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        action: "{}".to_owned(),
        payload: b"{}".to_vec(),
        next_run: Some(next_run),
    }
}

async fn replicas(ground: &Ground) -> Vec<Jobs> {
    let mut replicas = Vec::new();
    for _ in 0..3 {
        let store = ground.open().await;
        replicas.push(Jobs::new(store, JobSettings::default()));
    }
    replicas
}

/// Lets all look at the same time, when it is `now`. Gives how many jobs they made together.
async fn all_look(replicas: &[Jobs], now: i64) -> usize {
    let kinds = kinds();
    let looks = replicas.iter().map(|jobs| jobs.fire_schedules(&kinds, now));
    let made = futures_util::future::join_all(looks).await;
    made.into_iter().map(Result::unwrap).sum()
}

async fn runs(store: &Store) -> Vec<JobRow> {
    let of_schedules = JobFilter {
        action: Some(RUN_SCHEDULE.to_owned()),
        ..JobFilter::default()
    };
    store.list(&of_schedules, 99).await.unwrap()
}

async fn each_time_makes_one_job_however_many_look(ground: &mut Ground) {
    let replicas = replicas(ground).await;
    let store = replicas[0].store();
    let start = store.now() / MINUTE * MINUTE + MINUTE;
    store.add_schedule(&each_minute(start)).await.unwrap();
    assert_eq!(all_look(&replicas, start - 1).await, 0);
    for minute in 0..6 {
        let now = start + minute * MINUTE;
        assert_eq!(all_look(&replicas, now + 7).await, 1, "minute {minute}");
        assert_eq!(all_look(&replicas, now + 9).await, 0, "minute {minute}");
    }
    let runs = runs(store).await;
    let ticks = runs.iter().map(|run| {
        let params: Value = serde_json::from_str(&run.params).unwrap();
        assert_eq!(params["schedule"], "nightly");
        params["tick"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond()
    });
    let expected = (0..6).rev().map(|minute| start + minute * MINUTE);
    assert_eq!(ticks.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let kept = store.schedule("default", "nightly").await.unwrap();
    assert_eq!(kept.next_run, Some(start + 6 * MINUTE));
    assert_eq!(kept.last_run, Some(start + 5 * MINUTE));
    assert_eq!(kept.last_job, Some(runs[0].id));
}

async fn of_times_that_passed_one_is_made_up_for(ground: &mut Ground) {
    let replicas = replicas(ground).await;
    let store = replicas[0].store();
    let start = store.now() / MINUTE * MINUTE + MINUTE;
    let schedule = each_minute(start);
    store.add_schedule(&schedule).await.unwrap();
    assert_eq!(all_look(&replicas, start + 3 * HOUR + 1).await, 1);
    assert_eq!(all_look(&replicas, start + 3 * HOUR + 2).await, 0);
    let kept = store
        .schedule("default", &schedule.id.to_string())
        .await
        .unwrap();
    assert_eq!(kept.last_run, Some(start));
    assert_eq!(kept.next_run, Some(start + 3 * HOUR + MINUTE));

    // What is not enabled, or deleted, is not due.
    let mut off = schedule.clone();
    off.next_run = None;
    store.change_schedule(&off, kept.updated_at).await.unwrap();
    assert_eq!(all_look(&replicas, start + 5 * HOUR).await, 0);
    store.delete_schedule(schedule.id).await.unwrap();
    let gone = store.delete_schedule(schedule.id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    assert_eq!(runs(store).await.len(), 1);
}

async fn a_name_is_taken_once_and_a_stale_change_is_refused(ground: &mut Ground) {
    let store = ground.open().await;
    let first = each_minute(0);
    store.add_schedule(&first).await.unwrap();
    let mut second = each_minute(0);
    let taken = store.add_schedule(&second).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    second.name = "weekly".to_owned();
    second.payload = json!({ "password": "hunter2" }).to_string().into_bytes();
    store.add_schedule(&second).await.unwrap();
    let opened = store.scheduled_action(second.id).await.unwrap();
    assert_eq!(opened, second.payload);

    let mut renamed = first.clone();
    renamed.name = "weekly".to_owned();
    let kept = store.schedule("default", "nightly").await.unwrap();
    let taken = store.change_schedule(&renamed, kept.updated_at).await;
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Conflict);
    renamed.name = "yearly".to_owned();
    store
        .change_schedule(&renamed, kept.updated_at)
        .await
        .unwrap();
    let stale = store.change_schedule(&renamed, kept.updated_at).await;
    assert_eq!(stale.unwrap_err().kind(), ErrorKind::Conflict);
    let names = async |after: Option<&str>, limit: i64| -> Vec<String> {
        let rows = store.schedules("default", after, limit).await.unwrap();
        rows.into_iter().map(|row| row.name).collect()
    };
    assert_eq!(names(None, 9).await, ["weekly", "yearly"]);
    assert_eq!(names(Some("weekly"), 9).await, ["yearly"]);
    assert_eq!(names(None, 1).await, ["weekly"]);
}
