//! For every action a cloud on which it makes sense, and the job.

use cloudfarm::farm::Resource;
use cloudfarm::jobs::Work;
use cloudfarm::jobs::kinds::{
    AddSecurityRule, AddressChange, Change, Create, Creation, Delete, Modify, NodeChange,
    RemoveSecurityRule, RestoreNodeSnapshot, RouterChange, VolumeChange,
};
use cloudfarm_contract::Driver;
use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, Direction, Image, ImageCreate, KeyPair,
    KeyPairCreate, Metadata, Network, NetworkCreate, Node, NodeCreate, NodeSnapshot,
    NodeSnapshotCreate, RebootKind, RebuildRequest, RescueRequest, Router, RouterCreate,
    RouterUpdate, SecurityGroup, SecurityGroupCreate, SecurityRuleCreate, Size, Subnet,
    SubnetCreate, Volume, VolumeAttach, VolumeCreate, VolumeSnapshot, VolumeSnapshotCreate,
};
use cloudfarm_contract::{ListQuery, Secret, Text};

use crate::census::list;
use crate::lab::{CLOUD, Lab};

impl Lab {
    pub(crate) async fn node_create(&self) -> NodeCreate {
        NodeCreate {
            name: "web-1".into(),
            image: list::<Image>(self).await[0].id.clone(),
            size: self.sizes().await[1].id.clone(),
            ..NodeCreate::default()
        }
    }

    async fn sizes(&self) -> Vec<Size> {
        let query = ListQuery::default();
        let page = self.driver.list_sizes(&self.cx, &query).await;
        page.unwrap().items
    }

    /// Makes a thing and waits until it is ready.
    async fn made<C: Creation>(&self, request: C) -> Text {
        let made = request.create(
            &self.driver,
            &self.cx,
            cloudfarm_contract::model::Mark::new("setup"),
        );
        let id = made.await.unwrap().resource.id().clone();
        self.settle().await;
        id
    }

    async fn node(&self) -> Text {
        self.made(self.node_create().await).await
    }

    async fn volume(&self) -> Text {
        let request = VolumeCreate {
            name: "data".into(),
            size_gb: 1,
            ..VolumeCreate::default()
        };
        self.made(request).await
    }

    async fn attached(&self) -> (Text, Text) {
        let (node, volume) = (self.node().await, self.volume().await);
        let to = VolumeAttach {
            node: node.clone(),
            device: None,
        };
        let volumes = self.driver.volumes().unwrap();
        volumes.attach_volume(&self.cx, &volume, &to).await.unwrap();
        self.settle().await;
        (node, volume)
    }

    async fn address(&self) -> Text {
        self.made(AddressAllocate::default()).await
    }

    async fn network(&self) -> Text {
        let request = NetworkCreate {
            name: "inner".into(),
            ..NetworkCreate::default()
        };
        self.made(request).await
    }

    async fn group(&self) -> Text {
        let request = SecurityGroupCreate {
            name: "web".into(),
            ..SecurityGroupCreate::default()
        };
        self.made(request).await
    }

    async fn node_snapshot(&self, node: &Text) -> Text {
        self.made(NodeSnapshotCreate {
            node: node.clone(),
            name: "before".into(),
            mark: None,
        })
        .await
    }

    async fn volume_snapshot(&self) -> VolumeSnapshotCreate {
        VolumeSnapshotCreate {
            volume: self.volume().await,
            name: "before".into(),
            ..VolumeSnapshotCreate::default()
        }
    }

    async fn image_create(&self) -> ImageCreate {
        ImageCreate {
            node: self.node().await,
            name: "golden".into(),
            ..ImageCreate::default()
        }
    }

    async fn subnet_create(&self) -> SubnetCreate {
        SubnetCreate {
            network: self.network().await,
            name: "a".into(),
            cidr: "10.9.0.0/24".into(),
            ..SubnetCreate::default()
        }
    }

    async fn router_create(&self) -> RouterCreate {
        let networks = list::<Network>(self).await;
        let external = networks.iter().find(|network| network.external);
        RouterCreate {
            name: "edge".into(),
            external_network: external.map(|network| network.id.clone()),
            mark: None,
        }
    }

    async fn router(&self) -> Text {
        self.made(self.router_create().await).await
    }

    /// A router, and a subnet that it could be on.
    async fn router_and_subnet(&self) -> (Text, Text) {
        let router = self.router().await;
        (router, self.made(self.subnet_create().await).await)
    }

    /// A node that went through `before`.
    async fn node_after(&self, before: &[Change]) -> Text {
        let node = self.node().await;
        for change in before {
            self.do_now(&node, change.clone()).await;
        }
        node
    }

