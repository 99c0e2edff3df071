//! One job of every kind, with every field given.

use cloudfarm::jobs::Work;
use cloudfarm::jobs::kinds::{
    AddSecurityRule, AddressChange, Change, Create, Creation, Delete, Modify, NodeChange,
    RemoveSecurityRule, RestoreNodeSnapshot, RouterChange, VolumeChange,
};
use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, Direction, Extra, Image, ImageCreate, IpVersion,
    KeyPair, KeyPairCreate, Metadata, Network, NetworkAttachment, NetworkCreate, NodeCreate,
    NodeSnapshot, NodeSnapshotCreate, RebootKind, RebuildRequest, RescueRequest, RootVolume,
    Router, RouterCreate, RouterGateway, RouterUpdate, SecurityGroup, SecurityGroupCreate,
    SecurityRuleCreate, Subnet, SubnetCreate, Volume, VolumeAttach, VolumeCreate, VolumeSnapshot,
    VolumeSnapshotCreate,
};
use cloudfarm_contract::{Secret, Text};
use serde_json::json;

/// In every secret of the samples, and nowhere else.
pub(crate) const CANARY: &str = "canary-7f3a";

const CLOUD: Text = Text::from_static("lab");

pub(crate) fn all() -> Vec<Box<dyn Work>> {
    let mut all = node_changes();
    all.extend(creations());
    all.extend(changes());
    all.extend(deletions());
    all
}

pub(crate) fn node_create() -> NodeCreate {
    NodeCreate {
        name: text("web-1"),
        image: text("img-1"),
        size: text("size-1"),
        location: Some(text("zone-1")),
        key_pair: Some(text("me")),
        user_data: Some(secret()),
        admin_password: Some(secret()),
        metadata: metadata(),
        networks: vec![NetworkAttachment {
            network: text("net-1"),
            subnet: Some(text("subnet-1")),
            ip: Some([10, 0, 0, 7].into()),
        }],
        security_groups: vec![text("group-1")],
        root_volume: Some(RootVolume {
            size_gb: 20,
            kind: Some(text("ssd")),
            delete_with_node: true,
        }),
        options: Extra::from_iter([("hints".into(), json!({ "group": "g" }))]),
        mark: None,
    }
}

fn node_changes() -> Vec<Box<dyn Work>> {
    let changes = [
        Change::Destroy,
        Change::Start,
        Change::Stop,
        Change::Reboot(RebootKind::Hard),
        Change::Update {
            name: Some(text("web-2")),
            metadata: Some(MetadataChange {
                set: metadata(),
                remove: vec![text("old")],
            }),
        },
        Change::Resize(text("size-2")),
        Change::ConfirmResize,
        Change::RevertResize,
        Change::Rebuild(RebuildRequest {
            image: text("img-2"),
            admin_password: Some(secret()),
            user_data: Some(secret()),
        }),
        Change::Suspend,
        Change::Resume,
        Change::Pause,
        Change::Unpause,
        Change::Shelve,
        Change::Unshelve,
        Change::Rescue(RescueRequest {
            image: Some(text("img-3")),
            admin_password: Some(secret()),
        }),
        Change::Unrescue,
        Change::ChangePassword(secret()),
    ];
    let work = |change| {
        Box::new(NodeChange {
            cloud: CLOUD,
            node: text("node-1"),
            change,
        }) as Box<dyn Work>
    };
    changes.into_iter().map(work).collect()
}

