//! What is told of jobs and leases, and to whom.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;
#[path = "common/receiver.rs"]
#[expect(unreachable_pub, reason = "shared with other tests")]
mod receiver;

use std::time::{Duration, Instant};

use cloudfarm::settings::{EventKind, Hidden, NotifierKind, NotifierSettings, Span};
use common::{TestServer, cloud, fast_dummy};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use receiver::{Receiver, Response};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

const NODES: &str = "/api/v1/clouds/lab/nodes";
const NOTIFIERS: &str = "/api/v1/notifiers";
const SECRET: &str = "canary-of-the-signature";

fn webhook(name: &str, to: &Receiver, on: &[EventKind]) -> NotifierSettings {
    NotifierSettings {
        name: name.to_owned(),
        kind: NotifierKind::Webhook,
        url: Hidden::from(to.url()),
        secret: Some(Hidden::from(SECRET)),
        on: on.to_vec(),
        clouds: Vec::new(),
        actions: Vec::new(),
        public_only: false,
    }
}

fn serving(notifiers: Vec<NotifierSettings>) -> TestServer {
    TestServer::start_with(vec![fast_dummy("lab"), fast_dummy("other")], |settings| {
        settings.jobs.poll = Span::millis(50);
        settings.notifiers = notifiers;
    })
}

async fn node(server: &TestServer, name: &str) -> Value {
    let body = json!({ "name": name, "image": "debian-12*", "size": "tiny" });
    server.done(Method::POST, NODES, Some(body)).await
}

fn is_signed(told: &receiver::Told) -> bool {
    let header = told.header("x-cloudfarm-signature");
    let (time, tag) = header.split_once(',').expect("two parts");
    let time = time.strip_prefix("t=").expect("a time");
    let tag = tag.strip_prefix("v1=").expect("a signature");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(&told.body);
    let bytes = mac.finalize().into_bytes();
    let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let second: i64 = time.parse().expect("seconds");
    tag == expected && (Timestamp::now().as_second() - second).abs() < 120
}

#[tokio::test]
async fn the_end_of_a_job_is_told_signed_until_it_is_taken() {
    let failing = [
        Response::Status(500, ""),
        Response::Status(301, "location: /\r\n"),
    ];
    let receiver = Receiver::start(failing);
    let server = serving(vec![webhook("all", &receiver, &[EventKind::JobEnded])]);
    let made = node(&server, "web-1").await;
    let told = receiver.until(3).await;
    assert_eq!(told.len(), 3);
    for (told, attempt) in told.iter().zip(["1", "2", "3"]) {
        assert!(is_signed(told), "{told:?}");
        assert_eq!(told.header("x-cloudfarm-attempt"), attempt);
        assert_eq!(told.header("x-cloudfarm-event"), "job.ended");
        assert_eq!(told.header("content-type"), "application/json");
    }
    assert_eq!(told[0].body, told[2].body, "an event is the same each time");
    let event = told[0].json();
    assert_eq!(event["id"], told[2].header("x-cloudfarm-delivery"));
    assert_eq!(event["event"], "job.ended");
    assert_eq!(event["job"]["action"], "CreateNode", "{event:#}");
    assert_eq!(event["job"]["state"], "finished");
    assert_eq!(event["job"]["cloud"], "lab");
    assert_eq!(event["job"]["resource"]["id"], made["node"]["id"]);
    assert_eq!(event["job"]["params"]["name"], "web-1");
    let job = format!(
        "/api/v1/jobs/{}",
        event["job"]["id"].as_str().expect("an id")
    );
    assert_eq!(server.get(&job).await.status, 200);
}

