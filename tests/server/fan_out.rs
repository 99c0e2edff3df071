//! One question to fifty clouds, of which five hang and five refuse.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::Server;

fn farm() -> String {
    let mut farm = String::new();
    for number in 0..50 {
        let params = match number % 10 {
            3 => "hang = true",
            7 => "unreachable = true",
            _ => "nodes = 3",
        };
        let _ = writeln!(
            farm,
            "[cloud_farm.cloud-{number:02}]\nengine = \"dummy\"\nextra_params = {{ {params} }}"
        );
    }
    farm
}

#[tokio::test]
async fn clouds_that_hang_or_refuse_cost_the_others_nothing() {
    let server = Server::with(&farm(), &[("CLOUDFARM__API__FAN_OUT_TIMEOUT", "1s")]).await;
    for round in ["first", "second, with failures known"] {
        let began = Instant::now();
        let answer = server.read("/api/v1/nodes").await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(3), "{round}: {took:?}");

        let items = answer["items"].as_array().unwrap();
        assert_eq!(items.len(), 120, "{round}");
        let rows = answer["clouds"].as_array().unwrap();
        assert_eq!(rows.len(), 50, "{round}");
        for (number, row) in rows.iter().enumerate() {
            assert_eq!(row["cloud"], format!("cloud-{number:02}"), "{round}");
            check_row(number, row, items);
        }
        assert_eq!(answer["next"], Value::Null, "{round}");
    }
}

fn check_row(number: usize, row: &Value, items: &[Value]) {
    let nodes = items.iter().filter(|node| node["cloud"] == row["cloud"]);
    let kind = match number % 10 {
        3 => "timeout",
        7 => "unavailable",
        _ => {
            assert_eq!(row["status"], "ok", "{row}");
            assert_eq!(nodes.count(), 3, "{row}");
            return;
        }
    };
    assert_eq!(row["status"], "failed", "{row}");
    assert_eq!(row["error"]["kind"], kind, "{row}");
    assert_eq!(row["error"]["cloud"], row["cloud"], "{row}");
    assert_eq!(row["error"]["retryable"], true, "{row}");
    assert_eq!(row["error"]["side_effect"], "none", "{row}");
    assert_eq!(nodes.count(), 0, "{row}");
}

#[tokio::test]
async fn a_question_to_named_clouds_asks_no_others() {
    let server = Server::start(&farm()).await;
    let began = Instant::now();
    let answer = server.read("/api/v1/nodes?cloud=cloud-00,cloud-01").await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(answer["clouds"].as_array().unwrap().len(), 2);
    assert_eq!(answer["items"].as_array().unwrap().len(), 6);
}
