//! Nodes: what Rackspace says of them beyond Nova, and what it takes less than Nova does.

use cloudfarm_contract::model::{Node, NodeCreate};
use cloudfarm_contract::{Context, Error, NodeQuery, Page, Result, Text, nearest};
use cloudfarm_openstack::ServiceKind;
use serde_json::Value;

use crate::driver::RackspaceDriver;

/// What a node can be made with beyond the contract.
const OPTIONS: &[&str] = &[
    "block_device_mapping_v2",
    "config_drive",
    "disk_config",
    "scheduler_hints",
];

impl RackspaceDriver {
    /// One page of the nodes.
    pub(crate) async fn nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        let region = self.region(cx).await?;
        let mut asked = query.clone();
        if self.readiness.is_asked_for() {
            // Nova does not know which of its active servers have failed.
            asked.states.clear();
        }
        let mut page = self.compute.list_nodes(cx, &asked).await?;
        for node in &mut page.items {
            self.finish(node, Some(&region));
        }
        page.items.retain(|node| query.matches(node));
        Ok(page)
    }

    /// A node of Nova's with what Rackspace says beyond.
    pub(crate) async fn finished(&self, cx: &Context, mut node: Node) -> Result<Node> {
        let region = self.region(cx).await?;
        self.finish(&mut node, Some(&region));
        Ok(node)
    }

    pub(crate) fn finish(&self, node: &mut Node, region: Option<&Text>) {
        node.location = region.cloned();
        if self.readiness.is_asked_for() {
            let before = (node.state, node.busy);
            self.readiness.apply(node);
            if before != (node.state, node.busy) {
                let can = cloudfarm_contract::Driver::capabilities(self);
                node.actions = can.actions(node.state, node.busy);
            }
        }
    }

    /// The region, as the catalog writes it.
    pub(crate) async fn region(&self, cx: &Context) -> Result<Text> {
        let region = self.session.region(cx, ServiceKind::Compute).await?;
        Ok(region.unwrap_or(Text::from_static("default")))
    }
}

/// A request as it is passed on to Nova.
///
/// # Errors
///
/// `invalid` for what Rackspace does not take.
pub(crate) fn checked(request: &NodeCreate) -> Result<NodeCreate> {
    let mut request = request.clone();
    for attachment in &mut request.networks {
        // A network has one range of addresses, which is listed as a subnet of the same id.
        let subnet = attachment.subnet.take();
        if subnet.is_some_and(|subnet| subnet != attachment.network) {
            let message = format!(
                "network {} has no subnets to choose from",
                attachment.network
            );
            return Err(Error::invalid(message).with_field("networks"));
        }
    }
    if let Some(unknown) = request
        .options
        .keys()
        .find(|key| !OPTIONS.contains(&key.as_str()))
    {
        let meant = nearest(unknown, OPTIONS.iter().copied())
            .map_or_else(String::new, |known| format!("did you mean {known:?}? "));
        return Err(Error::invalid(format!("there is no option {unknown:?}"))
            .with_field(format!("options.{unknown}"))
            .with_hint(format!("{meant}the options are: {}", OPTIONS.join(", "))));
    }
    if let Some(disk) = request.options.get_mut("disk_config") {
        *disk = disk_config(disk)?;
    }
    Ok(request)
}

fn disk_config(given: &Value) -> Result<Value> {
    let known = ["AUTO", "MANUAL"];
    let found = known.iter().find(|known| {
        given
            .as_str()
            .is_some_and(|given| given.eq_ignore_ascii_case(known))
    });
    found.map(|known| Value::from(*known)).ok_or_else(|| {
        Error::invalid("disk_config is AUTO or MANUAL")
            .with_field("options.disk_config")
            .with_hint(
                "AUTO grows the root partition to the disk, MANUAL leaves it as in the image",
            )
    })
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Text;
    use cloudfarm_contract::model::{NetworkAttachment, NodeCreate};
    use serde_json::{Value, json};

    use super::checked;

    fn with_options(options: Value) -> NodeCreate {
        NodeCreate {
            options: serde_json::from_value(options).unwrap(),
            ..NodeCreate::default()
        }
    }

    #[test]
    fn disk_config_is_one_of_two_words_in_any_case() {
        let request = checked(&with_options(json!({"disk_config": "manual"}))).unwrap();
        assert_eq!(request.options["disk_config"], "MANUAL");
        for wrong in [json!("auto "), json!(1), json!(null)] {
            let error = checked(&with_options(json!({"disk_config": wrong}))).unwrap_err();
            assert_eq!(error.field().unwrap(), "options.disk_config");
            assert!(error.message().contains("AUTO or MANUAL"), "{error}");
        }
    }

    #[test]
    fn an_option_that_nova_alone_has_is_refused_by_name() {
        let error = checked(&with_options(json!({"tags": ["a"]}))).unwrap_err();
        assert_eq!(error.field().unwrap(), "options.tags");
        assert!(error.hint().unwrap().contains("disk_config"), "{error:?}");
    }

    #[test]
    fn the_only_subnet_of_a_network_goes_without_saying() {
        let attachment = |subnet: &str| NodeCreate {
            networks: vec![NetworkAttachment {
                network: Text::from("net-1"),
                subnet: Some(Text::from(subnet)),
                ip: None,
            }],
            ..NodeCreate::default()
        };
        let request = checked(&attachment("net-1")).unwrap();
        assert_eq!(request.networks[0].subnet, None);
        let error = checked(&attachment("sub-9")).unwrap_err();
        assert_eq!(error.field().unwrap(), "networks");
    }
}
