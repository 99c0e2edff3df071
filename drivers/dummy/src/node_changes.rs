//! Nodes: another size, a fresh installation, other metadata, another password.

use cloudfarm_contract::extensions::{
    MetadataChange, NodeMetadata, NodePassword, Rebuild, Resize, ResizeConfirmation,
};
use cloudfarm_contract::model::{Mark, Metadata, NodeAction, NodeSecrets, RebuildRequest};
use cloudfarm_contract::{
    Capabilities, Context, Error, Operation, Result, Secret, Text, async_trait,
};

use crate::driver::DummyDriver;
use crate::node_create::usable_image;
use crate::records::Resized;
use crate::sizes::{self, SIZES};
use crate::states::{Phase, Status};
use crate::usage::Usage;

/// Where a node goes back to once it has changed: what was off stays off.
fn home(status: Option<Status>) -> Status {
    match status {
        Some(Status::Off) => Status::Off,
        _ => Status::Active,
    }
}

/// How much more the second size takes than the first.
fn growth(from: usize, to: usize) -> Usage {
    let (from, to) = (&SIZES[from], &SIZES[to]);
    let vcpus = u64::from(to.vcpus.saturating_sub(from.vcpus));
    let ram_mb = to.ram_mb.saturating_sub(from.ram_mb);
    Usage {
        vcpus,
        ram_mb,
        hosted_vcpus: vcpus,
        hosted_ram_mb: ram_mb,
        ..Usage::default()
    }
}

#[async_trait]
impl Resize for DummyDriver {
    async fn resize_node(&self, cx: &Context, id: &str, size: &str) -> Result<()> {
        self.write_node(cx, Operation::ResizeNode, id, |draft, ordinal, mut node| {
            let to = sizes::index(size)?;
            draft.check_action(ordinal, &node, NodeAction::Resize)?;
            if to == node.size {
                let message = format!("node {id} has the size {size} already");
                return Err(Error::invalid(message).with_field("size"));
            }
            draft.check_room(&growth(node.size, to))?;
            node.resized = Some(Resized {
                from: node.size,
                home: home(node.status(draft.now)),
            });
            node.size = to;
            let (now, time) = (draft.now, draft.rules.times.resize);
            node.phase = Phase::moving(Status::Resizing, now, time, Status::Resized);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl ResizeConfirmation for DummyDriver {
    async fn confirm_resize(&self, cx: &Context, id: &str) -> Result<()> {
        let operation = Operation::ConfirmResize;
        self.write_node(cx, operation, id, |draft, ordinal, mut node| {
            draft.check_action(ordinal, &node, NodeAction::ConfirmResize)?;
            let home = node
                .resized
                .take()
                .map_or(Status::Active, |resized| resized.home);
            let (now, time) = (draft.now, draft.rules.times.resize);
            node.phase = Phase::moving(Status::Confirming, now, time, home);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }

    async fn revert_resize(&self, cx: &Context, id: &str) -> Result<()> {
        let operation = Operation::RevertResize;
        self.write_node(cx, operation, id, |draft, ordinal, mut node| {
            draft.check_action(ordinal, &node, NodeAction::RevertResize)?;
            let mut home = Status::Active;
            if let Some(resized) = node.resized.take() {
                draft.check_room(&growth(node.size, resized.from))?;
                node.size = resized.from;
                home = resized.home;
            }
            let (now, time) = (draft.now, draft.rules.times.resize);
            node.phase = Phase::moving(Status::Reverting, now, time, home);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Rebuild for DummyDriver {
    async fn rebuild_node(
        &self,
        cx: &Context,
        id: &str,
        request: &RebuildRequest,
    ) -> Result<NodeSecrets> {
        self.write_node(
            cx,
            Operation::RebuildNode,
            id,
            |draft, ordinal, mut node| {
                let image = usable_image(draft, &request.image)?;
                draft.check_action(ordinal, &node, NodeAction::Rebuild)?;
                node.image = request.image.clone();
                node.image_name = Some(image.name.clone());
                if let Some(data) = &request.user_data {
                    node.user_data_bytes = data.expose().len();
                }
                let secrets =
                    draft.new_password(ordinal, &mut node, request.admin_password.as_ref());
                let (now, time) = (draft.now, draft.rules.times.rebuild);
                let home = home(node.status(now));
                node.phase = Phase::moving(Status::Rebuilding, now, time, home);
                draft.put(ordinal, node);
                Ok(secrets)
            },
        )
        .await
    }
}

/// Refuses metadata that the cloud does not take.
pub(crate) fn check_metadata(capabilities: &Capabilities, metadata: &Metadata) -> Result<()> {
    let too_long = |length: usize, max: Option<u32>| max.is_some_and(|max| length > max as usize);
    let refuse = |key: &str, why: &'static str| {
        Err(Error::invalid(why).with_field(format!("metadata.{key}")))
    };
    for (key, value) in metadata {
        if key.is_empty() {
            return refuse(key, "a key of metadata is empty");
        }
        if key == Mark::KEY {
            return refuse(key, "this key is kept for the mark");
        }
        if too_long(key.len(), capabilities.node_metadata_key_length_max) {
            return refuse(key, "a key of metadata has at most 255 bytes");
        }
        if too_long(value.len(), capabilities.node_metadata_value_length_max) {
            return refuse(key, "a value of metadata has at most 255 bytes");
        }
    }
    let items = metadata.len();
    match capabilities.node_metadata_items_max {
        Some(max) if items > max as usize => Err(Error::quota_exceeded(format!(
            "quota metadata leaves no room: {items} items wanted, at most {max} are possible"
        ))),
        _ => Ok(()),
    }
}

#[async_trait]
impl NodeMetadata for DummyDriver {
    async fn set_node_metadata(
        &self,
        cx: &Context,
        id: &str,
        change: &MetadataChange,
    ) -> Result<()> {
        let operation = Operation::SetNodeMetadata;
        self.write_node(cx, operation, id, |draft, ordinal, mut node| {
            draft.check_action(ordinal, &node, NodeAction::SetMetadata)?;
            for key in &change.remove {
                node.metadata.remove(key);
            }
            let set = change.set.iter();
            node.metadata
                .extend(set.map(|(key, value): (&Text, &Text)| (key.clone(), value.clone())));
            check_metadata(&draft.rules.capabilities, &node.metadata)?;
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl NodePassword for DummyDriver {
    /// Nobody can log in here, so the password is forgotten at once.
    async fn set_node_password(&self, cx: &Context, id: &str, password: &Secret) -> Result<()> {
        let operation = Operation::SetNodePassword;
        self.write_node(cx, operation, id, |draft, ordinal, node| {
            if password.is_empty() {
                return Err(Error::invalid("the password is empty").with_field("password"));
            }
            draft.check_action(ordinal, &node, NodeAction::ChangePassword)
        })
        .await
    }
}
