//! What is written of a job is enough to do it elsewhere, and nothing else shows its secrets.

use std::collections::BTreeSet;

use cloudfarm::jobs::Work;
use cloudfarm::jobs::kinds::{Create, actions, restore};
use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{ErrorKind, Secret, Text};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{self, CANARY};

/// The store keeps payloads as text.
fn through_the_store(work: &dyn Work) -> Box<dyn Work> {
    let written = work.payload().unwrap().to_string();
    let read: Value = serde_json::from_str(&written).unwrap();
    restore(work.action(), read).unwrap()
}

#[test]
fn there_is_a_sample_of_every_action() {
    let sampled: BTreeSet<&str> = samples::all().iter().map(|work| work.action()).collect();
    assert_eq!(sampled, actions().collect());
}

#[test]
fn every_kind_is_read_back_as_it_was_written() {
    for work in samples::all() {
        let restored = through_the_store(&*work);
        assert_eq!(restored.action(), work.action());
        assert_eq!(restored.cloud(), work.cloud());
        assert_eq!(restored.resource(), work.resource());
        assert_eq!(restored.params(), work.params(), "{}", work.action());
        assert_eq!(restored.payload().unwrap(), work.payload().unwrap());
        assert_eq!(format!("{restored:?}"), format!("{work:?}"));
    }
}

#[test]
fn secrets_are_in_the_payload_and_nowhere_else() {
    let mut with_secrets = BTreeSet::new();
    for work in samples::all() {
        if work.payload().unwrap().to_string().contains(CANARY) {
            with_secrets.insert(work.action());
        }
        assert!(!work.params().to_string().contains(CANARY));
        assert!(!format!("{work:?}").contains(CANARY));
    }
    let expected = ["CreateNode", "RebuildNode", "RescueNode", "ChangePassword"];
    assert_eq!(with_secrets, BTreeSet::from(expected));
}

#[test]
fn what_cannot_be_read_is_refused_without_quoting_it() {
    let payloads = [
        ("DestroyWorld", json!({})),
        ("CreateNode", json!({ "cloud": "lab" })),
        (
            "CreateNode",
            json!({ "cloud": "lab", "request": { "user_data": [CANARY] } }),
        ),
        (
            "ChangePassword",
            json!({ "cloud": "lab", "node": "n", "change": "ChangePassword" }),
        ),
        ("AttachVolume", json!(CANARY)),
    ];
    for (action, payload) in payloads {
        let error = restore(action, payload).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal, "{action}");
        assert!(!format!("{error:?}").contains(CANARY), "{error:?}");
    }
}

#[test]
fn a_payload_of_another_version_is_read_as_far_as_it_is_known() {
    let request = json!({ "name": "a", "image": "b", "size": "c", "of_tomorrow": 1 });
    let payload = json!({ "cloud": "lab", "request": request, "of_tomorrow": 1 });
    let work = restore("CreateNode", payload).unwrap();
    assert_eq!(work.params()["name"], "a");
}

proptest! {
    #[test]
    fn any_node_is_read_back_as_it_was_written(
        name in ".*",
        location in proptest::option::of(".*"),
        user_data in proptest::option::of("(?s).*"),
        metadata in proptest::collection::btree_map(".*", ".*", 0..4),
    ) {
        let work = Create {
            cloud: Text::from_static("lab"),
            request: NodeCreate {
                name: name.into(),
                location: location.map(Text::from),
                user_data: user_data.map(Secret::new),
                metadata: metadata.into_iter().map(|(k, v)| (k.into(), v.into())).collect(),
                ..samples::node_create()
            },
        };
        let restored = through_the_store(&work);
        prop_assert_eq!(restored.params(), work.params());
        prop_assert_eq!(restored.payload().unwrap(), work.payload().unwrap());
    }
}
