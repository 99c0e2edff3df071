//! Instances on the wire.

use cloudfarm_contract::Text;
use serde::Deserialize;

use crate::list::Listing;
use crate::marks::Tag;
use crate::xml::{Set, number};

#[derive(Debug, Deserialize)]
pub(crate) struct Instances {
    #[serde(rename = "reservationSet")]
    reservations: Set<Reservation>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reservation {
    #[serde(rename = "groupSet", default)]
    groups: Set<Group>,
    #[serde(rename = "instancesSet")]
    instances: Set<Instance>,
}

impl Reservation {
    /// Where there are no VPCs the groups are those of the reservation.
    fn into_instances(self) -> impl Iterator<Item = Instance> {
        let groups = self.groups;
        self.instances.items.into_iter().map(move |mut instance| {
            if instance.groups.items.is_empty() {
                instance.groups = groups.clone();
            }
            instance
        })
    }
}

impl Listing for Instances {
    type Item = Instance;

    fn split(self) -> (Vec<Instance>, Option<String>) {
        let all = self.reservations.items.into_iter();
        (
            all.flat_map(Reservation::into_instances).collect(),
            self.next,
        )
    }

    fn id(item: &Instance) -> &str {
        &item.id
    }
}

impl Instances {
    pub(crate) fn into_instance(self) -> Option<Instance> {
        self.split().0.into_iter().next()
    }
}

/// The answer to `RunInstances` is a reservation.
#[derive(Debug, Deserialize)]
pub(crate) struct Started {
    #[serde(rename = "groupSet", default)]
    groups: Set<Group>,
    #[serde(rename = "instancesSet")]
    instances: Set<Instance>,
}

impl Started {
    pub(crate) fn into_instance(self) -> Option<Instance> {
        let reservation = Reservation {
            groups: self.groups,
            instances: self.instances,
        };
        reservation.into_instances().next()
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Group {
    #[serde(rename = "groupId", default)]
    pub(crate) id: Text,
    #[serde(rename = "groupName", default)]
    pub(crate) name: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Code {
    #[serde(default)]
    pub(crate) name: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Reason {
    #[serde(default)]
    pub(crate) code: Text,
    #[serde(default)]
    pub(crate) message: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Placement {
    #[serde(rename = "availabilityZone", default)]
    pub(crate) zone: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Instance {
    #[serde(rename = "instanceId")]
    pub(crate) id: Text,
    #[serde(rename = "instanceState", default)]
    pub(crate) state: Code,
    #[serde(rename = "stateReason", default)]
    pub(crate) state_reason: Option<Reason>,
    #[serde(rename = "imageId", default)]
    pub(crate) image: Option<Text>,
    #[serde(rename = "instanceType", default)]
    pub(crate) kind: Option<Text>,
    #[serde(rename = "keyName", default)]
    pub(crate) key_name: Option<Text>,
    #[serde(rename = "launchTime", default)]
    pub(crate) launched_at: Option<Text>,
    #[serde(default)]
    pub(crate) placement: Placement,
    #[serde(rename = "ipAddress", default)]
    pub(crate) public_ip: Option<Text>,
    #[serde(rename = "privateIpAddress", default)]
    pub(crate) private_ip: Option<Text>,
    #[serde(rename = "dnsName", default)]
    pub(crate) dns_name: Option<Text>,
    #[serde(rename = "privateDnsName", default)]
    pub(crate) private_dns_name: Option<Text>,
    #[serde(rename = "vpcId", default)]
    pub(crate) vpc: Option<Text>,
    #[serde(rename = "subnetId", default)]
    pub(crate) subnet: Option<Text>,
    #[serde(rename = "groupSet", default)]
    pub(crate) groups: Set<Group>,
    #[serde(rename = "tagSet", default)]
    pub(crate) tags: Set<Tag>,
    #[serde(rename = "clientToken", default)]
    pub(crate) client_token: Option<Text>,
    #[serde(rename = "rootDeviceName", default)]
    pub(crate) root_device: Option<Text>,
    #[serde(rename = "rootDeviceType", default)]
    pub(crate) root_device_type: Option<Text>,
    #[serde(default)]
    pub(crate) architecture: Option<Text>,
    #[serde(default)]
    pub(crate) platform: Option<Text>,
    #[serde(rename = "blockDeviceMapping", default)]
    pub(crate) disks: Set<Disk>,
    #[serde(rename = "networkInterfaceSet", default)]
    pub(crate) interfaces: Set<Interface>,
    #[serde(rename = "instanceLifecycle", default)]
    pub(crate) lifecycle: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Disk {
    #[serde(rename = "deviceName", default)]
    pub(crate) device: Text,
    #[serde(default)]
    pub(crate) ebs: Option<Ebs>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ebs {
    #[serde(rename = "volumeId", default)]
    pub(crate) volume: Option<Text>,
    #[serde(rename = "snapshotId", default)]
    pub(crate) snapshot: Option<Text>,
    #[serde(rename = "volumeSize", default, deserialize_with = "number")]
    pub(crate) size_gb: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Interface {
    #[serde(rename = "vpcId", default)]
    pub(crate) vpc: Option<Text>,
    #[serde(rename = "groupSet", default)]
    pub(crate) groups: Set<Group>,
    #[serde(default)]
    pub(crate) association: Option<Association>,
    #[serde(rename = "privateIpAddress", default)]
    pub(crate) private_ip: Option<Text>,
    #[serde(rename = "privateIpAddressesSet", default)]
    pub(crate) private_ips: Set<PrivateIp>,
    #[serde(rename = "ipv6AddressesSet", default)]
    pub(crate) ipv6: Set<Ipv6>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PrivateIp {
    #[serde(rename = "privateIpAddress", default)]
    pub(crate) ip: Option<Text>,
    #[serde(default)]
    pub(crate) association: Option<Association>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Association {
    #[serde(rename = "publicIp", default)]
    pub(crate) ip: Option<Text>,
    #[serde(rename = "ipOwnerId", default)]
    pub(crate) owner: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ipv6 {
    #[serde(rename = "ipv6Address", default)]
    pub(crate) ip: Option<Text>,
}

impl Instance {
    /// Whether it has an address of which it does not say whether it is elastic. In a VPC it does.
    pub(crate) fn hides_its_addresses(&self) -> bool {
        let has_public = self.public_ip.as_deref().is_some_and(|ip| !ip.is_empty());
        has_public && self.interfaces.items.is_empty()
    }
}
