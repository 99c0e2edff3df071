use cloudfarm_contract::model::{AddressAssociate, ImageState, KeyPairCreate, VolumeState};
use cloudfarm_contract::{ErrorKind, ImageQuery, ListQuery, PageRequest, Text};
use cloudfarm_wire::Reply;
use serde_json::{Value, json};

use crate::golden::{Cloud, cx, golden};

#[tokio::test]
async fn images_are_read_and_paged() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("images-page");
    cloud.serve("images-page-2");
    cloud.serve("image");
    let driver = cloud.driver();
    let mut query = ImageQuery {
        page: PageRequest::first(2),
        ..ImageQuery::default()
    };
    let first = driver.list_images(&cx(), &query).await.unwrap();
    assert_eq!(first.items.len(), 2);
    query.page = PageRequest::after(first.next.unwrap(), Some(2));
    driver.list_images(&cx(), &query).await.unwrap();
    let image = driver
        .get_image(&cx(), "00000000-0000-4000-8000-00000000003e")
        .await
        .unwrap();
    assert_eq!((image.state, image.public), (ImageState::Available, true));
    assert_eq!(image.os.as_deref(), Some("ubuntu 24.04"));
    assert_eq!((image.min_ram_mb, image.min_disk_gb), (Some(0), Some(1)));
    assert_eq!(image.metadata[&Text::from("os_distro")], "ubuntu");
    assert!(!image.metadata.contains_key("checksum") && !image.extra.contains_key("file"));
}

#[tokio::test]
async fn sizes_are_in_megabytes_and_gigabytes() {
    let cloud = Cloud::start("2.61").await;
    cloud.serve("flavors-2.61");
    let page = cloud
        .driver()
        .list_sizes(&cx(), &ListQuery::default())
        .await
        .unwrap();
    let tiny = &page.items[0];
    assert_eq!(
        (tiny.id.as_str(), tiny.ram_mb, tiny.disk_gb, tiny.vcpus),
        ("1", 512, 1, Some(1))
    );
    assert!(page.next.is_some());
}

#[tokio::test]
async fn a_generated_pair_is_asked_for_in_a_version_that_has_it() {
    let cloud = Cloud::start("2.96").await;
    cloud.serve("key-pair-generate");
    cloud.serve("key-pair-import");
    let driver = cloud.driver();
    let pairs = driver.key_pairs().unwrap();
    let mut request = KeyPairCreate {
        name: Text::from("golden"),
        ..KeyPairCreate::default()
    };
    let made = pairs.create_key_pair(&cx(), &request).await.unwrap();
    assert!(made.private_key.unwrap().expose().contains("PRIVATE KEY"));
    let asked = cloud.asked("/compute/v2.1/os-keypairs");
    assert_eq!(asked[0].headers["openstack-api-version"], "compute 2.91");
    request.public_key = Some("ssh-rsa AAAA me".to_owned());
    pairs.create_key_pair(&cx(), &request).await.unwrap();
    let asked = cloud.asked("/compute/v2.1/os-keypairs");
    assert_eq!(asked[1].headers["openstack-api-version"], "compute 2.95");
}

#[tokio::test]
async fn volumes_and_their_attachments_are_read() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("volume-in-use");
    cloud.serve("volumes-page");
    cloud.serve("snapshots");
    let driver = cloud.driver();
    let volumes = driver.volumes().unwrap();
    let volume = volumes
        .get_volume(&cx(), "00000000-0000-4000-8000-0000000000aa")
        .await
        .unwrap();
    assert_eq!((volume.state, volume.size_gb), (VolumeState::InUse, 1));
    assert_eq!(volume.attachments[0].device.as_deref(), Some("/dev/sdb"));
    assert_eq!(
        volume.created_at.unwrap().to_string(),
        "2025-01-02T03:05:00Z"
    );
    let page = volumes
        .list_volumes(&cx(), &ListQuery::default())
        .await
        .unwrap();
    assert!(page.next.is_some());
    let snapshots = driver.volume_snapshots().unwrap();
    let page = snapshots
        .list_volume_snapshots(&cx(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(page.items[0].volume.as_deref(), Some(volume.id.as_str()));
}

#[tokio::test]
async fn an_address_leads_to_the_port_that_a_router_reaches() {
    let cloud = Cloud::start("2.1").await;
    let id = "00000000-0000-4000-8000-00000000009e";
    let floating = golden("floating-ip-disassociate");
    let path = format!("/network/v2.0/floatingips/{id}");
    cloud.on("GET", &path, floating.reply());
    let port = |id: &str, ips: [&str; 2]| {
        let ips: Vec<_> = ips
            .iter()
            .map(|ip| json!({"subnet_id": "s", "ip_address": ip}))
            .collect();
        json!({"id": id, "device_id": "n", "device_owner": "compute:nova", "fixed_ips": ips})
    };
    let ports = json!({"ports": [
        port("lost", ["fd00::1", "10.9.0.1"]),
        port("found", ["fd00::2", "10.0.0.108"]),
    ]});
    cloud.on("GET", "/network/v2.0/ports", Reply::json(200, &ports));
    let unreachable = json!({"NeutronError": {"type": "ExternalGatewayForFloatingIPNotFound",
        "message": "External network is not reachable from subnet s.", "detail": ""}});
    cloud.on("PUT", &path, Reply::json(404, &unreachable));
    cloud.serve("floating-ip-associate");
    let driver = cloud.driver();
    let to = AddressAssociate {
        node: Text::from("n"),
        fixed_ip: None,
    };
    let addresses = driver.addresses().unwrap();
    addresses.associate_address(&cx(), id, &to).await.unwrap();
    let asked = cloud.asked(&path);
    let sent: Value = serde_json::from_str(&asked.last().unwrap().body).unwrap();
    assert_eq!(
        sent["floatingip"],
        json!({"port_id": "found", "fixed_ip_address": "10.0.0.108"})
    );
    let nowhere = AddressAssociate {
        node: Text::from("00000000-0000-4000-8000-00000000008e"),
        fixed_ip: Some("10.1.1.1".parse().unwrap()),
    };
    cloud.serve("server-active");
    let error = addresses
        .associate_address(&cx(), id, &nowhere)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("10.1.1.1"), "{error}");
}

#[tokio::test]
async fn quotas_of_all_services_have_neutral_names() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("quota-set-detail");
    cloud.serve("network-quotas-details");
    cloud.serve("volume-quota-usage");
    let driver = cloud.driver();
    let quotas = driver.quotas().unwrap().list_quotas(&cx()).await.unwrap();
    let of = |name: &str| {
        let quota = quotas.iter().find(|quota| quota.name == name).unwrap();
        (quota.used, quota.limit)
    };
    assert_eq!(of("nodes"), (Some(0), Some(50)));
    assert_eq!(of("ram_mb"), (Some(0), Some(524_288)));
    assert_eq!(of("addresses"), (Some(0), Some(50)));
    assert_eq!(of("volume_gb"), (Some(3), Some(5000)));
}
