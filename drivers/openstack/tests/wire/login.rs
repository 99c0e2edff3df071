use cloudfarm_contract::{ErrorKind, ListQuery};
use cloudfarm_wire::Reply;
use serde_json::{Value, json};

use crate::golden::{Cloud, connect, cx, golden};

const TOKENS: &str = "/identity/v3/auth/tokens";

/// What the driver sends to log in with these parameters.
async fn auth_of(params: Value) -> Value {
    let cloud = Cloud::start("2.96").await;
    cloud.serve("servers-none");
    cloud.serve("availability-zones");
    let driver = cloud.driver_with(params);
    driver
        .list_locations(&cx(), &ListQuery::default())
        .await
        .unwrap();
    let sent = cloud.asked(TOKENS);
    assert_eq!(sent.len(), 1);
    serde_json::from_str(&sent[0].body).unwrap()
}

#[tokio::test]
async fn each_kind_of_credential_is_said_as_keystone_wants_it() {
    let auth = auth_of(json!({"project": "p", "user_domain": "Corp"})).await;
    assert_eq!(
        auth["auth"],
        json!({
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "demo", "domain": {"name": "Corp"}, "password": "hunter2"}}},
            "scope": {"project": {"name": "p", "domain": {"name": "Corp"}}},
        })
    );
    let auth = auth_of(json!({"project_id": "abc", "user_id": "u1"})).await;
    assert_eq!(auth["auth"]["identity"]["password"]["user"]["id"], "u1");
    assert_eq!(auth["auth"]["scope"], json!({"project": {"id": "abc"}}));

    let auth = auth_of(json!({"auth_type": "application_credential"})).await;
    assert_eq!(
        auth["auth"],
        json!({"identity": {"methods": ["application_credential"],
            "application_credential": {"id": "demo", "secret": "hunter2"}}})
    );
    let named = json!({
        "application_credential_name": "ci", "application_credential_secret": "s3"});
    let auth = auth_of(named).await;
    assert_eq!(
        auth["auth"]["identity"]["application_credential"],
        json!({"name": "ci", "secret": "s3",
            "user": {"name": "demo", "domain": {"id": "default"}}})
    );
    let auth = auth_of(json!({"token": "t0", "domain": "Corp"})).await;
    assert_eq!(
        auth["auth"],
        json!({"identity": {"methods": ["token"], "token": {"id": "t0"}},
            "scope": {"domain": {"name": "Corp"}}})
    );
    let auth = auth_of(json!({"system_scope": "all"})).await;
    assert_eq!(auth["auth"]["scope"], json!({"system": {"all": true}}));
}

#[tokio::test]
async fn settings_that_cannot_work_name_their_field() {
    for (params, field) in [
        (
            json!({"project": "p", "system_scope": "all"}),
            "extra_params.system_scope",
        ),
        (json!({"system_scope": "some"}), "extra_params.system_scope"),
        (json!({"auth_type": "token"}), "extra_params.token"),
        (json!({"projct": "p"}), "extra_params.projct"),
        (json!({"interface": "secret"}), "extra_params.interface"),
        (
            json!({"compute_api_version": "new"}),
            "extra_params.compute_api_version",
        ),
        (
            json!({"endpoints": {"compute": "nova"}}),
            "extra_params.endpoints.compute",
        ),
        (
            json!({"auth_type": "application_credential", "project": "p"}),
            "extra_params.project",
        ),
    ] {
        let error = connect("https://keystone.example:5000", params).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.field().unwrap().as_str(), field, "{error}");
    }
}

