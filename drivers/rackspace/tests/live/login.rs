use cloudfarm_contract::{Driver, ErrorKind, ListQuery, NodeQuery};
use serde_json::json;

use crate::access::{connect, cx, demo, variable};

async fn region(driver: &dyn Driver) -> String {
    let page = driver.list_locations(&cx(), &ListQuery::default()).await;
    page.unwrap().items[0].id.to_string()
}

#[tokio::test]
async fn the_api_key_and_the_password_both_open() {
    let (user, key, password) = (variable("USER"), variable("API_KEY"), variable("PASSWORD"));
    for (secret, extra) in [
        (&key, json!({})),
        (&key, json!({"auth_type": "api_key"})),
        (&password, json!({})),
        (&password, json!({"auth_type": "password"})),
    ] {
        let driver = connect(&user, secret, extra.clone()).unwrap();
        let checked = driver.check(&cx()).await;
        assert!(checked.is_ok(), "{extra}: {checked:?}");
    }
    for (secret, extra) in [
        ("wrong", json!({})),
        ("wrong", json!({"auth_type": "api_key"})),
        (password.as_str(), json!({"auth_type": "api_key"})),
        (key.as_str(), json!({"auth_type": "password"})),
    ] {
        let driver = connect(&user, secret, extra.clone()).unwrap();
        let error = driver.check(&cx()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderAuth, "{extra}: {error:?}");
        assert!(error.message().contains("user \"demo\""), "{error}");
        assert!(error.hint().is_some(), "{error:?}");
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
}

#[tokio::test]
async fn a_region_is_found_in_any_case_of_letters_or_is_the_users_own() {
    for (given, found) in [
        (json!({"region": "lon"}), "LON"),
        (json!({"region": "IAD"}), "IAD"),
        // The user's own.
        (json!({}), "ORD"),
    ] {
        assert_eq!(region(demo(given).as_ref()).await, found);
    }
    let error = demo(json!({"region": "mars"})).check(&cx()).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.field().unwrap(), "extra_params.region");
    assert_eq!(error.hint(), Some("the regions are: DFW, IAD, LON, ORD"));
}

#[tokio::test]
async fn an_account_of_the_first_generation_is_told_what_to_use() {
    let (user, key) = (variable("LEGACY_USER"), variable("LEGACY_API_KEY"));
    let driver = connect(&user, &key, json!({})).unwrap();
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
    assert!(error.message().contains("cloudServersOpenStack"), "{error}");
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("first generation") && hint.contains("next generation servers"),
        "{hint}"
    );
}

#[tokio::test]
async fn a_tenant_that_is_not_the_users_is_refused_by_name() {
    let error = demo(json!({"tenant": "no-such-account"}))
        .check(&cx())
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(error.message().contains("no-such-account"), "{error}");
}

#[tokio::test]
async fn a_newer_cloud_is_openstack_throughout() {
    let keystone = std::env::var("OS_AUTH_URL").expect("OS_AUTH_URL is not set");
    let extra = json!({"auth_url": keystone, "domain": "Default", "project": "demo"});
    let driver = connect("demo", &variable("PASSWORD"), extra).unwrap();
    assert_eq!(driver.info().engine, "rackspace");
    driver
        .list_nodes(&cx(), &NodeQuery::default())
        .await
        .unwrap();
    assert!(driver.security_groups().is_some() && driver.addresses().is_some());
}
