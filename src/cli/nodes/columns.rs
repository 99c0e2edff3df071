//! Nodes in tables.

use cloudfarm_contract::model::{Node, NodeAddress, SizeRef};

use crate::cli::resource::Resource;
use crate::cli::table::Column;
use crate::cli::text;

impl Resource for Node {
    const NOUN: &'static str = "node";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |node| node.cloud.to_string()),
        Column::new("NAME", |node| node.name.to_string()),
        Column::new("ID", |node| node.id.to_string()),
        Column::new("STATE", state),
        Column::new("IP", ip),
        Column::new("SIZE", |node| {
            text::optional(node.size.as_ref().and_then(size).as_ref())
        }),
        Column::new("IMAGE", |node| {
            node.image.as_ref().map_or_else(
                || text::NOTHING.to_owned(),
                |image| text::name_or_id(Some(&image.id), image.name.as_ref()),
            )
        }),
        Column::wide("LOCATION", |node| text::optional(node.location.as_ref())),
        Column::wide("NATIVE STATE", |node| node.native_state.to_string()),
        Column::wide("PUBLIC IPS", |node| text::list(&node.public_ips)),
        Column::wide("PRIVATE IPS", |node| text::list(&node.private_ips)),
        Column::wide("KEY PAIR", |node| text::optional(node.key_pair.as_ref())),
        Column::wide("METADATA", |node| text::metadata(&node.metadata)),
        Column::wide("CREATED", |node| text::time(node.created_at.as_ref())),
        Column::alone("FAULT", |node| {
            text::optional(node.fault.as_ref().map(|fault| &fault.message))
        }),
        Column::alone("ADDRESSES", |node| {
            text::lines(node.addresses.iter().map(address))
        }),
        Column::alone("SECURITY GROUPS", |node| text::list(&node.security_groups)),
        Column::alone("VOLUMES", |node| text::list(&node.volumes)),
        Column::alone("ACTIONS", |node| text::list(node.actions.iter())),
        Column::alone("OBSERVED", |node| text::time(Some(&node.observed_at))),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

fn state(node: &Node) -> String {
    let busy = if node.busy && !node.state.is_transitional() {
        " (busy)"
    } else {
        ""
    };
    format!("{}{busy}", node.state)
}

/// The address that one would try first.
fn ip(node: &Node) -> String {
    text::optional(node.public_ips.first().or(node.private_ips.first()))
}

fn size(size: &SizeRef) -> Option<String> {
    let known = size.name.as_ref().or(size.id.as_ref());
    known.map(ToString::to_string).or_else(|| {
        let (vcpus, ram) = (size.vcpus?, size.ram_mb?);
        Some(format!("{vcpus} vcpus, {ram} MB"))
    })
}

fn address(address: &NodeAddress) -> String {
    let NodeAddress {
        ip, scope, kind, ..
    } = address;
    match &address.network {
        Some(network) => format!("{ip} ({scope}, {kind}, on {network})"),
        None => format!("{ip} ({scope}, {kind})"),
    }
}
