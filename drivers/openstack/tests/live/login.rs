use cloudfarm_contract::{Error, ErrorKind, NodeQuery, Retry};
use serde_json::{Value, json};

use crate::access::{Access, access, cx};

async fn check(access: Access) -> Result<(), Error> {
    access.connect()?.check(&cx()).await
}

#[tokio::test]
async fn every_way_to_log_in_works() {
    check(access("demo")).await.unwrap();
    check(access("demo-appcred")).await.unwrap();
    check(access("other")).await.unwrap();
    // The address of keystone in the other forms that people write.
    let url = access("demo").extra_params["auth_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let root = url.trim_end_matches("/v3").to_owned();
    for form in [
        root.clone(),
        format!("{root}/"),
        format!("{url}/"),
        format!("{url}/auth/tokens"),
    ] {
        check(access("demo").with("auth_url", json!(form)))
            .await
            .unwrap();
    }
    // By ids, and without a region, of which there is only one.
    let demo = access("demo")
        .with("user_domain", Value::Null)
        .with("user_domain_id", json!("default"))
        .with("project_domain", Value::Null)
        .with("project_domain_id", json!("default"))
        .with("region", Value::Null);
    check(demo).await.unwrap();
}

#[tokio::test]
async fn other_scopes_log_in_too() {
    for name in ["admin-system", "admin-domain"] {
        let driver = access(name).connect().unwrap();
        let sizes = driver.list_sizes(&cx(), &Default::default()).await;
        assert!(!sizes.unwrap().items.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_from_everything_else() {
    let mut wrong = access("demo");
    wrong.password = Some("not-the-password".to_owned());
    let error = check(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(error.provider_status(), Some(401));
    assert!(error.provider_request_id().is_some());
    assert!(error.message().contains("demo"), "{error}");
    assert!(!format!("{error:?}").contains("not-the-password"));

    let error = check(access("demo").with("project", json!("no-such")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(error.message().contains("no-such"), "{error}");
}

#[tokio::test]
async fn a_region_that_is_not_there_names_those_that_are() {
    let error = check(access("demo").with("region", json!("Mars")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.field().unwrap(), &"extra_params.region");
    assert!(error.message().contains("Mars"), "{error}");
    assert!(error.hint().unwrap().contains("RegionOne"));
}

#[tokio::test]
async fn an_address_that_is_no_service_is_named() {
    let url = access("demo").extra_params["auth_url"]
        .as_str()
        .unwrap()
        .to_owned();
    // Keystone's own root is no compute service.
    let lost = access("demo").with("endpoints", json!({"compute": url}));
    let error = check(lost).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ProviderError),
        "{error:?}"
    );
    let nobody = access("demo").with("auth_url", json!("http://127.0.0.1:9/v3"));
    let error = check(nobody).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_reader_may_look_and_not_touch() {
    let driver = access("viewer").connect().unwrap();
    driver.list_nodes(&cx(), &NodeQuery::all()).await.unwrap();
    let request = crate::access::request(driver.as_ref(), "cirros-0.6.3", "m1.nano").await;
    let error = driver.create_node(&cx(), &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error:?}");
}
