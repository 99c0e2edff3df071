//! What a node's size is, of which Nova says the id or a copy.

use cloudfarm_contract::model::SizeRef;
use cloudfarm_contract::{Driver, NodeQuery, Text};
use cloudfarm_wire::Reply;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::golden::{Cloud, cx};

const SERVERS: &str = "/compute/v2.1/servers/detail";
const FLAVORS: &str = "/compute/v2.1/flavors/detail";
const ROOT: &str = "/compute/v2.1/";

/// A server for each flavor, with what Nova says of it in 2.1.
fn servers(flavors: &[&str]) -> Reply {
    let server = |id: &&str| json!({"id": format!("on-{id}"), "flavor": {"id": id, "links": []}});
    let servers: Vec<Value> = flavors.iter().map(server).collect();
    Reply::json(200, &json!({"servers": servers}))
}

fn flavor(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name, "vcpus": 2, "ram": 512, "disk": 1, "swap": "", "links": []})
}

fn size(id: Option<&str>, name: &str) -> SizeRef {
    SizeRef {
        id: id.map(Text::from),
        name: Some(Text::from(name)),
        vcpus: Some(2),
        ram_mb: Some(512),
        disk_gb: Some(1),
    }
}

/// Of a size of which Nova says no more.
fn id_alone(id: &str) -> SizeRef {
    SizeRef {
        id: Some(Text::from(id)),
        name: None,
        vcpus: None,
        ram_mb: None,
        disk_gb: None,
    }
}

async fn cloud_of(flavors: &[&str]) -> Cloud {
    let cloud = Cloud::start("2.96").await;
    cloud.on("GET", SERVERS, servers(flavors));
    let all = [
        flavor("1", "m1.tiny"),
        flavor("2", "m1.two"),
        flavor("3", "m1.three"),
    ];
    cloud.on("GET", FLAVORS, Reply::json(200, &json!({"flavors": all})));
    for flavor in all {
        let path = one(flavor["id"].as_str().unwrap());
        cloud.on("GET", &path, Reply::json(200, &json!({"flavor": flavor})));
    }
    cloud
}

fn one(id: &str) -> String {
    format!("/compute/v2.1/flavors/{id}")
}

async fn sizes(driver: &dyn Driver) -> Vec<SizeRef> {
    let page = driver.list_nodes(&cx(), &NodeQuery::default()).await;
    let nodes = page.unwrap().items.into_iter();
    nodes.map(|node| node.size.unwrap()).collect()
}

#[tokio::test]
async fn a_list_names_sizes_and_asks_for_no_version() {
    let cloud = cloud_of(&["1", "1"]).await;
    let driver = cloud.driver();
    let tiny = size(Some("1"), "m1.tiny");
    for _ in 0..2 {
        assert_eq!(sizes(&*driver).await, [tiny.clone(), tiny.clone()]);
    }
    assert_eq!(
        (cloud.asked(SERVERS).len(), cloud.asked(&one("1")).len()),
        (2, 1)
    );
    for path in [SERVERS, &one("1")] {
        let asked = &cloud.asked(path)[0];
        assert!(
            !asked.headers.contains_key("openstack-api-version"),
            "{path}"
        );
    }
    assert!(cloud.asked(ROOT).is_empty(), "nova was asked for versions");
    assert!(
        cloud.asked(FLAVORS).is_empty(),
        "all flavors were read for one"
    );
}

#[tokio::test]
async fn a_version_in_the_settings_that_nobody_speaks_is_refused() {
    let cloud = cloud_of(&["1"]).await;
    let wanted = |version: &str| json!({"project": "demo", "compute_api_version": version});
    let driver = cloud.driver_with(wanted("2.60"));
    assert_eq!(sizes(&*driver).await, [size(Some("1"), "m1.tiny")]);
    assert!(cloud.asked(ROOT).is_empty(), "nova was asked for versions");
    let driver = cloud.driver_with(wanted("2.0"));
    let listed = driver.list_nodes(&cx(), &NodeQuery::default()).await;
    let error = listed.unwrap_err();
    assert_eq!(error.field().unwrap(), "extra_params.compute_api_version");
}

