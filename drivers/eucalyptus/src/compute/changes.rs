//! Name, metadata and size of a node that is there.

use cloudfarm_contract::extensions::{MetadataChange, NodeMetadata, Resize};
use cloudfarm_contract::model::{Mark, NodeAction};
use cloudfarm_contract::{Context, Error, ErrorKind, Result, Text, async_trait};

use super::checked;
use crate::driver::Ec2Driver;
use crate::errors::{again, is_code};
use crate::marks::NAME;
use crate::query::Query;

impl Ec2Driver {
    pub(crate) async fn rename(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        if name.is_empty() {
            return Err(Error::invalid("a name cannot be empty").with_field("name"));
        }
        let call = Query::change("CreateTags")
            .list("ResourceId", [checked(id)?])
            .tags("Tag", [(&Text::from_static(NAME), &Text::from(name))]);
        let result = self.session.act(cx, call).await;
        self.settled(cx, id, NodeAction::Rename, result)
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::Invalid => again(&error, ErrorKind::Invalid).with_field("name"),
                _ => error,
            })
    }
}

/// Tags that are not the owner's to change as metadata.
fn refuse_own_tags<'k>(keys: impl Iterator<Item = &'k Text>) -> Result<()> {
    for key in keys {
        if matches!(key.as_str(), NAME | Mark::KEY) || key.starts_with("aws:") {
            return Err(
                Error::invalid(format!("{key} is not an item of metadata here"))
                    .with_field("metadata")
                    .with_hint("it is a tag of the cloud's own; the name is changed by rename"),
            );
        }
    }
    Ok(())
}

pub(super) fn check_metadata(metadata: &cloudfarm_contract::model::Metadata) -> Result<()> {
    refuse_own_tags(metadata.keys())
}

#[async_trait]
impl NodeMetadata for Ec2Driver {
    async fn set_node_metadata(
        &self,
        cx: &Context,
        id: &str,
        change: &MetadataChange,
    ) -> Result<()> {
        let id = checked(id)?;
        refuse_own_tags(change.set.keys().chain(&change.remove))?;
        if !change.remove.is_empty() {
            let call = Query::change("DeleteTags").list("ResourceId", [id]);
            let keys = change.remove.iter().zip(1..);
            let call = keys.fold(call, |call, (key, index)| {
                call.set(format!("Tag.{index}.Key"), key.as_str())
            });
            let result = self.session.act(cx, call).await;
            self.settled(cx, id, NodeAction::SetMetadata, result)
                .await?;
        }
        if !change.set.is_empty() {
            let call = Query::change("CreateTags")
                .list("ResourceId", [id])
                .tags("Tag", &change.set);
            let result = self.session.act(cx, call).await;
            self.settled(cx, id, NodeAction::SetMetadata, result)
                .await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Resize for Ec2Driver {
    async fn resize_node(&self, cx: &Context, id: &str, size: &str) -> Result<()> {
        let call = Query::once("ModifyInstanceAttribute")
            .set("InstanceId", checked(id)?)
            .set("InstanceType.Value", size);
        let result = self.session.act(cx, call).await;
        self.settled(cx, id, NodeAction::Resize, result)
            .await
            .map_err(|error| {
                let is_about_size = error.kind() == ErrorKind::Invalid
                    || is_code(&error, &["InvalidInstanceType", "Unsupported"]);
                if is_about_size {
                    return again(&error, ErrorKind::Invalid).with_field("size");
                }
                error
            })
    }
}
