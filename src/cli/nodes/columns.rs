//! Nodes in tables.

use cloudfarm_contract::model::{Node, NodeAddress, SizeRef};

use crate::cli::resource::Resource;
use crate::cli::table::Column;
use crate::cli::text;
use crate::leases::{Lease, NodeView};

impl Resource for NodeView {
    const NOUN: &'static str = "node";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |view| view.node.cloud.to_string()),
        Column::new("NAME", |view| view.node.name.to_string()),
        Column::new("ID", |view| view.node.id.to_string()),
        Column::new("STATE", |view| state(&view.node)),
        Column::new("IP", |view| ip(&view.node)),
        Column::new("SIZE", |view| {
            text::optional(view.node.size.as_ref().and_then(size).as_ref())
        }),
        Column::new("IMAGE", |view| {
            view.node.image.as_ref().map_or_else(
                || text::NOTHING.to_owned(),
                |image| text::name_or_id(Some(&image.id), image.name.as_ref()),
            )
        }),
        Column::wide("LOCATION", |view| {
            text::optional(view.node.location.as_ref())
        }),
        Column::wide("NATIVE STATE", |view| view.node.native_state.to_string()),
        Column::wide("PUBLIC IPS", |view| text::list(&view.node.public_ips)),
        Column::wide("PRIVATE IPS", |view| text::list(&view.node.private_ips)),
        Column::wide("KEY PAIR", |view| {
            text::optional(view.node.key_pair.as_ref())
        }),
        Column::wide("METADATA", |view| text::metadata(&view.node.metadata)),
        Column::wide("CREATED", |view| text::time(view.node.created_at.as_ref())),
        Column::wide("ASSIGNED TO", |view| {
            text::optional(lease(view).and_then(|lease| lease.assigned_to.as_ref()))
        }),
        Column::wide("EXPIRES", |view| {
            text::time(lease(view).and_then(|lease| lease.expires_at.as_ref()))
        }),
        Column::alone("PURPOSE", |view| {
            text::optional(lease(view).and_then(|lease| lease.purpose.as_ref()))
        }),
        Column::alone("PROTECTED", |view| {
            text::yes_no(lease(view).is_some_and(|lease| lease.protected))
        }),
        Column::alone("FAULT", |view| {
            text::optional(view.node.fault.as_ref().map(|fault| &fault.message))
        }),
        Column::alone("ADDRESSES", |view| {
            text::lines(view.node.addresses.iter().map(address))
        }),
        Column::alone("SECURITY GROUPS", |view| {
            text::list(&view.node.security_groups)
        }),
        Column::alone("VOLUMES", |view| text::list(&view.node.volumes)),
        Column::alone("ACTIONS", |view| text::list(view.node.actions.iter())),
        Column::alone("OBSERVED", |view| text::time(Some(&view.node.observed_at))),
    ];

    fn id(&self) -> String {
        self.node.id.to_string()
    }

    fn name(&self) -> String {
        self.node.name.to_string()
    }
}

fn lease(view: &NodeView) -> Option<&Lease> {
    view.lease.as_deref()
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