#[tokio::test]
async fn a_receiver_says_when_it_is_to_be_asked_again() {
    let receiver = Receiver::start([Response::Status(429, "retry-after: 3\r\n")]);
    let server = serving(vec![webhook("all", &receiver, &[EventKind::JobEnded])]);
    node(&server, "web-1").await;
    let told = receiver.until(2).await;
    let pause = told[1].at - told[0].at;
    assert!(pause >= Duration::from_secs(3), "{pause:?}");
    let list = server.get(NOTIFIERS).await;
    assert!(!list.text.contains("canary"), "{}", list.text);
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_neither_jobs_nor_others() {
    let hanging = Receiver::start([Response::Hang]);
    let receiver = Receiver::start([]);
    let server = serving(vec![
        webhook("hanging", &hanging, &[EventKind::JobEnded]),
        webhook("quick", &receiver, &[EventKind::JobEnded]),
    ]);
    node(&server, "web-1").await;
    hanging.until(1).await;
    let started = Instant::now();
    for name in ["web-2", "web-3", "web-4"] {
        node(&server, name).await;
    }
    receiver.until(4).await;
    assert!(
        started.elapsed() < Duration::from_secs(9),
        "the other has 10 s"
    );
    let list = server.get(NOTIFIERS).await.body;
    assert_eq!(list["items"][0]["name"], "hanging", "{list:#}");
    assert_eq!(list["items"][0]["waiting"], 4, "{list:#}");
}

#[tokio::test]
async fn a_failure_is_told_in_a_sentence_and_never_a_secret() {
    let receiver = Receiver::start([]);
    let slack = NotifierSettings {
        kind: NotifierKind::Slack,
        secret: None,
        ..webhook("ops", &receiver, &[EventKind::JobFailed])
    };
    let hooked = Receiver::start([]);
    let all = webhook("all", &hooked, &[EventKind::JobFailed, EventKind::JobEnded]);
    let broken = json!({ "transition": "0s", "faults": { "node_error": 1.0 } });
    let clouds = vec![fast_dummy("other"), cloud("lab", "dummy", broken)];
    let server = TestServer::start_with(clouds, |settings| {
        settings.jobs.poll = Span::millis(50);
        settings.notifiers = vec![slack, all];
    });
    let body = json!({
        "name": "web-1", "image": "debian-12*", "size": "tiny",
        "user_data": "canary-in-the-user-data", "admin_password": "canary-of-the-password",
    });
    let fine = "/api/v1/clouds/other/nodes?wait=30";
    server.post(fine, body.clone()).await;
    let failed = server.post(&format!("{NODES}?wait=30"), body).await;
    assert_eq!(failed.body["state"], "error", "{}", failed.text);
    let told = receiver.until(1).await;
    let text = told[0].json()["text"].as_str().expect("a text").to_owned();
    assert!(
        text.starts_with("CreateNode of node \"web-1\" on cloud lab failed: "),
        "{text}"
    );
    assert_eq!(told[0].header("x-cloudfarm-signature"), "");
    let both = hooked.until(2).await;
    let kinds: Vec<Value> = both
        .iter()
        .map(|told| told.json()["event"].clone())
        .collect();
    assert_eq!(kinds, ["job.ended", "job.failed"]);
    assert_eq!(
        both[1].json()["job"]["error"]["detail"],
        failed.body["error"]["detail"]
    );
    for told in told.iter().chain(&both) {
        let body = String::from_utf8_lossy(&told.body).into_owned();
        assert!(!body.contains("canary"), "{body}");
    }
    assert_eq!(receiver.told().len(), 1, "only the failure");
}

#[tokio::test]
async fn only_what_is_wanted_is_told() {
    let receiver = Receiver::start([]);
    let wanted = NotifierSettings {
        clouds: vec!["ot*".to_owned()],
        actions: vec!["Destroy*".to_owned(), "StopNode".to_owned()],
        ..webhook("some", &receiver, &[EventKind::JobEnded])
    };
    let server = serving(vec![wanted]);
    node(&server, "web-1").await;
    server
        .done(Method::DELETE, &format!("{NODES}/web-1"), None)
        .await;
    let others = "/api/v1/clouds/other/nodes";
    let body = json!({ "name": "web-1", "image": "debian-12*", "size": "tiny" });
    server.done(Method::POST, others, Some(body)).await;
    server
        .done(Method::POST, &format!("{others}/web-1/stop"), None)
        .await;
    server
        .done(Method::DELETE, &format!("{others}/web-1"), None)
        .await;
    let told = receiver.until(2).await;
    let action = |told: &receiver::Told| told.json()["job"]["action"].clone();
    let actions: Vec<Value> = told.iter().map(action).collect();
    assert_eq!(actions, ["StopNode", "DestroyNode"]);
    let list = server.get(NOTIFIERS).await.body;
    assert_eq!(list["items"][0]["waiting"], 0, "{list:#}");
    assert!(list["items"][0]["delivered_at"].is_string(), "{list:#}");
}

#[tokio::test]
async fn the_end_of_a_lease_is_told_before_and_after() {
    let receiver = Receiver::start([]);
    let on = [EventKind::LeaseNotice, EventKind::LeaseEnded];
    let notifier = webhook("leases", &receiver, &on);
    let server = TestServer::start_with(vec![fast_dummy("lab")], |settings| {
        settings.jobs.poll = Span::millis(50);
        settings.leases.notice = Span::seconds(60);
        settings.notifiers = vec![notifier];
    });
    // The store counts in milliseconds.
    let end = (Timestamp::now() + SignedDuration::from_secs(3)).as_millisecond();
    let end = Timestamp::from_millisecond(end).unwrap();
    let body = json!({
        "name": "web-1", "image": "debian-12*", "size": "tiny", "expires_at": end.to_string(),
        "protected": true,
    });
    server.done(Method::POST, NODES, Some(body)).await;
    let told = receiver.until(2).await;
    let events: Vec<Value> = told.iter().map(receiver::Told::json).collect();
    assert_eq!(events[0]["event"], "lease.notice", "{events:#?}");
    assert_eq!(events[1]["event"], "lease.ended");
    for event in &events {
        assert_eq!(event["lease"]["name"], "web-1");
        assert_eq!(event["lease"]["protected"], true);
        let told: Timestamp = event["lease"]["expires_at"]
            .as_str()
            .and_then(|end| end.parse().ok())
            .expect("a time");
        assert_eq!(told, end);
    }
    assert_eq!(server.get(&format!("{NODES}/web-1")).await.status, 200);
}

#[tokio::test]
async fn a_notifier_can_be_tried() {
    let receiver = Receiver::start([Response::Status(200, ""), Response::Status(403, "")]);
    let server = serving(vec![
        webhook("all", &receiver, &[EventKind::JobEnded]),
        NotifierSettings {
            public_only: true,
            ..webhook("public", &receiver, &[EventKind::JobEnded])
        },
    ]);
    let test = |name: &str| format!("{NOTIFIERS}/{name}/test");
    let tried = server.post(&test("all"), json!({})).await;
    assert_eq!(tried.body["status"], 200, "{}", tried.text);
    let told = receiver.until(1).await;
    assert!(is_signed(&told[0]));
    assert_eq!(told[0].json()["event"], "test");
    let refused = server.post(&test("all"), json!({})).await;
    refused
        .is_problem(502, "provider_error")
        .says("it answered 403");
    let private = server.post(&test("public"), json!({})).await;
    private
        .is_problem(502, "provider_error")
        .says("private network");
    let unknown = server.post(&test("nobody"), json!({})).await;
    unknown.is_problem(404, "not_found");
    for answer in [tried, refused, private, unknown] {
        assert!(!answer.text.contains("canary"), "{}", answer.text);
    }
    let list = server.get(NOTIFIERS).await;
    assert_eq!(list.body["items"][0]["host"], "127.0.0.1");
    assert!(!list.text.contains("canary"), "{}", list.text);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_network_is_not_told() {
    let receiver = Receiver::start([]);
    let port = receiver
        .address()
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
    let named = |name: &str, public_only: bool| NotifierSettings {
        url: Hidden::from(format!(
            "http://localhost:{port}/hook/canary-in-the-address"
        )),
        public_only,
        ..webhook(name, &receiver, &[EventKind::JobEnded])
    };
    let server = serving(vec![named("any", false), named("public", true)]);
    let tried = server
        .post(&format!("{NOTIFIERS}/any/test"), json!({}))
        .await;
    assert_eq!(tried.status, 200, "the name leads there: {}", tried.text);
    let refused = server
        .post(&format!("{NOTIFIERS}/public/test"), json!({}))
        .await;
    refused
        .is_problem(502, "provider_error")
        .says("private network");
    node(&server, "web-1").await;
    let started = Instant::now();
    let list = loop {
        let list = server.get(NOTIFIERS).await;
        let (any, public) = (&list.body["items"][0], &list.body["items"][1]);
        if any["waiting"] == 0 && public["error"].is_string() {
            break list;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{}", list.text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let public = &list.body["items"][1];
    assert_eq!(public["error"], "its address is one of a private network");
    assert_eq!(public["waiting"], 1, "{}", list.text);
    assert!(!list.text.contains("canary"), "{}", list.text);
    let kinds: Vec<Value> = receiver
        .told()
        .iter()
        .map(|told| told.json()["event"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["test", "job.ended"],
        "nothing came over the other way"
    );
}

#[tokio::test]
async fn nothing_secret_is_told() {
    let hooked = Receiver::start([]);
    let all = webhook("all", &hooked, &[EventKind::JobEnded]);
    let chat = Receiver::start([]);
    let slack = NotifierSettings {
        kind: NotifierKind::Slack,
        secret: None,
        ..webhook("ops", &chat, &[EventKind::JobEnded])
    };
    let server = serving(vec![all, slack]);
    let canary = "canary-of-a-password";
    let mut secrets = vec![canary.to_owned()];

    // What a cloud tells once.
    let made = node(&server, "web-1").await;
    let password = made["secrets"]["admin_password"].as_str();
    secrets.push(password.expect("a password").to_owned());
    let pairs = "/api/v1/clouds/lab/key-pairs";
    let pair = server
        .done(Method::POST, pairs, Some(json!({ "name": "mine" })))
        .await;
    let key = pair["secrets"]["private_key"].as_str().expect("a key");
    secrets.extend(
        key.lines()
            .filter(|line| !line.starts_with('-'))
            .map(str::to_owned),
    );

    // What it is told.
    let web = format!("{NODES}/web-1");
    let rebuild = json!({ "image": "debian-12*", "admin_password": canary, "user_data": canary });
    for (action, body) in [
        ("change-password", json!({ "password": canary })),
        ("rebuild", rebuild),
        ("rescue", json!({ "admin_password": canary })),
    ] {
        server
            .done(Method::POST, &format!("{web}/{action}"), Some(body))
            .await;
    }
    let schedule = json!({ "name": "often", "cron": "@yearly", "action": {
        "action": "CreateNodes", "cloud": "lab", "nodes": [{
            "name": "web-2", "image": "debian-12*", "size": "tiny",
            "admin_password": canary, "user_data": canary,
        }],
    }});
    let kept = server.post("/api/v1/schedules", schedule).await;
    assert_eq!(kept.status, 201, "{}", kept.text);
    server
        .done(Method::POST, "/api/v1/schedules/often/run", None)
        .await;

    for told in [hooked.until(7).await, chat.until(7).await].concat() {
        let body = String::from_utf8_lossy(&told.body).into_owned();
        let mut leaked = secrets
            .iter()
            .filter(|secret| body.contains(secret.as_str()));
        assert_eq!(leaked.next(), None, "{body}");
    }
}
