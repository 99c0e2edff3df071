use cloudfarm_contract::model::{NetworkCreate, NodeCreate, SecurityRuleCreate, VolumeCreate};
use cloudfarm_contract::{Error, ErrorKind, SideEffect, Text};

use crate::golden::{Cloud, cx, golden};

const VOLUMES: &str = "/volume/v3/00000000000000000000000000000005/volumes";

/// What a create comes to that is refused like this.
async fn create_refused(file: &str) -> Error {
    let cloud = Cloud::start("2.1").await;
    cloud.on("POST", "/compute/v2.1/servers", golden(file).reply());
    cloud.serve("networks");
    let request = NodeCreate::default();
    let error = cloud
        .driver()
        .create_node(&cx(), &request)
        .await
        .unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::None, "{file}");
    assert!(error.provider_request_id().is_some(), "{file}");
    assert!(!error.message().ends_with('.'), "{error}");
    error
}

#[tokio::test]
async fn refusals_of_a_create_name_what_is_wrong() {
    for (file, kind, field) in [
        ("compute-error-400-image", ErrorKind::Invalid, Some("image")),
        ("compute-error-400-flavor", ErrorKind::Invalid, Some("size")),
        (
            "compute-error-400-flavor-small",
            ErrorKind::Invalid,
            Some("size"),
        ),
        (
            "compute-error-400-network",
            ErrorKind::Invalid,
            Some("networks"),
        ),
        (
            "compute-error-409-networks",
            ErrorKind::Invalid,
            Some("networks"),
        ),
        (
            "compute-error-403-zero-disk",
            ErrorKind::Invalid,
            Some("root_volume"),
        ),
        ("compute-error-403-quota", ErrorKind::QuotaExceeded, None),
        ("compute-error-403-policy", ErrorKind::Forbidden, None),
    ] {
        let error = create_refused(file).await;
        assert_eq!(
            (error.kind(), error.field().map(Text::as_str)),
            (kind, field),
            "{error:?}"
        );
    }
    let hint = create_refused("compute-error-409-networks").await;
    assert!(hint.hint().unwrap().contains("private"), "{hint:?}");
}

#[tokio::test]
async fn quotas_of_every_service_are_quotas() {
    let cloud = Cloud::start("2.1").await;
    cloud.on("POST", VOLUMES, golden("volume-error-413-quota").reply());
    cloud.serve("network-error-409-quota");
    let driver = cloud.driver();
    let volumes = driver.volumes().unwrap();
    let error = volumes
        .create_volume(&cx(), &VolumeCreate::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert!(!error.is_retryable());
    let networks = driver.networks().unwrap();
    let error = networks
        .create_network(&cx(), &NetworkCreate::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert_eq!(error.provider_code().unwrap(), &"OverQuota");
}

#[tokio::test]
async fn what_is_in_use_or_there_already_is_a_conflict() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("network-error-409-in-use");
    cloud.serve("network-error-409-rule-exists");
    cloud.serve("volume-error-400-in-use");
    cloud.serve("volume-in-use");
    let driver = cloud.driver();
    let network = "00000000-0000-4000-8000-00000000004d";
    let deleted = driver
        .networks()
        .unwrap()
        .delete_network(&cx(), network)
        .await;
    assert_eq!(deleted.unwrap_err().kind(), ErrorKind::Conflict);
    let volume = "00000000-0000-4000-8000-0000000000aa";
    let deleted = driver.volumes().unwrap().delete_volume(&cx(), volume).await;
    assert_eq!(deleted.unwrap_err().kind(), ErrorKind::Conflict);
    let rule = SecurityRuleCreate {
        direction: Default::default(),
        protocol: Some(Text::from("tcp")),
        port_min: Some(22),
        port_max: Some(22),
        version: None,
        remote_cidr: Some(Text::from("0.0.0.0/0")),
        remote_group: None,
    };
    let groups = driver.security_groups().unwrap();
    let added = groups.add_security_rule(&cx(), "g", &rule).await;
    assert_eq!(added.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let cloud = Cloud::start("2.1").await;
    for file in [
        "compute-error-404",
        "image-error-404",
        "network-error-404",
        "volume-error-404",
    ] {
        cloud.serve(file);
    }
    let driver = cloud.driver();
    let id = "00000000-0000-4000-8000-000000000062";
    let found = driver.get_node(&cx(), id).await.map(drop);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::NotFound);
    let found = driver
        .get_image(&cx(), "00000000-0000-4000-8000-000000000048")
        .await
        .map(drop);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::NotFound);
    let found = driver
        .networks()
        .unwrap()
        .get_network(&cx(), id)
        .await
        .map(drop);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::NotFound);
    let found = driver
        .volumes()
        .unwrap()
        .get_volume(&cx(), id)
        .await
        .map(drop);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::NotFound);
}
