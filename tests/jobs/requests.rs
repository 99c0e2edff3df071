//! Jobs over HTTP: repeated requests, events, cancellation, another try.

use serde_json::{Value, json};

use crate::place::{Kind, Place, Process, id, in_state};

async fn created(place: &Place, server: &Process, name: &str, key: &str) -> (u16, Value) {
    let request = place.create(server, name).header("Idempotency-Key", key);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_repeated_request_finds_its_job_on_every_server() {
    let place = Place::new(Kind::Sqlite, "0s");
    let (one, two) = (place.serve(&[]), place.serve(&[]));
    let all = futures_util::future::join_all((0..12).map(|number| {
        let server = if number % 2 == 0 { &one } else { &two };
        created(&place, server, "web-1", "k-1")
    }));
    let all = all.await;
    for (status, job) in &all {
        assert!([200, 202].contains(status), "{job:#}");
        assert_eq!(job["id"], all[0].1["id"]);
    }
    place
        .until(&one, &id(&all[0].1), in_state("finished"))
        .await;
    assert_eq!(place.nodes(&one).await, ["web-1"]);

    // Also when the thing is as it was asked to be, or gone.
    let delete = async |server: &Process| {
        let url = format!("{}/api/v1/clouds/lab/nodes/web-1?wait=30", server.url);
        let request = place.client().delete(url).header("idempotency-key", "k-2");
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let gone = delete(&one).await;
    assert_eq!(gone["state"], "finished", "{gone:#}");
    assert_eq!(delete(&two).await["id"], gone["id"]);

    let (status, problem) = created(&place, &two, "web-2", "k-1").await;
    assert_eq!((status, &problem["kind"]), (422, &json!("invalid")));
    assert_eq!(problem["field"], "Idempotency-Key");
    for wrong in ["", &"k".repeat(256), "a\tb"] {
        let (status, problem) = created(&place, &one, "web-2", wrong).await;
        assert_eq!(status, 400, "{problem:#}");
        assert_eq!(problem["field"], "Idempotency-Key");
    }
    assert!(place.nodes(&one).await.is_empty());
}

/// Events as they arrive, until the stream ends: id, kind, data.
async fn events(
    place: &Place,
    server: &Process,
    job: &str,
    last: Option<&str>,
) -> (u16, Vec<(String, String, Value)>) {
    let url = format!("{}/api/v1/jobs/{job}/events", server.url);
    let mut request = place.client().get(url);
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let field = |event: &str, name: &str| {
        let line = event.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().to_owned()
    };
    let events = text.split("\n\n").filter(|event| event.starts_with("id: "));
    let parsed = events.map(|event| {
        let data = serde_json::from_str(&field(event, "data: ")).unwrap();
        (field(event, "id: "), field(event, "event: "), data)
    });
    (status, parsed.collect())
}

#[tokio::test]
async fn events_tell_each_step_once_and_go_on_after_a_break() {
    let place = Place::new(Kind::Sqlite, "300ms");
    let (server, other) = (place.serve(&[]), place.serve(&["--no-worker"]));
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    let (status, told) = events(&place, &other, &id(&job), None).await;
    assert_eq!(status, 200);
    let (_, kind, last) = told.last().unwrap();
    assert_eq!(
        (kind.as_str(), &last["state"]),
        ("state", &json!("finished"))
    );
    assert!(
        last["result"].get("secrets").is_none(),
        "they are for whoever shows the job"
    );
    let ended = place.read(&server, &format!("/jobs/{}", id(&job))).await;
    let steps_of = |events: &[(String, String, Value)]| -> Vec<Value> {
        let steps = events.iter().filter(|(_, kind, _)| kind == "step");
        steps.map(|(_, _, data)| data.clone()).collect()
    };
    assert_eq!(json!(steps_of(&told)), ended["steps"]);

    let (_, missed) = events(&place, &server, &id(&job), Some(&told[1].0)).await;
    assert_eq!(steps_of(&missed), steps_of(&told[2..]));
    assert_eq!(missed.last(), told.last());
    let (end, ..) = told.last().unwrap();
    let (status, nothing) = events(&place, &other, &id(&job), Some(end)).await;
    assert_eq!((status, nothing.len()), (204, 0));
    let (status, _) = events(&place, &server, &id(&job), Some("nonsense")).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn jobs_are_called_off_and_begun_again() {
    let place = Place::new(Kind::Sqlite, "1h");
    let server = place.serve(&["--no-worker"]);
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    let post = async |verb: &str| {
        let url = format!("{}/api/v1/jobs/{}/{verb}", server.url, id(&job));
        let answer = place.client().post(url).send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    assert_eq!(post("retry").await.0, 409, "it has not failed");
    let (status, called_off) = post("cancel").await;
    assert_eq!((status, &called_off["state"]), (200, &json!("cancelled")));
    assert_eq!(post("cancel").await.0, 409);
    assert_eq!(post("retry").await.1["state"], "pending");
}
