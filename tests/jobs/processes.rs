//! Processes that are killed, frozen and stopped while they carry out jobs.

use serde_json::{Value, json};

use crate::place::{Kind, Place, has_step, id, in_state, on_both};

on_both!(
    a_worker_carries_out_what_a_server_was_asked_for,
    another_goes_on_where_a_killed_worker_ended,
    a_worker_that_was_frozen_past_its_lease_changes_nothing,
    a_worker_that_was_frozen_within_its_call_leaves_nothing,
    a_job_that_kills_its_workers_is_given_up,
    a_worker_that_stops_hands_back_what_it_cannot_finish,
);

async fn a_worker_carries_out_what_a_server_was_asked_for(kind: Kind) {
    let place = Place::new(kind, "0s");
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

async fn another_goes_on_where_a_killed_worker_ended(kind: Kind) {
    let place = Place::new(kind, "2s");
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

async fn a_worker_that_was_frozen_past_its_lease_changes_nothing(kind: Kind) {
    let place = Place::new(kind, "2s");
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

async fn a_worker_that_was_frozen_within_its_call_leaves_nothing(kind: Kind) {
    // The call is half a second on its way to a cloud that would make a second node.
    let cloud = json!({ "latency": "1s", "idempotent": false });
    let place = Place::with_cloud(kind, &cloud);
    let server = place.serve(&["--no-worker"]);
    let frozen = place.worker();
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    place.until(&server, &id(&job), has_step("ask")).await;
    frozen.signal("STOP");
    let other = place.worker();
    let ended = place.until(&server, &id(&job), in_state("finished")).await;
    frozen.signal("CONT");
    let lost = format!("job={} was lost to another worker", id(&job));
    place.until_logged(&lost).await;
    let after = place.read(&server, &format!("/jobs/{}", id(&job))).await;
    assert_eq!(after["steps"], ended["steps"]);
    assert_eq!(place.nodes(&server).await, ["web-1"]);
    drop(other);
}

async fn a_job_that_kills_its_workers_is_given_up(kind: Kind) {
    let place = Place::new(kind, "1h");
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

async fn a_worker_that_stops_hands_back_what_it_cannot_finish(kind: Kind) {
    let place = Place::new(kind, "2s");
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
