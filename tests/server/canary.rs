//! Secrets that are planted everywhere and must come out nowhere.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::process::Server;

/// In every secret of this test, so that one search finds any of them.
const CANARY: &str = "canary-5ecre7";

fn secret(name: &str) -> String {
    format!("{CANARY}-{name}")
}

/// A sound cloud, one that fails its calls, and entries that are wrong in ways that tempt a reader
/// to quote them.
fn farm() -> String {
    let password = secret("password");
    let nested = secret("extra");
    format!(
        r#"
[cloud_farm.sound]
engine = "dummy"
password = "{password}"
extra_params = {{ seed = 1, nodes = 3, transition = "0s" }}

[cloud_farm.frail]
engine = "dummy"
password = "{password}"
extra_params = {{ nodes = 3, faults = {{ server_error = 1.0 }} }}
layers = {{ attempts = 2, retry_pause = "1ms" }}

[cloud_farm.nested]
engine = "dummy"
password = "{password}"
extra_params = {{ wrong = {{ deep = {{ token = "{nested}" }} }} }}

[cloud_farm.mistyped]
engine = "dummy"
password = "{password}"
extra_params = {{ nodes = "{nested}" }}

[cloud_farm.misplaced]
engine = "dummy"
passwrod = "{password}"

[cloud_farm.failing]
engine = "dummy"
password = {{ command = "echo {CANARY}-printed; exit 3" }}
"#
    )
}

fn bodies() -> Vec<Value> {
    let good = json!({
        "name": "web-1", "image": "debian-12*", "size": "tiny",
        "user_data": secret("user-data"), "admin_password": secret("admin"),
    });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    vec![
        good.clone(),
        with("user_data", json!([secret("listed")])),
        with("admin_password", json!({"text": secret("boxed")})),
        with("size", json!("no-such-size")),
        with("name", json!("")),
        with("user_data", json!("x".repeat(200_000) + CANARY)),
        json!([secret("alone")]),
        json!(secret("bare")),
    ]
}

/// Requests that carry secrets, to all clouds.
fn requests(server: &Server) -> Vec<RequestBuilder> {
    let mut requests = Vec::new();
    for cloud in [
        "sound",
        "frail",
        "nested",
        "mistyped",
        "misplaced",
        "failing",
        "unknown",
    ] {
        let cloud = format!("/api/v1/clouds/{cloud}");
        for body in bodies() {
            requests.push(server.post(&format!("{cloud}/nodes"), &body));
        }
        for (action, body) in [
            (
                "change-password",
                json!({"admin_password": secret("changed")}),
            ),
            (
                "change-password",
                json!({"admin_password": [secret("changed-list")]}),
            ),
            (
                "rebuild",
                json!({"image": "debian-12*", "admin_password": secret("rebuilt")}),
            ),
            ("rescue", json!({"admin_password": secret("rescued")})),
        ] {
            let path = format!("{cloud}/nodes/web-1/{action}");
            requests.push(server.post(&path, &body));
        }
        let truncated = format!("{{\"user_data\": \"{}", secret("cut"));
        let cut = server
            .client()
            .request(Method::POST, server.url(&format!("{cloud}/nodes")));
        requests.push(
            cut.header("content-type", "application/json")
                .body(truncated),
        );
        requests.push(server.post(&format!("{cloud}/check"), &json!({})));
    }
    requests
}

const PAGES: &[&str] = &[
    "/api/v1/clouds",
    "/api/v1/clouds/sound",
    "/api/v1/clouds/nested",
    "/api/v1/clouds/mistyped",
    "/api/v1/clouds/misplaced",
    "/api/v1/clouds/failing",
    "/api/v1/clouds/failing/nodes",
    "/api/v1/clouds/sound/nodes/web-1",
    "/api/v1/nodes",
    "/api/v1/images",
    "/api/v1/jobs",
    "/api/v1/engines",
    "/metrics",
    "/readyz",
];

#[tokio::test]
async fn planted_secrets_come_out_nowhere() {
    let server = Server::with(&farm(), &[("RUST_LOG", "trace")]).await;
    let mut said = Vec::new();
    for request in requests(&server) {
        let answer = request.header("prefer", "wait=20").send().await.unwrap();
        let from = format!("{} {}", answer.status(), answer.url().path());
        let headers = format!("{:?}", answer.headers());
        said.push((from, headers + &answer.text().await.unwrap()));
    }
    let (mut made, mut refused) = (0, 0);
    for (from, _) in &said {
        made += usize::from(from.starts_with("200"));
        refused += usize::from(from.starts_with('4') || from.starts_with('5'));
    }
    assert!(
        made > 1 && refused > 10,
        "the test asks too little: {made} made, {refused} refused"
    );
    for path in PAGES {
        let answer = server.get(path).send().await.unwrap();
        said.push(((*path).to_owned(), answer.text().await.unwrap()));
    }
    server.signal("HUP");
    server.log().line_with("SIGHUP").await;
    server.read("/api/v1/clouds").await;
    said.push(("the log".to_owned(), server.log().text()));
    for (from, text) in &said {
        if let Some(at) = text.find(CANARY) {
            let around = text.get(at.saturating_sub(200)..).unwrap_or(text);
            let around: String = around.chars().take(400).collect();
            panic!("{from} holds a secret: {around}");
        }
    }
}