fn creations() -> Vec<Box<dyn Work>> {
    vec![
        create(node_create()),
        create(VolumeCreate {
            name: text("data"),
            size_gb: 5,
            kind: Some(text("ssd")),
            location: Some(text("zone-1")),
            snapshot: Some(text("snap-1")),
            image: Some(text("img-1")),
            metadata: metadata(),
            mark: None,
        }),
        create(VolumeSnapshotCreate {
            volume: text("vol-1"),
            name: text("before"),
            force: true,
            metadata: metadata(),
            mark: None,
        }),
        create(NodeSnapshotCreate {
            node: text("node-1"),
            name: text("before"),
            mark: None,
        }),
        create(ImageCreate {
            node: text("node-1"),
            name: text("golden"),
            version: Some(text("2")),
            metadata: metadata(),
            mark: None,
        }),
        create(NetworkCreate {
            name: text("inner"),
            cidr: Some(text("10.0.0.0/16")),
            mark: None,
        }),
        create(SubnetCreate {
            network: text("net-1"),
            name: text("a"),
            cidr: text("10.0.1.0/24"),
            gateway: Some([10, 0, 1, 1].into()),
            dhcp: Some(false),
            location: Some(text("zone-1")),
            mark: None,
        }),
        create(RouterCreate {
            name: text("edge"),
            external_network: Some(text("net-2")),
            mark: None,
        }),
        create(SecurityGroupCreate {
            name: text("web"),
            description: Some("lets the web in".to_owned()),
            network: Some(text("net-1")),
            mark: None,
        }),
        create(AddressAllocate {
            network: Some(text("net-1")),
            mark: None,
        }),
        create(KeyPairCreate {
            name: text("me"),
            public_key: Some("ssh-ed25519 AAAA me".to_owned()),
            mark: None,
        }),
    ]
}

fn changes() -> Vec<Box<dyn Work>> {
    let volume = |change| {
        Box::new(Modify {
            cloud: CLOUD,
            id: text("vol-1"),
            change,
        }) as Box<dyn Work>
    };
    let address = |change| {
        Box::new(Modify {
            cloud: CLOUD,
            id: text("addr-1"),
            change,
        }) as Box<dyn Work>
    };
    let router = |change| {
        Box::new(Modify {
            cloud: CLOUD,
            id: text("router-1"),
            change,
        }) as Box<dyn Work>
    };
    vec![
        router(RouterChange::Update(RouterUpdate {
            name: Some(text("edge-2")),
            gateway: Some(RouterGateway::Off),
        })),
        router(RouterChange::Attach(text("subnet-1"))),
        router(RouterChange::Detach(text("subnet-1"))),
        volume(VolumeChange::Attach(VolumeAttach {
            node: text("node-1"),
            device: Some(text("/dev/vdb")),
        })),
        volume(VolumeChange::Detach(text("node-1"))),
        volume(VolumeChange::Extend(9)),
        address(AddressChange::Associate(AddressAssociate {
            node: text("node-1"),
            fixed_ip: Some([10, 0, 0, 7].into()),
        })),
        address(AddressChange::Disassociate),
        Box::new(RestoreNodeSnapshot {
            cloud: CLOUD,
            snapshot: text("snap-1"),
            node: text("node-1"),
        }),
        Box::new(AddSecurityRule {
            cloud: CLOUD,
            group: text("group-1"),
            rule: SecurityRuleCreate {
                direction: Direction::Ingress,
                protocol: Some(text("tcp")),
                port_min: Some(80),
                port_max: Some(443),
                version: Some(IpVersion::V4),
                remote_cidr: Some(text("198.51.100.0/24")),
                remote_group: None,
            },
        }),
        Box::new(RemoveSecurityRule {
            cloud: CLOUD,
            group: text("group-1"),
            rule: text("rule-1"),
        }),
    ]
}

fn deletions() -> Vec<Box<dyn Work>> {
    vec![
        Box::new(Delete::<Volume>::new(CLOUD, text("a"))),
        Box::new(Delete::<VolumeSnapshot>::new(CLOUD, text("a"))),
        Box::new(Delete::<NodeSnapshot>::new(CLOUD, text("a"))),
        Box::new(Delete::<Image>::new(CLOUD, text("a"))),
        Box::new(Delete::<Network>::new(CLOUD, text("a"))),
        Box::new(Delete::<Subnet>::new(CLOUD, text("a"))),
        Box::new(Delete::<Router>::new(CLOUD, text("a"))),
        Box::new(Delete::<SecurityGroup>::new(CLOUD, text("a"))),
        Box::new(Delete::<Address>::new(CLOUD, text("a"))),
        Box::new(Delete::<KeyPair>::new(CLOUD, text("a"))),
    ]
}

fn create(request: impl Creation) -> Box<dyn Work> {
    let cloud = CLOUD;
    Box::new(Create { cloud, request })
}

fn text(text: &str) -> Text {
    text.into()
}

fn secret() -> Secret {
    Secret::new(CANARY)
}

fn metadata() -> Metadata {
    Metadata::from_iter([(text("team"), text("red"))])
}
