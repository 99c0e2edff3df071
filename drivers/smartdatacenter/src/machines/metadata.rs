//! Tags, which are what the contract calls metadata: lists can be filtered by them.

use cloudfarm_contract::extensions::{MetadataChange, NodeMetadata};
use cloudfarm_contract::model::{Mark, NodeAction};
use cloudfarm_contract::{Context, Effect, Error, Result, async_trait};
use serde_json::{Map, Value};

use super::create::tag_value;
use super::{GROUP_TAG, Machines};
use crate::call::Call;
use crate::errors::gone_is_fine;

#[async_trait]
impl NodeMetadata for Machines {
    async fn set_node_metadata(
        &self,
        cx: &Context,
        id: &str,
        change: &MetadataChange,
    ) -> Result<()> {
        let keys = change.set.keys().chain(&change.remove);
        for key in keys {
            if *key == *Mark::KEY || key.starts_with(GROUP_TAG) {
                return Err(
                    Error::invalid(format!("the key {key} is kept for cloudfarm"))
                        .with_field("metadata"),
                );
            }
        }
        let machine = self.get_machine(cx, id).await?;
        let there: Vec<&str> = machine.tags().collect();
        for key in change
            .remove
            .iter()
            .filter(|key| there.contains(&key.as_str()))
        {
            let call = Call::delete(&["machines", id, "tags", key]);
            gone_is_fine(self.session.ask(cx, &call).await)
                .map_err(|error| self.refused(error, NodeAction::SetMetadata))?;
        }
        if change.set.is_empty() {
            return Ok(());
        }
        let tags: Map<String, Value> = change
            .set
            .iter()
            .map(|(key, value)| (key.to_string(), tag_value(key, value)))
            .collect();
        let call =
            Call::post(&["machines", id, "tags"], Effect::Idempotent).body(Value::Object(tags));
        match self.session.ask(cx, &call).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == cloudfarm_contract::ErrorKind::Invalid => {
                Err(error.with_field("metadata"))
            }
            Err(error) => Err(self.refused(error, NodeAction::SetMetadata)),
        }
    }
}
