//! Schedules over HTTP: what is kept, what is refused, what they begin.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;

use cloudfarm::settings::KindSettings;
use common::{TestServer, fast_dummy};
use reqwest::Method;
use serde_json::{Value, json};

const SCHEDULES: &str = "/api/v1/schedules";

fn nightly(change: Value) -> Value {
    let mut body = json!({
        "name": "nightly", "cron": "0 22 * * *", "time_zone": "Europe/Berlin",
        "action": { "action": "RebootNodes", "cloud": "lab", "nodes": ["*"] },
    });
    for (key, value) in change.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_schedule_is_kept_shown_changed_and_deleted() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let made = server.post(SCHEDULES, nightly(json!({}))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_str().expect("an id");
    assert_eq!(made.headers["location"], format!("{SCHEDULES}/{id}"));
    let next: jiff::Timestamp = made.body["next_run"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    let berlin = next.in_tz("Europe/Berlin").expect("a zone");
    assert_eq!((berlin.hour(), berlin.minute()), (22, 0));
    assert!(next > jiff::Timestamp::now());
    let taken = server.post(SCHEDULES, nightly(json!({}))).await;
    taken.is_problem(409, "conflict").says("nightly");

    let by_name = server.get(&format!("{SCHEDULES}/nightly")).await;
    let by_id = server.get(&format!("{SCHEDULES}/{id}")).await;
    assert_eq!((&by_name.body, &by_id.body), (&made.body, &made.body));
    assert_eq!(server.get(SCHEDULES).await.ids(), [id]);

    let path = format!("{SCHEDULES}/nightly");
    let off = server.patch(&path, json!({ "enabled": false })).await;
    assert_eq!(off.status, 200, "{}", off.text);
    assert_eq!(
        (&off.body["enabled"], &off.body["next_run"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(off.body["cron"], "0 22 * * *");
    let on = json!({ "enabled": true, "cron": "@hourly", "name": "hourly" });
    let on = server.patch(&path, on).await;
    assert!(on.body["next_run"].is_string(), "{}", on.text);
    server.get(&path).await.is_problem(404, "not_found");
    let path = format!("{SCHEDULES}/hourly");
    let stale = [("if-match", "\"old\"")];
    let stale = server
        .send(
            Method::PATCH,
            &path,
            Some(json!({ "enabled": false })),
            &stale,
        )
        .await;
    stale.is_problem(409, "conflict");

    assert_eq!(server.delete(&path).await.status, 204);
    server.delete(&path).await.is_problem(404, "not_found");
    assert!(server.get(SCHEDULES).await.ids().is_empty());
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_before_anything_is_kept() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let act = |action: Value| json!({ "action": action });
    let new = |image: &str| json!({ "name": "web-1", "image": image, "size": "small" });
    let wrong = [
        (json!({ "cron": "0 0 30 2 *" }), 400, "cron", "never comes"),
        (
            json!({ "cron": "at ten" }),
            400,
            "cron",
            "no cron expression",
        ),
        (
            json!({ "time_zone": "Europe/Berln" }),
            400,
            "time_zone",
            "Europe/Berln",
        ),
        (json!({ "name": "" }), 400, "name", ""),
        (json!({ "colour": "red" }), 400, "", "unknown field"),
        (
            act(json!({ "action": "RebotNodes", "cloud": "lab", "nodes": ["*"] })),
            400,
            "action.action",
            "there is no action",
        ),
        (
            act(json!({ "action": "StopNodes", "cloud": "lab", "nodes": [] })),
            400,
            "action.nodes",
            "empty",
        ),
        (
            act(json!({ "action": "StopNodes", "cloud": "nowhere", "nodes": ["*"] })),
            404,
            "",
            "nowhere",
        ),
        (
            act(json!({ "action": "StopNodes", "cloud": "x-*", "nodes": ["*"] })),
            404,
            "",
            "no cloud matches",
        ),
        (
            act(
                json!({ "action": "CreateNodes", "cloud": "lab", "nodes": [new("no-such-image")] }),
            ),
            400,
            "image",
            "no-such-image",
        ),
    ];
    for (change, status, field, says) in wrong {
        let answer = server.post(SCHEDULES, nightly(change)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        answer.says(says);
        if !field.is_empty() {
            assert_eq!(answer.body["field"], field, "{}", answer.text);
        }
    }
    assert!(server.get(SCHEDULES).await.ids().is_empty());
    server.post(SCHEDULES, nightly(json!({}))).await;
    let path = format!("{SCHEDULES}/nightly");
    let never = server.patch(&path, json!({ "cron": "0 0 31 4 *" })).await;
    never.is_problem(400, "invalid");
    assert_eq!(server.get(&path).await.body["cron"], "0 22 * * *");
}

#[tokio::test]
async fn what_is_set_for_the_jobs_of_schedules_holds_for_them() {
    let server = TestServer::start_with(vec![fast_dummy("lab")], |settings| {
        let kind = KindSettings {
            tries: Some(7),
            timeout: None,
        };
        let kinds = &mut settings.jobs.kinds;
        kinds.insert("RunSchedule".to_owned(), kind);
    });
    server.post(SCHEDULES, nightly(json!({}))).await;
    let run = format!("{SCHEDULES}/nightly/run");
    server.done(Method::POST, &run, None).await;
    let jobs = server.get("/api/v1/jobs?action=RunSchedule").await;
    assert_eq!(jobs.body["items"][0]["try_max"], 7, "{}", jobs.text);
}

#[tokio::test]
async fn a_run_begins_a_job_for_each_node_and_tells_no_secret() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let create = json!({ "action": "CreateNodes", "cloud": "lab", "nodes": [
        { "name": "web-1", "image": "ubuntu-24*", "size": "small", "user_data": "hunter2" },
        { "name": "web-2", "image": "ubuntu-24*", "size": "small", "user_data": "hunter2" },
    ] });
    let made = server
        .post(SCHEDULES, nightly(json!({ "action": create })))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["action"]["nodes"][0]["user_data"], "[secret]");
    let run = format!("{SCHEDULES}/nightly/run");
    let result = server.done(Method::POST, &run, None).await;
    assert_eq!(
        (&result["accepted"], &result["failed"]),
        (&json!(2), &json!(0)),
        "{result}"
    );
    for item in result["items"].as_array().expect("items") {
        let job = format!("/api/v1/jobs/{}", item["job"].as_str().expect("a job"));
        let held = [("prefer", "wait=30")];
        let job = server.get_with(&job, &held).await;
        assert_eq!(job.body["state"], "finished", "{}", job.text);
    }
    let jobs = server.get("/api/v1/jobs").await;
    assert_eq!(jobs.ids().len(), 3);
    assert!(!jobs.text.contains("hunter2"), "{}", jobs.text);

    let path = format!("{SCHEDULES}/nightly");
    let reboot = json!({ "action": "RebootNodes", "cloud": "*", "nodes": ["web-*", "nobody"] });
    server.patch(&path, json!({ "action": reboot })).await;
    let result = server.done(Method::POST, &run, None).await;
    assert_eq!(
        (&result["accepted"], &result["failed"]),
        (&json!(2), &json!(1)),
        "{result}"
    );
}
