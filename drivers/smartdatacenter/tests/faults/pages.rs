//! Lists that change while they are read.

use std::collections::BTreeSet;

use cloudfarm_contract::{ErrorKind, Marker, NodeQuery, PageRequest};
use serde_json::Map;

use crate::lab::{Lab, cx};

fn page(limit: u32, marker: Option<Marker>) -> NodeQuery {
    NodeQuery {
        page: PageRequest {
            limit: Some(limit),
            marker,
        },
        ..NodeQuery::all()
    }
}

/// Reads the list in pages of `limit`; `between` happens before each further page.
async fn read(lab: &Lab, limit: u32, between: impl Fn(&Lab)) -> Vec<String> {
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let got = lab
            .driver
            .list_nodes(&cx(), &page(limit, marker))
            .await
            .unwrap();
        assert!(got.items.len() <= limit as usize);
        names.extend(got.items.iter().map(|node| node.name.to_string()));
        let Some(next) = got.next else { return names };
        marker = Some(next);
        between(lab);
    }
}

async fn lab(machines: usize) -> Lab {
    let lab = Lab::start(|_, _| None).await;
    for number in 0..machines {
        lab.state.add(&format!("m-{number}"), "running", Map::new());
    }
    lab
}

fn once_each(names: &[String]) -> BTreeSet<&String> {
    let set: BTreeSet<_> = names.iter().collect();
    assert_eq!(set.len(), names.len(), "{names:?}");
    set
}

#[tokio::test]
async fn a_list_that_stands_still_is_read_once() {
    for limit in [1, 3, 7, 10, 100] {
        let lab = lab(10).await;
        let names = read(&lab, limit, |_| {}).await;
        assert_eq!(once_each(&names).len(), 10, "in pages of {limit}");
    }
}

#[tokio::test]
async fn machines_that_come_meanwhile_shift_nothing_into_a_second_page() {
    let lab = lab(20).await;
    let names = read(&lab, 4, |lab| {
        for _ in 0..3 {
            lab.state.add("new", "running", Map::new());
        }
    })
    .await;
    let old: Vec<String> = names.into_iter().filter(|name| name != "new").collect();
    assert_eq!(once_each(&old).len(), 20);
}

#[tokio::test]
async fn machines_that_go_meanwhile_leave_no_gap() {
    let lab = lab(30).await;
    // What was listed already goes: the rest moves forward.
    let names = read(&lab, 5, |lab| {
        lab.state.machines.lock().unwrap().drain(..2);
    })
    .await;
    assert_eq!(once_each(&names).len(), 30);
}

#[tokio::test]
async fn a_page_is_found_again_however_far_it_moved() {
    let lab = lab(20).await;
    let first = lab.driver.list_nodes(&cx(), &page(5, None)).await.unwrap();
    for _ in 0..1500 {
        lab.state
            .machines
            .lock()
            .unwrap()
            .insert(0, serde_json::json!({"id": "x", "name": "x"}));
    }
    let second = lab
        .driver
        .list_nodes(&cx(), &page(5, first.next))
        .await
        .unwrap();
    let names: Vec<&str> = second.items.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["m-14", "m-13", "m-12", "m-11", "m-10"]);
}

#[tokio::test]
async fn a_marker_of_somebody_else_is_refused() {
    let lab = lab(3).await;
    for marker in [
        "",
        "17",
        "x:y",
        "1:",
        "1:a,b,c,d",
        "1:a/../b",
        "-1:a",
        "1:00000000",
    ] {
        let query = page(2, Some(Marker::new(marker)));
        let error = lab.driver.list_nodes(&cx(), &query).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{marker}");
        assert_eq!(error.field().unwrap(), "marker");
    }
}
