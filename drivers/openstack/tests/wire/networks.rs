use cloudfarm_contract::model::{RouterCreate, RouterGateway, RouterUpdate};
use cloudfarm_contract::{ErrorKind, ListQuery, Text};
use cloudfarm_wire::Reply;
use serde_json::{Value, json};

use crate::golden::{Cloud, cx, golden};

const ROUTER: &str = "00000000-0000-4000-8000-000000000054";
const PORTS: &str = "/network/v2.0/ports";

fn path(rest: &str) -> String {
    format!("/network/v2.0/routers/{ROUTER}{rest}")
}

fn sent(cloud: &Cloud, path: &str) -> Value {
    serde_json::from_str(&cloud.asked(path).last().unwrap().body).unwrap()
}

fn refusal(kind: &str, message: &str) -> Value {
    json!({"NeutronError": {"type": kind, "message": message, "detail": ""}})
}

/// The ports by which the recorded router and another one are on subnets.
fn interfaces() -> Value {
    let port = |id: &str, router: &str, subnets: &[&str]| {
        let ips: Vec<_> = subnets
            .iter()
            .map(|subnet| json!({"subnet_id": subnet, "ip_address": "10.0.0.1"}))
            .collect();
        json!({"id": id, "device_id": router, "device_owner": "network:router_interface",
            "fixed_ips": ips})
    };
    json!({"ports": [
        port("p1", ROUTER, &["a", "b"]),
        port("p2", "other", &["c"]),
        port("p3", ROUTER, &["a"]),
    ]})
}

#[tokio::test]
async fn a_router_is_shown_with_the_subnets_that_it_has_ports_on() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("routers");
    let router = golden("routers").body()["routers"][0].clone();
    cloud.on(
        "GET",
        &path(""),
        Reply::json(200, &json!({"router": router})),
    );
    cloud.on("GET", PORTS, Reply::json(200, &interfaces()));
    let driver = cloud.driver();
    let routers = driver.routers().unwrap();
    let listed = routers.list_routers(&cx(), &ListQuery::default()).await;
    let listed = listed.unwrap().items;
    assert_eq!(listed.len(), 1);
    let shown = routers.get_router(&cx(), ROUTER).await.unwrap();
    assert_eq!(listed[0], shown);
    assert_eq!(shown.subnets, ["a", "b"].map(Text::from));
    assert_eq!(
        shown.external_network.as_deref(),
        Some("00000000-0000-4000-8000-00000000004b")
    );
    assert_eq!(shown.external_ips[0].to_string(), "203.0.113.220");
    let asked = &cloud.asked(PORTS)[1].target;
    assert!(asked.contains(&format!("device_id={ROUTER}")), "{asked}");
}

#[tokio::test]
async fn a_router_is_made_and_changed_as_asked() {
    let cloud = Cloud::start("2.1").await;
    let mut made = golden("routers").body()["routers"][0].clone();
    made["description"] = json!("[cloudfarm.mark=019a-1]");
    let reply = Reply::json(201, &json!({"router": made}));
    cloud.on("POST", "/network/v2.0/routers", reply.clone());
    cloud.on("PUT", &path(""), reply);
    let driver = cloud.driver();
    let routers = driver.routers().unwrap();
    let request = RouterCreate {
        name: Text::from("edge"),
        external_network: Some(Text::from("net")),
        mark: Some(cloudfarm_contract::model::Mark::new("019a-1")),
    };
    let made = routers.create_router(&cx(), &request).await.unwrap();
    assert_eq!(made.mark, request.mark);
    assert_eq!(
        sent(&cloud, "/network/v2.0/routers")["router"],
        json!({"name": "edge", "external_gateway_info": {"network_id": "net"},
            "description": "[cloudfarm.mark=019a-1]"})
    );
    for (update, body) in [
        (
            RouterUpdate {
                name: Some(Text::from("rim")),
                gateway: None,
            },
            json!({"name": "rim"}),
        ),
        (
            RouterUpdate {
                name: None,
                gateway: Some(RouterGateway::Off),
            },
            json!({"external_gateway_info": null}),
        ),
    ] {
        routers.update_router(&cx(), ROUTER, &update).await.unwrap();
        assert_eq!(sent(&cloud, &path(""))["router"], body);
    }
}

#[tokio::test]
async fn what_is_attached_or_detached_already_is_so() {
    let cloud = Cloud::start("2.1").await;
    let (add, remove) = (
        path("/add_router_interface"),
        path("/remove_router_interface"),
    );
    let twice = refusal(
        "BadRequest",
        "Bad router request: Router already has a port on subnet a.",
    );
    let overlap = refusal(
        "BadRequest",
        "Bad router request: Cidr 10.0.0.0/24 of subnet b overlaps with cidr 10.0.0.0/16 of subnet a.",
    );
    let unknown = refusal("SubnetNotFound", "Subnet c could not be found.");
    for (status, body) in [(400, &twice), (400, &overlap), (404, &unknown)] {
        cloud.on("PUT", &add, Reply::json(status, body));
    }
    let off = refusal(
        "RouterInterfaceNotFoundForSubnet",
        "Router has no interface on subnet a.",
    );
    cloud.on("PUT", &remove, Reply::json(404, &off));
    let router = golden("routers").body()["routers"][0].clone();
    cloud.on(
        "GET",
        &path(""),
        Reply::json(200, &json!({"router": router})),
    );
    cloud.on("GET", PORTS, Reply::json(200, &interfaces()));
    let driver = cloud.driver();
    let routers = driver.routers().unwrap();
    let attach = |subnet: &'static str| async move {
        routers.attach_router_subnet(&cx(), ROUTER, subnet).await
    };
    attach("a").await.unwrap();
    let error = attach("b").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");
    let error = attach("c").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    assert_eq!(error.field().unwrap(), &"subnet");
    routers
        .detach_router_subnet(&cx(), ROUTER, "a")
        .await
        .unwrap();
    let gone = routers.detach_router_subnet(&cx(), "gone", "a").await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
}