    async fn do_now(&self, node: &Text, change: Change) {
        let (driver, cx) = (&self.driver, &self.cx);
        match change {
            Change::Stop => driver.stop_node(cx, node).await.unwrap(),
            Change::Suspend => driver
                .suspend()
                .unwrap()
                .suspend_node(cx, node)
                .await
                .unwrap(),
            Change::Pause => driver.pause().unwrap().pause_node(cx, node).await.unwrap(),
            Change::Shelve => driver
                .shelve()
                .unwrap()
                .shelve_node(cx, node)
                .await
                .unwrap(),
            Change::Rescue(request) => {
                let rescue = driver.rescue().unwrap();
                rescue.rescue_node(cx, node, &request).await.unwrap();
            }
            Change::Resize(size) => {
                driver
                    .resize()
                    .unwrap()
                    .resize_node(cx, node, &size)
                    .await
                    .unwrap();
            }
            other => panic!("{other:?} is not a way to begin with"),
        }
        self.settle().await;
    }
}

fn create(request: impl Creation) -> Box<dyn Work> {
    Box::new(Create {
        cloud: CLOUD,
        request,
    })
}

fn rule() -> SecurityRuleCreate {
    SecurityRuleCreate {
        direction: Direction::Ingress,
        protocol: Some("tcp".into()),
        port_min: Some(80),
        port_max: Some(80),
        version: Some(cloudfarm_contract::model::IpVersion::V4),
        remote_cidr: None,
        remote_group: None,
    }
}

/// The job of an action, on a cloud that was prepared for it.
pub(crate) async fn scene(lab: &Lab, action: &str) -> Box<dyn Work> {
    if let Some((before, change)) = node_change(lab, action).await {
        return Box::new(NodeChange {
            cloud: CLOUD,
            node: lab.node_after(&before).await,
            change,
        });
    }
    match action {
        "CreateNode" => create(lab.node_create().await),
        "CreateVolume" => create(VolumeCreate {
            name: "data".into(),
            size_gb: 1,
            ..VolumeCreate::default()
        }),
        "CreateVolumeSnapshot" => create(lab.volume_snapshot().await),
        "CreateNodeSnapshot" => create(NodeSnapshotCreate {
            node: lab.node().await,
            name: "before".into(),
            mark: None,
        }),
        "CreateImage" => create(lab.image_create().await),
        "CreateNetwork" => create(NetworkCreate {
            name: "inner".into(),
            ..NetworkCreate::default()
        }),
        "CreateSubnet" => create(lab.subnet_create().await),
        "CreateRouter" => create(lab.router_create().await),
        "CreateSecurityGroup" => create(SecurityGroupCreate {
            name: "web".into(),
            ..SecurityGroupCreate::default()
        }),
        "AllocateAddress" => create(AddressAllocate::default()),
        "CreateKeyPair" => create(KeyPairCreate {
            name: "me".into(),
            ..KeyPairCreate::default()
        }),
        "AddSecurityRule" => Box::new(AddSecurityRule {
            cloud: CLOUD,
            group: lab.group().await,
            rule: rule(),
        }),
        "RemoveSecurityRule" => {
            let group = lab.group().await;
            let groups = lab.driver.security_groups().unwrap();
            let added = groups.add_security_rule(&lab.cx, &group, &rule()).await;
            Box::new(RemoveSecurityRule {
                cloud: CLOUD,
                group,
                rule: added.unwrap().id,
            })
        }
        "RestoreNodeSnapshot" => {
            let node = lab.node().await;
            Box::new(RestoreNodeSnapshot {
                cloud: CLOUD,
                snapshot: lab.node_snapshot(&node).await,
                node,
            })
        }
        _ => modification_or_deletion(lab, action).await,
    }
}

