//! What those see who run workers: whether they live, whether they can work, what they count.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::place::{Kind, Place, Process, on_both};

on_both!(a_worker_tells_how_it_fares,);

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

async fn ask(place: &Place, process: &Process, path: &str) -> (u16, String) {
    let url = format!("{}{path}", process.url);
    let answer = place.client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn until_ready(place: &Place, process: &Process, wanted: u16) -> Value {
    let started = Instant::now();
    loop {
        let (status, text) = ask(place, process, "/readyz").await;
        if status == wanted {
            return serde_json::from_str(&text).unwrap();
        }
        assert!(started.elapsed() < PATIENCE, "{text}\n{}", place.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_worker_tells_how_it_fares(kind: Kind) {
    let place = Place::new(kind, "0s");
    let server = place.serve(&["--no-worker"]);
    let worker = place.telling_worker();
    assert_eq!(
        ask(&place, &worker, "/healthz").await,
        (200, "ok\n".to_owned())
    );
    let ready = until_ready(&place, &worker, 200).await;
    assert_eq!(ready["ready"], true, "{ready:#}");

    let create = place.create(&server, "web-1").header("prefer", "wait=30");
    let job: Value = create.send().await.unwrap().json().await.unwrap();
    assert_eq!(job["state"], "finished", "{job:#}");
    let counted = [
        r#"cloudfarm_jobs_ended_total{action="CreateNode",outcome="finished"} 1"#,
        r#"cloudfarm_provider_calls_total{cloud="lab",operation="create_node",outcome="ok"} 1"#,
        r#"cloudfarm_queue_jobs{cloud="lab",state="running"} 0"#,
        r#"cloudfarm_circuit_breaker_open{cloud="lab"} 0"#,
        "cloudfarm_jobs_running 0",
    ];
    place.until_counted(&worker, &counted).await;
    let (_, metrics) = ask(&place, &server, "/metrics").await;
    assert!(!metrics.contains("jobs_ended_total{"), "it did nothing");

    // It is no server.
    let (status, text) = ask(&place, &worker, "/api/v1/clouds/lab/nodes").await;
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &problem["kind"]), (404, &"not_found".into()));
    let hint = problem["hint"].as_str().unwrap();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert!(hint.contains(path), "{hint}");
    }
    let url = format!("{}/metrics", worker.url);
    let refused = place.client().post(url).send().await.unwrap();
    assert_eq!(refused.status(), 405);
    assert_eq!(refused.headers()["allow"], "GET");

    worker.signal("TERM");
    assert!(worker.ended());
}

#[tokio::test]
async fn a_worker_whose_store_is_away_is_not_ready() {
    let mut place = Place::new(Kind::Postgres, "0s");
    let worker = place.telling_worker();
    until_ready(&place, &worker, 200).await;
    place.postgres().crash();
    let ready = until_ready(&place, &worker, 503).await;
    assert_eq!(ready["checks"][0]["name"], "store", "{ready:#}");
    assert_eq!(ready["checks"][0]["ok"], false);
    let (status, metrics) = ask(&place, &worker, "/metrics").await;
    assert_eq!(status, 200, "what it counts itself is told");
    assert!(metrics.contains("cloudfarm_jobs_running 0"), "{metrics}");
    assert_eq!(ask(&place, &worker, "/healthz").await.0, 200);
    place.postgres().resume();
    until_ready(&place, &worker, 200).await;
}

#[tokio::test]
async fn a_worker_tells_while_it_drains() {
    let place = Place::new(Kind::Sqlite, "3s");
    let server = place.serve(&["--no-worker"]);
    let worker = place.patient_worker();
    let create = place.create(&server, "web-1");
    let job: Value = create.send().await.unwrap().json().await.unwrap();
    place
        .until_counted(&worker, &["cloudfarm_jobs_running 1"])
        .await;
    worker.signal("TERM");
    place.until_logged("SIGTERM: draining").await;
    assert_eq!(ask(&place, &worker, "/healthz").await.0, 200);
    assert!(worker.ended());
    let ended = place
        .read(&server, &format!("/jobs/{}", crate::place::id(&job)))
        .await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
}

#[tokio::test]
async fn an_address_that_a_worker_cannot_have_is_named() {
    let place = Place::new(Kind::Sqlite, "0s");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (succeeded, said) = place.refused(&["worker", "--listen", &address]);
    assert!(!succeeded);
    assert!(
        said.contains(&format!("cannot listen on {address}")),
        "{said}"
    );
}
