//! Time zones where the machine knows next to none.

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Server, problem};

const FARM: &str = "[cloud_farm.lab]\nengine = \"dummy\"\n";

/// Zones as a machine has them that lacks most: where it had none at all, others would be looked for.
fn zones_of_a_bare_machine() -> TempDir {
    let zones = TempDir::new().unwrap();
    std::fs::write(zones.path().join("Only"), "TZif").unwrap();
    zones
}

fn nightly(zone: &str) -> Value {
    json!({
        "name": "nightly", "cron": "0 22 1 7 *", "time_zone": zone,
        "action": { "action": "StopNodes", "cloud": "lab", "nodes": ["*"] },
    })
}

#[tokio::test]
async fn schedules_need_no_time_zones_of_the_machine() {
    let zones = zones_of_a_bare_machine();
    let bare = TimeZoneDatabase::from_dir(zones.path()).unwrap();
    assert!(bare.get("Europe/Berlin").is_err(), "the ground is right");
    let directory = zones.path().to_str().unwrap();
    let server = Server::with(FARM, &[("TZDIR", directory)]).await;

    let unknown = server.post("/api/v1/schedules", &nightly("Europe/Berln"));
    let unknown = problem(unknown.send().await.unwrap(), 400).await;
    assert_eq!(unknown["field"], "time_zone", "{unknown:#}");
    assert_eq!(unknown["detail"], "there is no time zone \"Europe/Berln\"");
    assert_eq!(unknown["hint"], "did you mean \"Europe/Berlin\"?");

    let known = server.post("/api/v1/schedules", &nightly("Europe/Berlin"));
    let known = known.send().await.unwrap();
    assert_eq!(known.status(), 201);
    let known: Value = known.json().await.unwrap();
    let next: Timestamp = known["next_run"].as_str().unwrap().parse().unwrap();
    let utc = next.to_string();
    assert!(utc.ends_with("-07-01T20:00:00Z"), "{utc}");
}
