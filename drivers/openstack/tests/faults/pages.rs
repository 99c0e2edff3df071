//! Lists whose links lead astray.

use cloudfarm_contract::model::AddressAllocate;
use cloudfarm_contract::{ErrorKind, NodeQuery, PageRequest, SideEffect};
use cloudfarm_wire::{Reply, Wire};
use serde_json::json;

use crate::lab::{LIST, Lab, cx, next};

fn two_to_a_page() -> NodeQuery {
    NodeQuery {
        page: PageRequest::first(2),
        ..NodeQuery::default()
    }
}

#[tokio::test]
async fn a_next_link_to_another_host_is_not_followed() {
    let elsewhere = Wire::start(|_| Reply::json(200, &json!({"servers": []}))).await;
    let link = format!(
        "http://127.0.0.1:{}{}?limit=2&marker=id-2&all_tenants=1",
        elsewhere.port, LIST.1
    );
    let lab = Lab::start(move |asked, _| {
        let first = asked.is(LIST.0, LIST.1) && asked.query("marker").is_none();
        first.then(|| {
            let servers = json!([{"id": "id-1", "name": "one"}, {"id": "id-2", "name": "two"}]);
            Reply::json(
                200,
                &json!({"servers": servers, "servers_links": next(&link)}),
            )
        })
    })
    .await;
    let mut query = two_to_a_page();
    let page = lab.driver.list_nodes(&cx(), &query).await.unwrap();
    query.page = PageRequest::after(page.next.unwrap(), Some(2));
    let page = lab.driver.list_nodes(&cx(), &query).await.unwrap();
    assert_eq!(page.items[0].name, "three");
    assert_eq!(page.next, None);
    assert!(elsewhere.seen().is_empty(), "the other host was asked");
    let widened = lab
        .wire
        .seen()
        .iter()
        .any(|asked| asked.target.contains("all_tenants"));
    assert!(!widened, "the link's parameters were taken over");
}

#[tokio::test]
async fn a_redirection_to_another_host_is_not_followed() {
    let elsewhere = Wire::start(|_| Reply::json(200, &json!({"servers": []}))).await;
    let place = format!("http://127.0.0.1:{}/servers", elsewhere.port);
    let lab = Lab::start(move |asked, _| {
        asked
            .is(LIST.0, LIST.1)
            .then(|| Reply::new(302, &[("location", &place)], ""))
    })
    .await;
    let listed = lab.driver.list_nodes(&cx(), &two_to_a_page()).await;
    let error = listed.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().contains("not followed"), "{error}");
    assert!(
        elsewhere.seen().is_empty(),
        "the token went to another host"
    );
}

#[tokio::test]
async fn a_link_back_to_the_same_page_ends_the_list() {
    let lab = Lab::start(|asked, _| {
        let link = next(&format!("{}?marker=id-1", LIST.1));
        let body = json!({"servers": [{"id": "id-1", "name": "one"}], "servers_links": link});
        asked.is(LIST.0, LIST.1).then(|| Reply::json(200, &body))
    })
    .await;
    let mut query = two_to_a_page();
    let page = lab.driver.list_nodes(&cx(), &query).await.unwrap();
    query.page = PageRequest::after(page.next.unwrap(), Some(2));
    let error = lab.driver.list_nodes(&cx(), &query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(!error.is_retryable());
    assert!(error.message().contains("back to the same page"), "{error}");
}

#[tokio::test]
async fn markers_that_go_in_a_circle_end_a_list_that_the_driver_reads_whole() {
    let lab = Lab::start(|asked, _| {
        let here = asked.is("GET", "/network/v2.0/networks");
        here.then(|| {
            let to = if asked.query("marker") == Some("a") {
                "b"
            } else {
                "a"
            };
            let link = next(&format!("/v2.0/networks?marker={to}"));
            let networks = json!([{"id": format!("net-{to}"), "name": "n"}]);
            Reply::json(200, &json!({"networks": networks, "networks_links": link}))
        })
    })
    .await;
    let addresses = lab.driver.addresses().unwrap();
    let wanted = AddressAllocate::default();
    let allocated = addresses.allocate_address(&cx(), &wanted).await;
    let error = allocated.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().contains("came twice"), "{error}");
    assert!(lab.wire.count("GET", "/network/v2.0/networks") <= 4);
}
