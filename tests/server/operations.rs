//! What those who run the server rely on: signals, readiness, request ids, compression.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use crate::process::{Server, problem};

const FARM: &str = r#"
[cloud_farm.default]
engine = "dummy"
extra_params = { nodes = 200, transition = "1s" }
"#;

fn with_cloud(name: &str) -> String {
    format!("{FARM}\n[cloud_farm.{name}]\nengine = \"dummy\"\n")
}

#[tokio::test]
async fn a_reload_drops_no_request() {
    let server = Arc::new(Server::start(FARM).await);
    let (stop, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let load: Vec<_> = (0..8)
        .map(|_| {
            let (server, stop, answered) = (server.clone(), stop.clone(), answered.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    server.read("/api/v1/clouds/default/nodes?limit=5").await;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 0..5 {
        let name = format!("added-{round}");
        server.write_farm(&with_cloud(&name));
        server.signal("HUP");
        while server
            .get(&format!("/api/v1/clouds/{name}"))
            .send()
            .await
            .unwrap()
            .status()
            != 200
        {
            tokio::task::yield_now().await;
        }
    }
    let before = answered.load(Ordering::Relaxed);
    while answered.load(Ordering::Relaxed) < before + 20 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_farm_file_that_cannot_be_read_leaves_the_farm_as_it_was() {
    let server = Server::start(FARM).await;
    server.write_farm("this is no TOML [");
    server.signal("HUP");
    server.log().line_with("the farm stays as it was").await;
    assert_eq!(
        server.read("/api/v1/clouds/default").await["status"],
        "ready"
    );
}

#[tokio::test]
async fn a_broken_entry_is_listed_and_the_others_serve() {
    let server = Server::start(&format!("{FARM}\n[cloud_farm.bad]\nengine = \"dumy\"\n")).await;
    let clouds = server.read("/api/v1/clouds").await;
    assert_eq!(clouds["items"][0]["status"], "failed");
    let error = clouds["items"][0]["error"].to_string();
    assert!(error.contains("dummy"), "{error}");
    assert_eq!(
        server.read("/api/v1/clouds/default").await["status"],
        "ready"
    );
    let refused = server.get("/api/v1/clouds/bad/nodes").send().await.unwrap();
    assert_eq!(problem(refused, 503).await["cloud"], "bad");

    let ready = server.read("/readyz").await;
    assert_eq!(ready["ready"], true);
    let check = ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "clouds");
    assert!(
        check.unwrap()["detail"].as_str().unwrap().contains("bad"),
        "{ready}"
    );
}

#[tokio::test]
async fn a_farm_without_clouds_is_not_ready() {
    let server = Server::start("[cloud_farm]\n").await;
    let answer = server.get("/readyz").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let ready: Value = answer.json().await.unwrap();
    assert_eq!(ready["ready"], false);
    assert_eq!(server.get("/healthz").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_stop_answers_what_it_was_asked_and_ends_its_jobs() {
    let mut server = Server::start(FARM).await;
    let held = |name: &str| {
        let body = json!({"name": name, "image": "debian-12*", "size": "tiny"});
        let held = server.post("/api/v1/clouds/default/nodes", &body);
        tokio::spawn(held.header("prefer", "wait=30").send())
    };
    let held = [held("one"), held("two")];
    // A held answer is under way once its job is to be seen.
    while server.read("/api/v1/jobs").await["items"]
        .as_array()
        .unwrap()
        .len()
        < 2
    {
        tokio::task::yield_now().await;
    }
    server.signal("TERM");
    for answer in held {
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        let job: Value = answer.json().await.unwrap();
        assert_eq!(job["state"], "finished", "{job}");
    }
    let ended = server.ended().await;
    assert!(ended.success(), "{ended}");
    server.log().line_with("stopped").await;
}

#[tokio::test]
async fn a_second_server_on_the_same_port_says_so() {
    let first = Server::start(FARM).await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_cloudfarm"))
        .arg("serve")
        .env("CLOUDFARM__SERVER__LISTEN", first.address())
        .env("CLOUDFARM__STORE__URL", "sqlite::memory:")
        .output();
    let output = tokio::time::timeout(Duration::from_secs(20), output)
        .await
        .unwrap()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(first.address()), "{said}");
}

#[tokio::test]
async fn a_request_id_goes_in_and_comes_out_and_stands_on_log_lines() {
    let server = Server::with(FARM, &[("RUST_LOG", "debug")]).await;
    let answer = server
        .get("/api/v1/clouds/default/nodes/nobody")
        .header("x-request-id", "check-7f3a")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"], "check-7f3a");
    assert_eq!(problem(answer, 404).await["request_id"], "check-7f3a");
    let access = server
        .log()
        .line_with("/api/v1/clouds/default/nodes/nobody 404")
        .await;
    assert!(access.contains("request_id=check-7f3a"), "{access}");

    for unfit in ["", "with space", "with\"quote", &"x".repeat(200)] {
        let answer = server
            .get("/healthz")
            .header("x-request-id", unfit)
            .send()
            .await
            .unwrap();
        let id = answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_ne!(id, unfit);
        assert!(!id.is_empty());
    }
}

#[tokio::test]
async fn log_lines_for_machines_are_json_each() {
    let server = Server::with(FARM, &[("CLOUDFARM__LOG__FORMAT", "json")]).await;
    server.read("/api/v1/clouds").await;
    server.log().line_with("/api/v1/clouds 200").await;
    for line in server.log().text().lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(
            line["time"].is_string() && line["level"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_calls_by_cloud() {
    let server = Server::start(FARM).await;
    let nodes = server.read("/api/v1/clouds/default/nodes?limit=2").await;
    for node in nodes["items"].as_array().unwrap() {
        let id = node["id"].as_str().unwrap();
        server
            .read(&format!("/api/v1/clouds/default/nodes/{id}"))
            .await;
    }
    server.get("/nowhere/at/all").send().await.unwrap();
    let metrics = server
        .get("/metrics")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let has = |parts: &[&str]| {
        let fits = |line: &str| parts.iter().all(|part| line.contains(part));
        assert!(metrics.lines().any(fits), "no {parts:?} in\n{metrics}");
    };
    let route = r#"route="/api/v1/clouds/{cloud}/nodes/{node}""#;
    has(&[
        "cloudfarm_http_requests_total{",
        route,
        r#"status="200""#,
        "} 2",
    ]);
    has(&["cloudfarm_http_request_duration_seconds_count{", route]);
    has(&[
        "cloudfarm_provider_calls_total{",
        r#"cloud="default""#,
        r#"operation="get_node""#,
        "} 2",
    ]);
    has(&[
        "cloudfarm_provider_call_duration_seconds_bucket{",
        r#"operation="list_nodes""#,
    ]);
    assert!(!metrics.contains("nowhere"), "paths must not become labels");
}

#[tokio::test]
async fn metrics_tell_of_the_queue_and_of_what_came_of_jobs() {
    let lab = "[cloud_farm.lab]\nengine = \"dummy\"\nextra_params = { transition = \"0s\" }\n";
    let server = Server::start(&format!(
        "{lab}[cloud_farm.slow]\nengine = \"dummy\"\nextra_params = {{ transition = \"1h\" }}\n"
    ))
    .await;
    let body = json!({ "name": "web-1", "image": "debian-12*", "size": "tiny" });
    let create = server.post("/api/v1/clouds/lab/nodes", &body);
    server.carry_out(create).await;
    let slow = server.post("/api/v1/clouds/slow/nodes", &body);
    let slow: Value = slow.send().await.unwrap().json().await.unwrap();
    let path = format!("/api/v1/jobs/{}", slow["id"].as_str().unwrap());
    while server.read(&path).await["state"] != "running" {
        tokio::task::yield_now().await;
    }
    let metrics = server.get("/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        r#"cloudfarm_queue_jobs{cloud="lab",state="waiting"} 0"#,
        r#"cloudfarm_queue_jobs{cloud="slow",state="running"} 1"#,
        r#"cloudfarm_queue_jobs{cloud="slow",state="delayed"} 0"#,
        r#"cloudfarm_jobs_ended_total{action="CreateNode",outcome="finished"} 1"#,
        "cloudfarm_job_wait_seconds_count 2",
        r#"cloudfarm_job_run_seconds_count{action="CreateNode"} 1"#,
        "cloudfarm_job_leases_lost_total 0",
        "cloudfarm_jobs_running 1",
    ] {
        assert!(
            metrics.lines().any(|it| it == line),
            "no {line:?} in\n{metrics}"
        );
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_take_it() {
    let server = Server::start(FARM).await;
    let as_sent = Client::builder().no_gzip().build().unwrap();
    let url = server.url("/api/v1/clouds/default/nodes");
    let asked = async |coding: &str| {
        let request = as_sent.get(&url).header("accept-encoding", coding);
        let answer = request.send().await.unwrap();
        let used = answer.headers().get("content-encoding").cloned();
        (used, answer.bytes().await.unwrap().len())
    };
    let (none, plain) = asked("identity").await;
    assert_eq!(none, None);
    for coding in ["gzip", "zstd"] {
        let (used, length) = asked(coding).await;
        assert_eq!(used.unwrap(), coding);
        assert!(length * 4 < plain, "{coding}: {length} of {plain}");
    }
}

#[tokio::test]
async fn the_documentation_needs_no_network() {
    let server = Server::start(FARM).await;
    let page = server
        .get("/docs/")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let mut files = vec!["swagger-initializer.js".to_owned()];
    for marker in ["src=\"", "href=\""] {
        for rest in page.split(marker).skip(1) {
            files.push(rest.split('"').next().unwrap().to_owned());
        }
    }
    assert!(files.len() > 3, "{page}");
    for file in files {
        assert!(!file.contains("//"), "{file} is elsewhere");
        let file = file.trim_start_matches("./");
        let answer = server.get(&format!("/docs/{file}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{file}");
        if file == "swagger-initializer.js" {
            let script = answer.text().await.unwrap();
            assert!(script.contains("/api/v1/openapi.json"), "{script}");
            assert!(
                !script.contains("http://") && !script.contains("https://"),
                "{script}"
            );
        }
    }
    let errors = server.get("/docs/errors").send().await.unwrap();
    let errors = errors.text().await.unwrap();
    assert!(errors.contains("id=\"not_found\""), "{errors}");
    let redirected = server.get("/docs").send().await.unwrap();
    assert_eq!(
        (redirected.status().as_u16(), redirected.url().path()),
        (200, "/docs/")
    );
}
