//! Settings that cannot work.

use cloudfarm_contract::ErrorKind;
use serde_json::json;

use crate::lab::{Lab, connect, cx};

#[test]
fn settings_that_cannot_work_name_their_field() {
    let v3 = "https://keystone.api.dfw3.rackspacecloud.com/v3";
    for (params, field) in [
        (json!({"regoin": "dfw"}), "extra_params.regoin"),
        (json!({"auth_type": "sso"}), "extra_params.auth_type"),
        (json!({"auth_url": "rackspace"}), "extra_params.auth_url"),
        (json!({"interface": "secret"}), "extra_params.interface"),
        (json!({"project": "p"}), "extra_params.project"),
        (json!({"domain": "d"}), "extra_params.domain"),
        (
            json!({"endpoints": {"volume": "x"}}),
            "extra_params.endpoints.volume",
        ),
        (
            json!({"auth_url": v3, "tenant": "10"}),
            "extra_params.tenant",
        ),
        (
            json!({"auth_url": v3, "auth_type": "api_key"}),
            "extra_params.auth_type",
        ),
        (
            json!({"auth_url": v3, "rackconnect": true}),
            "extra_params.rackconnect",
        ),
    ] {
        let error = connect("key", params.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{params}");
        assert_eq!(error.field().unwrap(), field, "{error}");
    }
}

#[test]
fn the_first_generation_is_refused_with_what_to_use() {
    for (params, field) in [
        (
            json!({"auth_url": "https://lon.auth.api.rackspacecloud.com/v1.0"}),
            "extra_params.auth_url",
        ),
        (
            json!({"endpoints": {"compute": "https://servers.api.rackspacecloud.com/v1.0/10"}}),
            "extra_params.endpoints.compute",
        ),
    ] {
        let error = connect("key", params).unwrap_err();
        assert_eq!(error.field().unwrap(), field);
        let hint = error.hint().unwrap();
        assert!(hint.contains("next generation servers"), "{hint}");
        assert!(
            hint.contains("https://identity.api.rackspacecloud.com/v2.0"),
            "{hint}"
        );
    }
}

#[test]
fn nothing_has_to_be_set_but_user_and_secret() {
    let driver = connect("key", json!({})).unwrap();
    let info = driver.info();
    assert_eq!(
        info.endpoint.as_deref(),
        Some("https://identity.api.rackspacecloud.com/")
    );
    assert_eq!(info.engine, "rackspace");
    assert_eq!(info.identity.as_deref(), Some("demo"));
}

#[tokio::test]
async fn an_unknown_region_is_answered_with_those_there_are() {
    let lab = Lab::with("key", json!({"region": "mars"}), |_, _| None).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.field().unwrap(), "extra_params.region");
    assert_eq!(error.hint(), Some("the regions are: DFW, LON"));
}
