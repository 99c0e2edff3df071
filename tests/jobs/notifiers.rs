//! Notifications over processes that are killed.

use serde_json::json;

use crate::place::{Kind, Place, on_both};
use crate::receiver::Receiver;

on_both!(what_was_not_taken_is_told_after_every_process_was_killed,);

fn settings(url: &str) -> String {
    format!(
        "[[notifiers]]\nname = \"all\"\nkind = \"webhook\"\nurl = {url:?}\n\
         secret = \"canary-of-the-signature\"\non = [\"job.ended\"]\n"
    )
}

async fn what_was_not_taken_is_told_after_every_process_was_killed(kind: Kind) {
    let place = Place::new(kind, "0s");
    // The address is nobody's until the processes were killed.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    place.write_settings(&settings(&format!(
        "http://{address}/canary-in-the-address"
    )));
    let server = place.serve(&[]);
    let request = place.create(&server, "web-1").header("prefer", "wait=30");
    let job: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(job["state"], "finished", "{job:#}");
    server.kill();

    let receiver = Receiver::listen(&address, []);
    let server = place.serve(&[]);
    let workers = [place.worker(), place.worker()];
    let told = receiver.until(1).await;
    assert_eq!(told[0].json()["job"]["id"], job["id"]);
    let other = place.create(&server, "web-2").header("prefer", "wait=30");
    other.send().await.unwrap();
    let told = receiver.until(2).await;
    let mut names: Vec<_> = told
        .iter()
        .map(|told| told.json()["job"]["params"]["name"].clone())
        .collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, [json!("web-1"), json!("web-2")], "each is told once");
    let list = place.read(&server, "/notifiers").await;
    assert!(!list.to_string().contains("canary"), "{list:#}");
    assert!(!place.log().contains("canary"), "{}", place.log());
    drop(workers);
}
