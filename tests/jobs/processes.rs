//! Processes that are killed, frozen and stopped while they carry out jobs.

use serde_json::Value;

use crate::place::{Place, has_step, id, in_state};

#[tokio::test]
async fn a_worker_carries_out_what_a_server_was_asked_for() {
    let place = Place::new("0s");
    let server = place.serve(&["--no-worker"]);
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(job["state"], "pending");
    let worker = place.worker();
    let url = format!("{}/api/v1/jobs/{}?wait=30", server.url, id(&job));
    let ended: Value = place
        .client()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(ended["state"], "finished", "{ended:#}");
    drop(worker);
}

#[tokio::test]
async fn another_goes_on_where_a_killed_worker_ended() {
    let place = Place::new("2s");
    let server = place.serve(&["--no-worker"]);
    let worker = place.worker();
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    place.until(&server, &id(&job), has_step("created")).await;
    worker.kill();
    let _other = place.worker();
    let ended = place.until(&server, &id(&job), in_state("finished")).await;
    assert_eq!(ended["tries"], 2, "{ended:#}");
    assert_eq!(place.nodes(&server).await, ["web-1"]);
}

#[tokio::test]
async fn a_worker_that_was_frozen_past_its_lease_changes_nothing() {
    let place = Place::new("2s");
    let server = place.serve(&["--no-worker"]);
    let frozen = place.worker();
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    place.until(&server, &id(&job), has_step("created")).await;
    frozen.signal("STOP");
    let other = place.worker();
    let ended = place.until(&server, &id(&job), in_state("finished")).await;
    frozen.signal("CONT");
    // It learns that the job is not its own when it next renews, and says so when it is stopped.
    frozen.signal("TERM");
    assert!(frozen.ended());
    let after = place.read(&server, &format!("/jobs/{}", id(&job))).await;
    for field in ["state", "tries", "steps", "error", "updated_at"] {
        assert_eq!(after[field], ended[field], "{field}");
    }
    assert_eq!(place.nodes(&server).await, ["web-1"]);
    drop(other);
}

#[tokio::test]
async fn a_job_that_kills_its_workers_is_given_up() {
    let place = Place::new("1h");
    let server = place.serve(&["--no-worker"]);
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    for tries in 1..=3 {
        let worker = place.worker();
        let begun = |job: &Value| job["state"] == "running" && job["tries"] == tries;
        place.until(&server, &id(&job), begun).await;
        worker.kill();
    }
    let _last = place.worker();
    let ended = place.until(&server, &id(&job), in_state("error")).await;
    assert_eq!(ended["tries"], 3);
    let detail = ended["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("vanished in each of 3 tries"), "{detail}");
    assert_eq!(ended["error"]["retryable"], false);
}

#[tokio::test]
async fn a_worker_that_stops_hands_back_what_it_cannot_finish() {
    let place = Place::new("2s");
    let server = place.serve(&["--no-worker"]);
    let first = place.worker();
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    place.until(&server, &id(&job), has_step("created")).await;
    first.signal("TERM");
    assert!(first.ended());
    let back = place.read(&server, &format!("/jobs/{}", id(&job))).await;
    assert_eq!(
        (&back["state"], &back["tries"]),
        (&"pending".into(), &0.into())
    );
    let _second = place.worker();
    let ended = place.until(&server, &id(&job), in_state("finished")).await;
    assert_eq!(
        ended["tries"], 1,
        "a try that is handed back does not count"
    );
    assert_eq!(place.nodes(&server).await, ["web-1"]);
}
