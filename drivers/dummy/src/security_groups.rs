//! Security groups and their rules.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Direction, IpVersion, SecurityRuleCreate};

use crate::records::SecurityGroupRecord;

pub(crate) const DEFAULT_NAME: Text = Text::from_static("default");

/// The group of nodes that name none: everything out, nothing in.
pub(crate) fn default_group() -> SecurityGroupRecord {
    let out = |version| SecurityRuleCreate {
        direction: Direction::Egress,
        protocol: None,
        port_min: None,
        port_max: None,
        version: Some(version),
        remote_cidr: None,
        remote_group: None,
    };
    SecurityGroupRecord {
        name: DEFAULT_NAME,
        description: Some("nodes that name no other group".to_owned()),
        rules: vec![(1, out(IpVersion::V4)), (2, out(IpVersion::V6))],
        mark: None,
    }
}