#[tokio::test]
async fn a_root_address_is_asked_for_its_versions() {
    let cloud = Cloud::start("2.96").await;
    cloud.serve("availability-zones");
    cloud.on(
        "GET",
        "/identity",
        crate::golden::golden("identity-versions").reply(),
    );
    let driver = cloud.driver_with(json!({
        "project": "p", "auth_url": cloud.server.url("/identity").to_string()}));
    driver
        .list_locations(&cx(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(cloud.asked(TOKENS).len(), 1);
    // It is asked once only.
    driver
        .list_locations(&cx(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(cloud.asked("/identity").len(), 1);
}

#[tokio::test]
async fn an_old_keystone_is_spoken_to_in_its_own_way() {
    let cloud = Cloud::start("2.96").await;
    let compute = cloud.server.url("/old/v2/abc").to_string();
    let access = json!({"access": {
        "token": {"id": "old-token", "expires": "2999-11-23T21:00:14.000-06:00",
            "tenant": {"id": "abc", "name": "p"}},
        "serviceCatalog": [{"type": "compute", "name": "nova", "endpoints": [
            {"region": "ORD", "publicURL": compute, "tenantId": "abc"}]}],
        "user": {"id": "7", "name": "demo"},
    }});
    cloud.on("POST", "/identity/v2.0/tokens", Reply::json(203, &access));
    let zones = crate::golden::golden("availability-zones");
    cloud.on("GET", "/old/v2/abc/os-availability-zone", zones.reply());
    let url = cloud.server.url("/identity/v2.0/tokens").to_string();
    let driver = cloud.driver_with(json!({"project": "p", "auth_url": url}));
    let page = driver
        .list_locations(&cx(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
    let sent = cloud.asked("/identity/v2.0/tokens");
    assert_eq!(
        serde_json::from_str::<Value>(&sent[0].body).unwrap(),
        json!({"auth": {"passwordCredentials": {"username": "demo", "password": "hunter2"},
            "tenantName": "p"}})
    );
    let asked = cloud.asked("/old/v2/abc/os-availability-zone");
    assert_eq!(asked[0].headers["x-auth-token"], "old-token");
    // The old compute API has no microversions to ask for.
    assert!(!asked[0].headers.contains_key("openstack-api-version"));
}

#[tokio::test]
async fn the_projects_of_the_credential_are_told() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("projects");
    let driver = cloud.driver();
    let projects = driver.provider_projects().unwrap();
    let listed = projects.list_provider_projects(&cx()).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (
            listed[0].name.as_str(),
            listed[0].current,
            listed[0].enabled
        ),
        ("demo", true, true)
    );
}

#[tokio::test]
async fn a_refused_project_is_told_from_a_refused_password() {
    let refused = golden("identity-error-401-unknown-project").reply();
    for (second, says) in [
        (
            golden("token-unscoped").reply(),
            Some("demo (domain default)"),
        ),
        (refused.clone(), None),
    ] {
        let cloud = Cloud::start("2.1").await;
        cloud.on("POST", "/other/v3/auth/tokens", refused.clone());
        cloud.on("POST", "/other/v3/auth/tokens", second);
        let projects = golden("projects").reply();
        cloud.on("GET", "/other/v3/auth/projects", projects);
        let url = cloud.server.url("/other/v3").to_string();
        let driver = cloud.driver_with(json!({"project": "nowhere", "auth_url": url}));
        let error = driver.check(&cx()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderAuth, "{error:?}");
        let hint = error.hint().unwrap();
        match says {
            Some(says) => assert!(hint.contains(says) && hint.contains("nowhere"), "{hint}"),
            None => assert!(hint.contains("keystone does not say"), "{hint}"),
        }
        let asked = cloud.asked("/other/v3/auth/tokens");
        let second: Value = serde_json::from_str(&asked[1].body).unwrap();
        assert_eq!(second["auth"]["scope"], "unscoped");
    }
}

#[tokio::test]
async fn a_token_without_a_catalog_asks_for_a_project() {
    let cloud = Cloud::start("2.96").await;
    let unscoped = crate::golden::golden("token-unscoped");
    let fresh = Cloud::start("2.96").await;
    fresh.on("POST", "/x/v3/auth/tokens", unscoped.reply());
    let url = fresh.server.url("/x/v3").to_string();
    let driver = cloud.driver_with(json!({"auth_url": url}));
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    assert_eq!(error.field().unwrap(), &"extra_params.project");
}

#[test]
fn the_parameters_stand_alone_and_mark_their_secrets() {
    use cloudfarm_contract::Engine as _;
    let schema = serde_json::to_value(cloudfarm_openstack::OpenStack.parameters()).unwrap();
    assert!(!schema.to_string().contains("$ref"), "{schema:#}");
    for secret in ["token", "application_credential_secret"] {
        let field = schema["properties"][secret].to_string();
        assert!(field.contains("password"), "{secret}: {field}");
    }
    // The address may come from a clouds.yaml instead.
    assert!(schema["required"].is_null(), "{}", schema["required"]);
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
