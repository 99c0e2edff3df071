//! What servers do when their store fails: clear answers, red readiness, nothing half-written.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::place::{Kind, Place, Process, has_step, id, in_state, on_both};

on_both!(many_processes_start_at_once_on_an_empty_store);

const PATIENCE: Duration = Duration::from_secs(60);

async fn create(place: &Place, server: &Process, name: &str) -> (u16, Value) {
    let answer = place.create(server, name).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

async fn readiness(place: &Place, server: &Process) -> (u16, String) {
    let url = format!("{}/readyz", server.url);
    let answer = place.client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn until_ready(place: &Place, server: &Process, wanted: u16) -> String {
    let started = Instant::now();
    loop {
        let (status, text) = readiness(place, server).await;
        if status == wanted {
            return text;
        }
        assert!(started.elapsed() < PATIENCE, "{text}\n{}", place.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A problem that says that it is the store's, that nothing was made, and when to come back.
#[track_caller]
fn assert_unavailable(problem: &Value, says: &str) {
    assert_eq!(problem["kind"], "unavailable", "{problem:#}");
    assert_eq!(problem["side_effect"], "none", "{problem:#}");
    assert!(problem["retry_after"].is_u64(), "{problem:#}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(says), "{problem:#}");
    assert!(!detail.contains('/'), "no path of the host: {detail}");
}

#[tokio::test]
async fn a_full_disk_stops_what_is_new_and_loses_nothing() {
    let mut place = Place::new(Kind::Sqlite, "0s");
    place.limit_files(Some(1024 * 1024));
    let server = place.serve(&[]);
    let mut accepted = Vec::new();
    let refused = loop {
        let name = format!("web-{}", accepted.len());
        match create(&place, &server, &name).await {
            // 200 if it has ended by then.
            (200 | 202, job) => accepted.push((name, id(&job))),
            (status, problem) => break (status, problem),
        }
        assert!(accepted.len() < 5000, "the disk is never full");
    };
    assert_eq!(refused.0, 503, "{:#}", refused.1);
    assert_unavailable(&refused.1, "the store");
    let red = until_ready(&place, &server, 503).await;
    assert!(red.contains("store"), "{red}");
    // What is there can still be read.
    let list = place.read(&server, "/jobs?limit=1").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    server.kill();

    place.limit_files(None);
    let server = place.serve(&[]);
    until_ready(&place, &server, 200).await;
    for (_, job) in &accepted {
        place.until(&server, job, in_state("finished")).await;
    }
    let mut nodes = all_nodes(&place, &server).await;
    let mut expected: Vec<String> = accepted.into_iter().map(|(name, _)| name).collect();
    nodes.sort();
    expected.sort();
    assert_eq!(nodes, expected);
}

async fn all_nodes(place: &Place, server: &Process) -> Vec<String> {
    let mut names = Vec::new();
    let mut path = "/clouds/lab/nodes?limit=1000".to_owned();
    loop {
        let page = place.read(server, &path).await;
        let items = page["items"].as_array().unwrap().iter();
        names.extend(items.map(|node| node["name"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/clouds/lab/nodes?limit=1000&cursor={next}"),
            None => return names,
        }
    }
}

#[tokio::test]
async fn a_locked_file_is_told_until_it_is_free() {
    let place = Place::new(Kind::Sqlite, "0s");
    let server = place.serve(&[]);
    let other = sqlx::SqlitePool::connect(&place.store()).await.unwrap();
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let (status, problem) = create(&place, &server, "web-1").await;
    assert_eq!(status, 503, "{problem:#}");
    assert_unavailable(&problem, "locked by another process");
    until_ready(&place, &server, 503).await;
    assert!(place.nodes(&server).await.is_empty());
    drop(lock);
    other.close().await;
    until_ready(&place, &server, 200).await;
    let (_, job) = create(&place, &server, "web-2").await;
    place.until(&server, &id(&job), in_state("finished")).await;
    assert_eq!(place.nodes(&server).await, ["web-2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_go_on_when_postgresql_is_back() {
    let mut place = Place::new(Kind::Postgres, "2s");
    let server = place.serve(&[]);
    let (_, job) = create(&place, &server, "web-1").await;
    place.until(&server, &id(&job), has_step("created")).await;
    place.postgres().crash();
    let (status, problem) = create(&place, &server, "web-2").await;
    assert_eq!(status, 503, "{problem:#}");
    assert_unavailable(&problem, "the store");
    until_ready(&place, &server, 503).await;
    let alive = place.client().get(format!("{}/healthz", server.url));
    assert_eq!(alive.send().await.unwrap().status(), 200);
    assert_eq!(place.nodes(&server).await, ["web-1"], "clouds can be asked");
    place.postgres().resume();
    until_ready(&place, &server, 200).await;
    place.until(&server, &id(&job), in_state("finished")).await;
    let (_, job) = create(&place, &server, "web-3").await;
    place.until(&server, &id(&job), in_state("finished")).await;
    let mut nodes = place.nodes(&server).await;
    nodes.sort();
    assert_eq!(nodes, ["web-1", "web-3"]);
    let jobs = place.read(&server, "/jobs").await;
    assert_eq!(jobs["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_at_the_start() {
    let place = Place::new(Kind::Sqlite, "0s");
    place.serve(&[]).kill();
    let pool = sqlx::SqlitePool::connect(&place.store()).await.unwrap();
    let newer = "INSERT INTO schema_version (version, applied_at) VALUES (9999, 0)";
    sqlx::raw_sql(newer).execute(&pool).await.unwrap();
    pool.close().await;
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["worker"]] {
        let (succeeded, said) = place.refused(arguments);
        assert!(!succeeded);
        assert!(said.contains("the store has schema 9999"), "{said}");
    }
}

async fn many_processes_start_at_once_on_an_empty_store(kind: Kind) {
    let place = &Place::new(kind, "0s");
    let servers: Vec<Process> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..5).map(|_| scope.spawn(|| place.serve(&[]))).collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    for (number, server) in servers.iter().enumerate() {
        until_ready(place, server, 200).await;
        let (status, job) = create(place, server, &format!("web-{number}")).await;
        // 200 if it has ended by then.
        assert!(matches!(status, 200 | 202), "{job:#}");
        // Any of them can show it, and carry it out.
        place
            .until(&servers[0], &id(&job), in_state("finished"))
            .await;
    }
    let jobs = place.read(&servers[4], "/jobs").await;
    assert_eq!(
        json!(jobs["items"].as_array().unwrap().len()),
        json!(servers.len())
    );
}
