//! Changes whose answers get lost, and those that show in the history alone.

use std::sync::atomic::{AtomicUsize, Ordering};

use cloudfarm_contract::model::{Mark, NodeCreate, NodeState, RebootKind};
use cloudfarm_contract::{ErrorKind, NodeQuery, SideEffect, Text};
use cloudfarm_wire::{Reply, Seen};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::lab::{Lab, MACHINES, cx, refusal};

fn marked(mark: &Mark) -> NodeCreate {
    NodeCreate {
        name: Text::from("web-1"),
        image: Text::from("image"),
        size: Text::from("package"),
        mark: Some(mark.clone()),
        ..NodeCreate::default()
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_create_leaves_one_machine_that_its_mark_finds() {
    let lab = Lab::start(|asked, state| {
        asked.is("POST", MACHINES).then(|| {
            state.make(asked);
            Reply::raw("")
        })
    })
    .await;
    let mark = Mark::new("019a-7");
    let error = lab
        .driver
        .create_node(&cx(), &marked(&mark))
        .await
        .unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert_eq!(lab.wire.count("POST", MACHINES), 1);
    let found = lab
        .driver
        .list_nodes(&cx(), &NodeQuery::marked(mark.clone()))
        .await
        .unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].mark, Some(mark));
    let other = NodeQuery::marked(Mark::new("019a-8"));
    assert!(
        lab.driver
            .list_nodes(&cx(), &other)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_machine_is_born_pending_with_its_mark() {
    let lab = Lab::start(|asked, state| {
        asked
            .is("POST", MACHINES)
            .then(|| Reply::json(201, &state.make(asked)))
    })
    .await;
    let mark = Mark::new("019a-7");
    let created = lab.driver.create_node(&cx(), &marked(&mark)).await.unwrap();
    assert_eq!(created.node.state, NodeState::Pending);
    assert_eq!(created.node.mark, Some(mark));
}

#[tokio::test]
async fn a_create_that_is_refused_names_the_field() {
    for (missing, field) in [
        ("/demo/images/image", "image"),
        ("/demo/packages/package", "size"),
    ] {
        let lab = Lab::start(move |asked, _| {
            if asked.is("POST", MACHINES) {
                return Some(refusal(409, "InvalidArgument", "something is wrong"));
            }
            let known = asked.target.starts_with("/demo/images/")
                || asked.target.starts_with("/demo/packages/");
            (known && asked.target != missing).then(|| Reply::json(200, &json!({})))
        })
        .await;
        let refused = lab
            .driver
            .create_node(&cx(), &marked(&Mark::new("m")))
            .await;
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.field().unwrap(), field);
        assert_eq!(error.side_effect(), SideEffect::None);
    }
}

/// A reboot that is accepted, and the history that is told on each look.
async fn reboot(
    history: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> (cloudfarm_contract::Result<()>, usize) {
    let looks = AtomicUsize::new(0);
    let lab = Lab::start(move |asked: &Seen, _| {
        if asked.target.ends_with("/audit") {
            return Some(history(looks.fetch_add(1, Ordering::SeqCst)));
        }
        asked.target.ends_with("?action=reboot").then(|| {
            let date = Timestamp::now()
                .strftime("%a, %d %b %Y %H:%M:%S GMT")
                .to_string();
            Reply::new(202, &[("date", &date)], "")
        })
    })
    .await;
    let machine = lab.state.add("a", "running", Map::new());
    let id = machine["id"].as_str().unwrap();
    let result = lab.driver.reboot_node(&cx(), id, &RebootKind::Soft).await;
    (
        result,
        lab.wire.count("GET", &format!("{MACHINES}/{id}/audit")),
    )
}

fn entry(success: &str) -> Value {
    let later = Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S.999Z")
        .to_string();
    json!([{"action": "reboot", "success": success, "time": later}])
}

#[tokio::test]
async fn a_reboot_returns_when_the_history_has_it() {
    let (result, looks) = reboot(|look| match look {
        0 => Reply::json(200, &json!([])),
        1 => refusal(500, "InternalError", "oops"),
        _ => Reply::json(200, &entry("yes")),
    })
    .await;
    result.unwrap();
    assert_eq!(looks, 3);
}

#[tokio::test]
async fn a_reboot_that_failed_is_told() {
    let (result, _) = reboot(|_| Reply::json(200, &entry("no"))).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_history_that_may_not_be_read_holds_nothing_up() {
    let (result, looks) = reboot(|_| refusal(403, "NotAuthorized", "no")).await;
    result.unwrap();
    assert_eq!(looks, 1);
}

#[tokio::test]
async fn to_start_what_runs_succeeds_and_other_refusals_name_the_states() {
    let lab = Lab::start(|asked, _| {
        asked
            .target
            .contains("?action=start")
            .then(|| refusal(409, "InvalidState", "machine must be stopped"))
    })
    .await;
    let id = |machine: Value| machine["id"].as_str().unwrap().to_owned();
    let running = id(lab.state.add("a", "running", Map::new()));
    let failed = id(lab.state.add("b", "failed", Map::new()));
    lab.driver.start_node(&cx(), &running).await.unwrap();
    let error = lab.driver.start_node(&cx(), &failed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.allowed_states(), [NodeState::Stopped]);
}
