//! Notifications over processes that are killed.

use serde_json::json;

use crate::place::{Kind, Place, on_both};
use crate::receiver::Receiver;

on_both!(
    what_was_not_taken_is_told_after_every_process_was_killed,
    what_was_not_taken_for_three_days_is_given_up,
);

fn settings(url: &str) -> String {
    format!(
        "[[notifiers]]\nname = \"all\"\nkind = \"webhook\"\nurl = {url:?}\n\
         secret = \"canary-of-the-signature\"\non = [\"job.ended\"]\n"
    )
}

/// An address that is nobody's.
fn free_address() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().to_string()
}

async fn what_was_not_taken_is_told_after_every_process_was_killed(kind: Kind) {
    let place = Place::new(kind, "0s");
    let address = free_address();
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

async fn what_was_not_taken_for_three_days_is_given_up(kind: Kind) {
    let place = Place::new(kind, "0s");
    let address = free_address();
    place.write_settings(&settings(&format!("http://{address}/hook")));
    let server = place.serve(&["--no-worker"]);
    let worker = place.telling_worker();
    let nothing = [
        r#"cloudfarm_notifications_waiting{notifier="all"} 0"#,
        r#"cloudfarm_notifications_oldest_seconds{notifier="all"} 0.0"#,
    ];
    place.until_counted(&server, &nothing).await;
    let request = place.create(&server, "web-1").header("prefer", "wait=30");
    request.send().await.unwrap();
    let waiting = r#"cloudfarm_notifications_waiting{notifier="all"} 1"#;
    let refused = |times: u32| {
        format!(r#"cloudfarm_notifications_total{{notifier="all",outcome="refused"}} {times}"#)
    };
    let lost = |times: u32| {
        format!(r#"cloudfarm_notifications_total{{notifier="all",outcome="lost"}} {times}"#)
    };
    place.until_counted(&server, &[waiting]).await;
    place.until_counted(&worker, &[waiting, &lost(0)]).await;

    // As if it had waited for two days, and had not been told lately.
    worker.kill();
    place
        .execute("UPDATE outbox SET at = at - 172800000, next_at = 0")
        .await;
    let worker = place.telling_worker();
    place.until_age(&server, "all", 172_800.0).await;
    place
        .until_counted(&worker, &[waiting, &refused(1), &lost(0)])
        .await;

    worker.kill();
    place
        .execute("UPDATE outbox SET at = at - 86400000, next_at = 0")
        .await;
    let worker = place.telling_worker();
    place.until_counted(&worker, &[&refused(0), &lost(1)]).await;
    place.until_logged("was never told of").await;
    place.until_counted(&server, &nothing).await;
    let list = place.read(&server, "/notifiers").await;
    assert_eq!(list["items"][0]["lost"], 1, "{list:#}");
    assert_eq!(list["items"][0]["waiting"], 0);

    // The next one is told as ever.
    let receiver = Receiver::listen(&address, []);
    let request = place.create(&server, "web-2").header("prefer", "wait=30");
    request.send().await.unwrap();
    let told = receiver.until(1).await;
    assert_eq!(told[0].json()["job"]["params"]["name"], "web-2");
    let taken = r#"cloudfarm_notifications_total{notifier="all",outcome="taken"} 1"#;
    place.until_counted(&worker, &[taken, &lost(1)]).await;
}
