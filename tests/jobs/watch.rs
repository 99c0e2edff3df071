//! The command line follows a job while the server is restarted.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::place::{Kind, Place, has_step, id};

#[tokio::test]
async fn a_job_is_followed_over_a_restart_of_the_server() {
    let place = Place::new(Kind::Sqlite, "3s");
    let server = place.serve(&[]);
    let request = place.create(&server, "web-1");
    let job: Value = request.send().await.unwrap().json().await.unwrap();
    let mut watch = Command::new(env!("CARGO_BIN_EXE_cloudfarm"))
        .args(["--url", &server.url, "jobs", "watch", &id(&job)])
        .args(["--verbose", "-o", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stderr.take().unwrap()).lines();
    // It must have found the server once.
    let first = tokio::task::spawn_blocking(move || {
        let first = lines.next().unwrap().unwrap();
        (first, lines)
    });
    let (first, lines) = first.await.unwrap();
    place.until(&server, &id(&job), has_step("created")).await;
    let url = server.url.clone();
    server.kill();
    let server = place.serve_at(&url);
    let watched = tokio::task::spawn_blocking(move || {
        let rest: Vec<String> = lines.map(Result::unwrap).collect();
        (rest, watch.wait_with_output().unwrap())
    });
    let (rest, watched) = watched.await.unwrap();
    let told = format!("{first}\n{}", rest.join("\n"));
    assert!(watched.status.success(), "{told}");
    let shown: Value = serde_json::from_slice(&watched.stdout).unwrap();
    assert_eq!(shown["state"], "finished", "{shown:#}");

    let ended = place.read(&server, &format!("/jobs/{}", id(&job))).await;
    let steps = ended["steps"].as_array().unwrap();
    let expected: Vec<String> = steps
        .iter()
        .map(|step| {
            let (step, message) = (&step["step"], &step["message"]);
            format!(
                "CreateNode: {}: {}",
                step.as_str().unwrap(),
                message.as_str().unwrap()
            )
        })
        .collect();
    let lines = told.lines().filter(|line| line.starts_with("CreateNode: "));
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{told}");
}