async fn modification_or_deletion(lab: &Lab, action: &str) -> Box<dyn Work> {
    match action {
        "AttachVolume" => {
            let (node, id) = (lab.node().await, lab.volume().await);
            let change = VolumeChange::Attach(VolumeAttach { node, device: None });
            modify(id, change)
        }
        "DetachVolume" => {
            let (node, volume) = lab.attached().await;
            modify(volume, VolumeChange::Detach(node))
        }
        "ExtendVolume" => modify(lab.volume().await, VolumeChange::Extend(3)),
        "AssociateAddress" => {
            let (node, id) = (lab.node().await, lab.address().await);
            let to = AddressAssociate {
                node,
                fixed_ip: None,
            };
            modify(id, AddressChange::Associate(to))
        }
        "DisassociateAddress" => {
            let (node, id) = (lab.node().await, lab.address().await);
            let to = AddressAssociate {
                node,
                fixed_ip: None,
            };
            let addresses = lab.driver.addresses().unwrap();
            addresses
                .associate_address(&lab.cx, &id, &to)
                .await
                .unwrap();
            modify(id, AddressChange::Disassociate)
        }
        "DeleteVolume" => Box::new(Delete::<Volume>::new(CLOUD, lab.volume().await)),
        "DeleteVolumeSnapshot" => {
            let id = lab.made(lab.volume_snapshot().await).await;
            Box::new(Delete::<VolumeSnapshot>::new(CLOUD, id))
        }
        "DeleteNodeSnapshot" => {
            let id = lab.node_snapshot(&lab.node().await).await;
            Box::new(Delete::<NodeSnapshot>::new(CLOUD, id))
        }
        "DeleteImage" => {
            let id = lab.made(lab.image_create().await).await;
            Box::new(Delete::<Image>::new(CLOUD, id))
        }
        "DeleteNetwork" => Box::new(Delete::<Network>::new(CLOUD, lab.network().await)),
        "DeleteSubnet" => {
            let id = lab.made(lab.subnet_create().await).await;
            Box::new(Delete::<Subnet>::new(CLOUD, id))
        }
        "UpdateRouter" => {
            let update = RouterUpdate {
                name: Some("edge-2".into()),
                gateway: Some(cloudfarm_contract::model::RouterGateway::Off),
            };
            modify(lab.router().await, RouterChange::Update(update))
        }
        "AttachRouterSubnet" => {
            let (router, subnet) = lab.router_and_subnet().await;
            modify(router, RouterChange::Attach(subnet))
        }
        "DetachRouterSubnet" => {
            let (router, subnet) = lab.router_and_subnet().await;
            let routers = lab.driver.routers().unwrap();
            let attached = routers.attach_router_subnet(&lab.cx, &router, &subnet);
            attached.await.unwrap();
            modify(router, RouterChange::Detach(subnet))
        }
        "DeleteRouter" => Box::new(Delete::<Router>::new(CLOUD, lab.router().await)),
        "DeleteSecurityGroup" => Box::new(Delete::<SecurityGroup>::new(CLOUD, lab.group().await)),
        "ReleaseAddress" => Box::new(Delete::<Address>::new(CLOUD, lab.address().await)),
        "DeleteKeyPair" => {
            let request = KeyPairCreate {
                name: "me".into(),
                ..KeyPairCreate::default()
            };
            Box::new(Delete::<KeyPair>::new(CLOUD, lab.made(request).await))
        }
        other => panic!("there is no scene for {other}"),
    }
}

fn modify<M: cloudfarm::jobs::kinds::Modification>(id: Text, change: M) -> Box<dyn Work> {
    let cloud = CLOUD;
    Box::new(Modify { cloud, id, change })
}

/// What a node went through before, and the change.
async fn node_change(lab: &Lab, action: &str) -> Option<(Vec<Change>, Change)> {
    let larger = async || Change::Resize(lab.sizes().await[2].id.clone());
    let rescue = || Change::Rescue(RescueRequest::default());
    Some(match action {
        "DestroyNode" => (vec![], Change::Destroy),
        "StartNode" => (vec![Change::Stop], Change::Start),
        "StopNode" => (vec![], Change::Stop),
        "RebootNode" => (vec![], Change::Reboot(RebootKind::Soft)),
        "UpdateNode" => {
            let metadata = MetadataChange {
                set: Metadata::from_iter([("team".into(), "red".into())]),
                remove: vec![],
            };
            let change = Change::Update {
                name: Some("web-2".into()),
                metadata: Some(metadata),
            };
            (vec![], change)
        }
        "ResizeNode" => (vec![], larger().await),
        "ConfirmResize" => (vec![larger().await], Change::ConfirmResize),
        "RevertResize" => (vec![larger().await], Change::RevertResize),
        "RebuildNode" => {
            let request = RebuildRequest {
                image: list::<Image>(lab).await[1].id.clone(),
                ..RebuildRequest::default()
            };
            (vec![], Change::Rebuild(request))
        }
        "SuspendNode" => (vec![], Change::Suspend),
        "ResumeNode" => (vec![Change::Suspend], Change::Resume),
        "PauseNode" => (vec![], Change::Pause),
        "UnpauseNode" => (vec![Change::Pause], Change::Unpause),
        "ShelveNode" => (vec![], Change::Shelve),
        "UnshelveNode" => (vec![Change::Shelve], Change::Unshelve),
        "RescueNode" => (vec![], rescue()),
        "UnrescueNode" => (vec![rescue()], Change::Unrescue),
        "ChangePassword" => (
            vec![],
            Change::ChangePassword(Secret::new("hunter2hunter2")),
        ),
        _ => return None,
    })
}

/// A node of the lab.
pub(crate) async fn only_node(lab: &Lab) -> Node {
    let mut nodes = list::<Node>(lab).await;
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    nodes.remove(0)
}
