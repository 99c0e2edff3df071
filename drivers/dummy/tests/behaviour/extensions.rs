//! The extensions of the contract on the dummy cloud.

/// The extension of the driver, which has them all.
macro_rules! with {
    ($lab:ident.$accessor:ident().$method:ident($($arg:expr),*)) => {
        $lab.driver.$accessor().unwrap().$method(&$lab.cx $(, $arg)*).await
    };
}

mod networks;
mod nodes;
mod storage;

use cloudfarm_contract::model::KeyPairCreate;
use cloudfarm_contract::{ErrorKind, Extensions, NodeQuery, Text};
use serde_json::json;

use crate::support::cloud;

#[tokio::test]
async fn every_extension_is_there() {
    let lab = cloud(json!({}));
    let extensions = Extensions::of(lab.driver.as_ref());
    assert_eq!(lab.driver.capabilities().extensions, extensions);
    let shown = serde_json::to_value(extensions).unwrap();
    assert!(shown.as_object().unwrap().values().all(|has| has == true));
}

#[tokio::test]
async fn a_key_pair_is_generated_once_and_opens_nodes() {
    let lab = cloud(json!({}));
    let request = KeyPairCreate {
        name: Text::from("me"),
        ..KeyPairCreate::default()
    };
    let made = with!(lab.key_pairs().create_key_pair(&request)).unwrap();
    assert!(
        made.private_key
            .unwrap()
            .expose()
            .contains("OPENSSH PRIVATE KEY")
    );
    let error = with!(lab.key_pairs().create_key_pair(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let import = KeyPairCreate {
        name: Text::from("imported"),
        public_key: made.key_pair.public_key.clone(),
        mark: None,
    };
    let imported = with!(lab.key_pairs().create_key_pair(&import)).unwrap();
    assert!(imported.private_key.is_none());
    assert_eq!(imported.key_pair.fingerprint, made.key_pair.fingerprint);

    let mut node = lab.request("web-1").await;
    node.key_pair = Some(Text::from("me"));
    let node = lab.driver.create_node(&lab.cx, &node).await.unwrap().node;
    assert_eq!(node.key_pair.as_deref(), Some("me"));
    with!(lab.key_pairs().delete_key_pair("me")).unwrap();
    with!(lab.key_pairs().delete_key_pair("me")).unwrap();
}

#[tokio::test]
async fn quotas_count_what_is_there() {
    let lab = cloud(json!({"nodes": 7, "quota": {"nodes": 10}}));
    lab.running("web-1").await;
    let quotas = with!(lab.quotas().list_quotas()).unwrap();
    let nodes = quotas.iter().find(|quota| quota.name == "nodes").unwrap();
    assert_eq!((nodes.used, nodes.limit), (Some(8), Some(10)));
    let listed = lab.all(NodeQuery::all(), 100).await;
    let vcpus: u32 = listed
        .iter()
        .filter_map(|node| node.size.as_ref()?.vcpus)
        .sum();
    let counted = quotas.iter().find(|quota| quota.name == "vcpus").unwrap();
    assert_eq!(counted.used, Some(u64::from(vcpus)));
}
