//! A hundred thousand nodes, listed while nodes come and go.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::process::Server;

const NODES: usize = 100_000;
const PAGE: usize = 1000;
const FARM: &str = r#"
[cloud_farm.big]
engine = "dummy"
extra_params = { nodes = 100000, transition = "0s" }
"#;

/// What the server may hold on top for a page that it writes, whatever the list's length.
const SLACK: u64 = 24 << 20;

/// The ids of a page, and the path of the next one.
async fn page(server: &Server, cursor: Option<&str>) -> (Vec<String>, Option<String>) {
    let mut path = format!("/api/v1/clouds/big/nodes?limit={PAGE}");
    if let Some(cursor) = cursor {
        path = format!("{path}&cursor={cursor}");
    }
    let page = server.read(&path).await;
    let ids = page["items"].as_array().unwrap().iter();
    let ids = ids.map(|node| node["id"].as_str().unwrap().to_owned());
    (ids.collect(), page["next"].as_str().map(str::to_owned))
}

async fn create(server: &Server, number: usize) -> String {
    let body = json!({"name": format!("new-{number}"), "image": "debian-12*", "size": "tiny"});
    let job = server.carry_out(server.post("/api/v1/clouds/big/nodes", &body));
    job.await["resource"]["id"].as_str().unwrap().to_owned()
}

async fn destroy(server: &Server, id: &str) -> Value {
    let url = server.url(&format!("/api/v1/clouds/big/nodes/{id}"));
    server.carry_out(server.client().delete(url)).await
}

#[tokio::test]
async fn a_long_list_has_neither_gaps_nor_doubles_while_nodes_come_and_go() {
    let server = Server::start(FARM).await;
    let mut seen = HashSet::with_capacity(NODES);
    let mut gone = HashSet::new();
    let (mut pages, mut early, mut cursor) = (0, 0, None);
    loop {
        let (ids, next) = page(&server, cursor.as_deref()).await;
        assert!(ids.len() <= PAGE);
        for id in &ids {
            assert!(!gone.contains(id), "{id} was destroyed before");
            assert!(seen.insert(id.clone()), "{id} is there twice");
        }
        pages += 1;
        if pages == 5 {
            early = server.resident();
        }
        if pages % 10 == 0 {
            create(&server, pages).await;
            // The last node of the page, behind which the next page begins.
            let last = ids.last().unwrap();
            destroy(&server, last).await;
            gone.insert(last.clone());
        }
        match next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let (created, grown) = (pages / 10, server.resident().saturating_sub(early));
    assert!(
        (NODES..=NODES + created).contains(&seen.len()),
        "{} nodes",
        seen.len()
    );
    assert!(
        grown < SLACK,
        "{grown} bytes more than after the fifth page"
    );
}

#[tokio::test]
async fn a_node_that_goes_before_its_page_is_not_shown() {
    let server = Server::start(FARM).await;
    let (_, cursor) = page(&server, None).await;
    let (ids, _) = page(&server, cursor.as_deref()).await;
    destroy(&server, &ids[7]).await;
    let (now, _) = page(&server, cursor.as_deref()).await;
    assert!(!now.contains(&ids[7]));
    assert_eq!(now[..7], ids[..7]);
    assert_eq!(now[7..PAGE - 1], ids[8..]);
}
