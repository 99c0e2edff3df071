use cloudfarm_contract::{ErrorKind, ListQuery, NodeQuery};
use serde_json::json;

use crate::golden::{Cloud, golden};
use crate::support::{Reply, cx};

const TOKENS: &str = "/identity/v3/auth/tokens";
const SERVERS: &str = "/compute/v2.1/servers/detail";

#[tokio::test]
async fn a_token_that_dies_is_renewed_once_for_all_who_wait() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("availability-zones");
    let driver = cloud.driver();
    driver
        .list_locations(&cx(), &ListQuery::default())
        .await
        .unwrap();
    // From now on the first token is refused.
    for _ in 0..20 {
        cloud.on("GET", SERVERS, golden("compute-error-401").reply());
    }
    cloud.serve("servers-none");
    cloud.on("POST", TOKENS, cloud.token("token-2"));
    let (cx, query) = (cx(), NodeQuery::all());
    let calls = (0..20).map(|_| driver.list_nodes(&cx, &query));
    for listed in futures_util::future::join_all(calls).await {
        listed.unwrap();
    }
    assert_eq!(
        cloud.asked(TOKENS).len(),
        2,
        "one login at first, one for all"
    );
}

#[tokio::test]
async fn a_second_refusal_is_not_answered_with_a_third_login() {
    let cloud = Cloud::start("2.1").await;
    cloud.on("GET", SERVERS, golden("compute-error-401").reply());
    let error = cloud
        .driver()
        .list_nodes(&cx(), &NodeQuery::all())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert_eq!(cloud.asked(TOKENS).len(), 2);
}

#[tokio::test]
async fn a_service_that_says_nothing_readable_is_used_as_the_catalog_has_it() {
    let cloud = Cloud::start("2.1").await;
    let page = Reply::new(200, &[("content-type", "text/html")], "<html>Nova</html>");
    let portal = Cloud::start("2.1").await;
    portal.on("GET", "/portal/v2.1/", page);
    portal.on(
        "GET",
        "/portal/v2.1/os-availability-zone",
        golden("availability-zones").reply(),
    );
    let url = portal.server.url("/portal/v2.1").to_string();
    let driver = cloud.driver_with(json!({"project": "p", "endpoints": {"compute": url}}));
    driver
        .list_locations(&cx(), &ListQuery::default())
        .await
        .unwrap();
    let asked = portal.asked("/portal/v2.1/os-availability-zone");
    assert!(!asked[0].headers.contains_key("openstack-api-version"));
}

#[tokio::test]
async fn a_page_of_html_is_no_list() {
    let cloud = Cloud::start("2.1").await;
    let page = Reply::new(
        200,
        &[("content-type", "text/html")],
        "<html>sign in</html>",
    );
    cloud.on("GET", SERVERS, page);
    let error = cloud
        .driver()
        .list_nodes(&cx(), &NodeQuery::all())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().contains("text/html"), "{error}");
}

#[tokio::test]
async fn a_loop_of_markers_ends() {
    let cloud = Cloud::start("2.1").await;
    let page = json!({
        "servers": [{"id": "a", "name": "a", "status": "ACTIVE"}],
        "servers_links": [{"rel": "next", "href": "/servers/detail?marker=a"}],
    });
    cloud.on("GET", SERVERS, Reply::json(200, &page));
    let driver = cloud.driver();
    let mut query = NodeQuery::all();
    let first = driver.list_nodes(&cx(), &query).await.unwrap();
    query.page.marker = first.next;
    let error = driver.list_nodes(&cx(), &query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_regionless_choice_among_regions_names_them() {
    let cloud = Cloud::start("2.1").await;
    let mut body = golden("token-project").body().clone();
    let catalog = body["token"]["catalog"].as_array_mut().unwrap();
    for service in catalog
        .iter_mut()
        .filter(|service| service["type"] == "compute")
    {
        let mut endpoints = service["endpoints"].as_array().unwrap().clone();
        for endpoint in &mut endpoints {
            endpoint["region_id"] = json!("RegionTwo");
            endpoint["url"] = json!("http://127.0.0.1:9/v2.1");
        }
        service["endpoints"]
            .as_array_mut()
            .unwrap()
            .extend(endpoints);
    }
    let fresh = Cloud::start("2.1").await;
    let token = Reply::new(201, &[("x-subject-token", "t")], body.to_string());
    fresh.on("POST", "/two/v3/auth/tokens", token);
    let url = fresh.server.url("/two/v3").to_string();
    let driver = cloud.driver_with(json!({"project": "p", "auth_url": url}));
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("RegionOne") && hint.contains("RegionTwo"),
        "{hint}"
    );
}
