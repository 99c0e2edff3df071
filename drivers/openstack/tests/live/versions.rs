//! The same cloud, spoken to as if it were older.

use cloudfarm_contract::extensions::{ConsoleKind, MetadataChange};
use cloudfarm_contract::model::{ImageCreate, KeyPairCreate, Metadata, RescueRequest};
use cloudfarm_contract::{ErrorKind, ListQuery, PageRequest, Text};
use serde_json::json;

use crate::access::{access, cx, destroy, request, until_running};

#[tokio::test]
async fn each_shape_of_the_compute_api_is_understood() {
    for version in ["2.1", "2.36", "2.37", "2.60", "2.96"] {
        works_in(version).await;
    }
}

async fn works_in(version: &str) {
    let driver = access("demo")
        .with("compute_api_version", json!(version))
        .connect()
        .unwrap();
    let driver = driver.as_ref();
    let wanted = request(driver, "cirros-0.6.3", "m1.nano").await;
    let created = driver.create_node(&cx(), &wanted).await.unwrap();
    let node = until_running(driver, &created.node.id).await.unwrap();
    let size = node.size.clone().unwrap();
    assert!(
        size.id.as_ref() == Some(&wanted.size) || size.ram_mb == Some(192),
        "{version}: {size:?}"
    );
    let change = MetadataChange {
        set: Metadata::from([(Text::from("a"), Text::from("b"))]),
        remove: Vec::new(),
    };
    let metadata = driver.node_metadata().unwrap();
    metadata
        .set_node_metadata(&cx(), &node.id, &change)
        .await
        .unwrap();
    let console = driver.remote_console().unwrap();
    let opened = console
        .open_console(&cx(), &node.id, &ConsoleKind::default())
        .await
        .unwrap();
    assert!(opened.url.expose().starts_with("http"), "{version}");
    let images = driver.node_images().unwrap();
    let image = ImageCreate {
        node: node.id.clone(),
        name: Text::from(format!("live-{version}")),
        ..ImageCreate::default()
    };
    let image = images.create_image(&cx(), &image).await.unwrap();
    until_running(driver, &node.id).await.unwrap();
    let rescue = driver.rescue().unwrap();
    let secrets = rescue
        .rescue_node(&cx(), &node.id, &RescueRequest::default())
        .await
        .unwrap();
    assert!(secrets.admin_password.is_some(), "{version}");
    images.delete_image(&cx(), &image.id).await.unwrap();
    destroy(driver, &node.id).await;
}

#[tokio::test]
async fn key_pairs_come_in_pages_and_are_generated_in_every_version() {
    for version in ["2.1", "2.34", "2.35", "2.96"] {
        let driver = access("demo")
            .with("compute_api_version", json!(version))
            .connect()
            .unwrap();
        let pairs = driver.key_pairs().unwrap();
        let names =
            ["a", "b", "c"].map(|n| Text::from(format!("live-{}-{n}", version.replace('.', "-"))));
        for name in &names {
            let request = KeyPairCreate {
                name: name.clone(),
                ..KeyPairCreate::default()
            };
            let made = pairs.create_key_pair(&cx(), &request).await.unwrap();
            assert!(
                made.private_key.unwrap().expose().contains("PRIVATE KEY"),
                "{version}"
            );
        }
        let mut found = Vec::new();
        let mut page = PageRequest::first(2);
        loop {
            let query = ListQuery {
                page: page.clone(),
                name: None,
            };
            let listed = pairs.list_key_pairs(&cx(), &query).await.unwrap();
            assert!(listed.items.len() <= 2, "{version}");
            found.extend(listed.items.into_iter().map(|pair| pair.name));
            let Some(next) = listed.next else { break };
            page = PageRequest::after(next, Some(2));
        }
        for name in &names {
            assert_eq!(
                found.iter().filter(|found| *found == name).count(),
                1,
                "{version} {name}"
            );
            pairs.delete_key_pair(&cx(), name).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_version_that_the_cloud_does_not_speak_is_refused() {
    let driver = access("demo")
        .with("compute_api_version", json!("1.9"))
        .connect()
        .unwrap();
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.field().unwrap(), &"extra_params.compute_api_version");
}