#[tokio::test]
async fn flavors_are_read_once_for_all_who_wait() {
    for (ids, path) in [
        (&["1", "2"][..], one("1")),
        (&["1", "2", "3"], FLAVORS.to_owned()),
    ] {
        let cloud = cloud_of(ids).await;
        let driver = cloud.driver();
        let lists = join_all((0..8).map(|_| sizes(&*driver))).await;
        for list in &lists {
            assert_eq!(
                (list.len(), &list[0]),
                (ids.len(), &size(Some("1"), "m1.tiny"))
            );
            assert!(list.iter().all(|size| size.name.is_some()));
        }
        assert_eq!(cloud.asked(SERVERS).len(), 8);
        assert_eq!(cloud.asked(&path).len(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_flavor_that_is_in_no_list_is_asked_for_once() {
    let cloud = cloud_of(&["1", "2", "own", "gone"]).await;
    let own = json!({"flavor": flavor("own", "x1.own")});
    cloud.on("GET", &one("own"), Reply::json(200, &own));
    let driver = cloud.driver();
    let expected = [
        size(Some("1"), "m1.tiny"),
        size(Some("2"), "m1.two"),
        size(Some("own"), "x1.own"),
        id_alone("gone"),
    ];
    for found in join_all((0..3).map(|_| sizes(&*driver))).await {
        assert_eq!(found, expected);
    }
    assert_eq!(sizes(&*driver).await, expected);
    for path in [FLAVORS, &one("own"), &one("gone")] {
        assert_eq!(cloud.asked(path).len(), 1, "{path}");
    }
    assert!(cloud.asked(&one("1")).is_empty());
}

#[tokio::test]
async fn a_flavor_that_is_new_is_asked_for_once() {
    let cloud = cloud_of(&["1"]).await;
    cloud.on("GET", SERVERS, servers(&["1", "2"]));
    let driver = cloud.driver();
    assert_eq!(sizes(&*driver).await, [size(Some("1"), "m1.tiny")]);
    for _ in 0..2 {
        assert_eq!(sizes(&*driver).await[1], size(Some("2"), "m1.two"));
    }
    assert_eq!(cloud.asked(&one("1")).len(), 1);
    assert_eq!(cloud.asked(&one("2")).len(), 1);
}

#[tokio::test]
async fn many_flavors_that_are_gone_are_no_flood_of_requests() {
    let gone: Vec<String> = (0..40).map(|number| format!("gone-{number}")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let cloud = cloud_of(&gone).await;
    let found = sizes(&*cloud.driver()).await;
    assert_eq!(found.len(), 40);
    let seen = cloud.server.seen();
    let singles = seen
        .iter()
        .filter(|seen| seen.target.contains("/flavors/gone-"));
    assert_eq!((singles.count(), cloud.asked(FLAVORS).len()), (8, 1));
}

#[tokio::test]
async fn flavors_that_cannot_be_read_leave_sizes_with_their_ids() {
    for reply in [
        Reply::json(
            503,
            &json!({"serviceUnavailable": {"code": 503, "message": "later"}}),
        ),
        Reply::json(
            403,
            &json!({"forbidden": {"code": 403, "message": "Policy doesn't allow"}}),
        ),
        Reply::json(200, &json!({"flavors": "none", "flavor": "none"})),
        Reply::raw(""),
    ] {
        for ids in [&["1"][..], &["1", "2", "3"]] {
            let cloud = Cloud::start("2.96").await;
            cloud.on("GET", SERVERS, servers(ids));
            cloud.on("GET", FLAVORS, reply.clone());
            cloud.on("GET", &one("1"), reply.clone());
            let driver = cloud.driver();
            for _ in 0..2 {
                let found = sizes(&*driver).await;
                assert_eq!(found, ids.iter().map(|id| id_alone(id)).collect::<Vec<_>>());
            }
            let seen = cloud.server.seen();
            let asked = seen.iter().filter(|seen| seen.target.contains("/flavors/"));
            // A connection that ends without an answer is tried again at once.
            assert!(asked.count() <= 2, "{seen:?}");
        }
    }
}

#[tokio::test]
async fn flavors_that_do_not_come_hold_no_list_up() {
    let cloud = Cloud::start("2.96").await;
    cloud.on("GET", SERVERS, servers(&["1"]));
    cloud.on("GET", &one("1"), Reply::silence());
    let http = json!({"proxy": "none", "timeout": "1s"});
    let driver = cloud.driver_with(json!({"project": "demo", "http": http}));
    assert_eq!(sizes(&*driver).await, [id_alone("1")]);
}

#[tokio::test]
async fn a_node_by_itself_has_the_id_of_its_size_as_in_a_list() {
    let cloud = cloud_of(&["1"]).await;
    let copy = |name: &str, ram: u64| {
        let flavor = json!({"original_name": name, "vcpus": 2, "ram": ram, "disk": 1});
        Reply::json(200, &json!({"server": {"id": "on-1", "flavor": flavor}}))
    };
    let path = "/compute/v2.1/servers/on-1";
    cloud.on("GET", path, copy("m1.tiny", 512));
    // It was made before the flavor of its name was given another form.
    cloud.on("GET", path, copy("m1.tiny", 256));
    cloud.on("GET", path, copy("gone", 512));
    let driver = cloud.driver();
    let listed = sizes(&*driver).await;
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(driver.get_node(&cx(), "on-1").await.unwrap().size.unwrap());
    }
    assert_eq!(found[0], listed[0]);
    assert_eq!((&found[1].id, found[1].ram_mb), (&None, Some(256)));
    assert_eq!(found[2], size(None, "gone"));
}
