//! The wire log shows what went over the wire, and no secret.

mod support;

use std::sync::Mutex;

use cloudfarm_contract::Effect;
use cloudfarm_http::{Request, header, wire_log};
use log::{LevelFilter, Log, Metadata, Record};
use serde_json::json;
use support::{Reply, Server, cx, params, transport};

/// Keeps everything that anybody logs.
struct Capture(Mutex<String>);

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if let Ok(mut lines) = self.0.lock() {
            lines.push_str(&format!("{}: {}\n", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

static CAPTURE: Capture = Capture(Mutex::new(String::new()));

#[tokio::test]
async fn everything_is_logged_but_the_secrets() {
    log::set_logger(&CAPTURE).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let server = Server::start(|seen| match &*seen.target {
        "/key" => Reply::new(
            200,
            &[("content-type", "text/xml")],
            "<r><keyName>shown-9</keyName><keyMaterial>canary</keyMaterial></r>",
        ),
        "/console" => Reply::json(200, &json!({"output": "canary"})),
        "/broken" => Reply::new(
            200,
            &[("content-type", "application/json")],
            "{\"x\": \"canary",
        ),
        _ => Reply::new(
            201,
            &[
                ("content-type", "application/json"),
                ("x-subject-token", "canary"),
                ("set-cookie", "session=canary"),
                ("x-openstack-request-id", "req-shown-1"),
                ("location", "http://x.example/a?signature=canary&shown-2=1"),
            ],
            json!({"server": {"id": "shown-3", "adminPass": "canary"}, "mine": ["canary"]})
                .to_string(),
        ),
    })
    .await;
    let transport = transport(&params());
    let secret = "canary".into();
    let create = Request::post(server.url("/servers"), Effect::Once)
        .query("name", "shown-4")
        .query("X-Amz-Credential", "canary")
        .secret_query("mine", &secret)
        .header(header::HeaderName::from_static("x-shown"), "shown-5")
        .header(header::HeaderName::from_static("x-auth-token"), "canary")
        .secret_header(header::HeaderName::from_static("x-odd"), &secret)
        .json(&json!({
            "auth": {"identity": {"password": {"user": {"password": "canary"}}}},
            "server": {"name": "shown-6", "user_data": "canary", "files": [{"text": "canary"}]},
        }))
        .secret_fields(&["files"])
        .secret_response_fields(&["mine"]);
    let form = Request::post(server.url("/key"), Effect::Once).form([
        ("Action", "shown-7"),
        ("Signature", "canary"),
        ("UserData", "canary"),
    ]);
    let whole = Request::post(server.url("/console"), Effect::Read)
        .body("text/plain", "canary")
        .secret_body()
        .secret_response();
    let unreadable = Request::post(server.url("/broken"), Effect::Read)
        .body("application/octet-stream", "canary");
    for request in [create, form, whole, unreadable] {
        assert!(!format!("{request:?}").contains("canary"));
        let response = transport.send(&cx(), request).await.unwrap();
        assert!(!format!("{response:?}").contains("canary"));
        let _ = response.json::<Vec<u8>>();
    }

    let log = CAPTURE.0.lock().unwrap().clone();
    assert!(!log.contains("canary"), "{log}");
    for shown in (1..=7)
        .map(|number| format!("shown-{number}"))
        .chain(["shown-9".to_owned()])
    {
        assert!(log.contains(&shown), "{shown} is missing in {log}");
    }
    let first = format!(
        "{}: lab req-1 > POST {}",
        wire_log::TARGET,
        server.url("/servers")
    );
    assert!(log.contains(&first), "{log}");
    assert!(log.contains("< 201 "), "{log}");
}
