//! Resize, rebuild, metadata, password.

use cloudfarm_contract::extensions::{
    MetadataChange, NodeMetadata, NodePassword, Rebuild, Resize, ResizeConfirmation,
};
use cloudfarm_contract::model::{Mark, NodeAction, NodeSecrets, RebuildRequest};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result, Secret, Text, async_trait};
use serde_json::{Map, Value, json};

use super::power::secrets;
use super::{Compute, create};
use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;
use crate::errors::{about_field, again, as_conflict, says};
use crate::version::Microversion;

/// Since then a rebuild can bring new user data.
const REBUILD_USER_DATA: Microversion = Microversion::new(2, 57);

#[async_trait]
impl Resize for Compute {
    async fn resize_node(&self, cx: &Context, id: &str, size: &str) -> Result<()> {
        let body = json!({"resize": {"flavorRef": size}});
        let acted = self
            .act(cx, id, NodeAction::Resize, Effect::Once, body)
            .await;
        acted.map(drop).map_err(|error| {
            let wrong = matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound);
            if wrong && says(&error, &["flavor"]) {
                about_field(&error, "size")
            } else {
                error
            }
        })
    }
}

#[async_trait]
impl ResizeConfirmation for Compute {
    async fn confirm_resize(&self, cx: &Context, id: &str) -> Result<()> {
        let body = json!({"confirmResize": null});
        let acted = self
            .act(cx, id, NodeAction::ConfirmResize, Effect::Once, body)
            .await;
        acted
            .map(drop)
            .map_err(|error| self.not_resized(error, NodeAction::ConfirmResize))
    }

    async fn revert_resize(&self, cx: &Context, id: &str) -> Result<()> {
        let body = json!({"revertResize": null});
        let acted = self
            .act(cx, id, NodeAction::RevertResize, Effect::Once, body)
            .await;
        acted
            .map(drop)
            .map_err(|error| self.not_resized(error, NodeAction::RevertResize))
    }
}

impl Compute {
    /// "Instance has not been resized" is a 400.
    fn not_resized(&self, error: Error, action: NodeAction) -> Error {
        if error.kind() == ErrorKind::Invalid {
            return self.refused(as_conflict(&error), action);
        }
        error
    }
}

#[async_trait]
impl Rebuild for Compute {
    async fn rebuild_node(
        &self,
        cx: &Context,
        id: &str,
        request: &RebuildRequest,
    ) -> Result<NodeSecrets> {
        let mut rebuild = json!({"imageRef": request.image.as_str()});
        if let Some(password) = &request.admin_password {
            rebuild["adminPass"] = Value::from(password.expose());
        }
        if let Some(user_data) = &request.user_data {
            if !self.session.speaks(cx, COMPUTE, REBUILD_USER_DATA).await? {
                return Err(Error::unsupported(format!(
                    "new user data with a rebuild needs compute api {REBUILD_USER_DATA}"
                ))
                .with_field("user_data"));
            }
            rebuild["user_data"] = create::encoded(user_data);
        }
        let body = json!({"rebuild": rebuild});
        match self
            .act(cx, id, NodeAction::Rebuild, Effect::Once, body)
            .await
        {
            Ok(response) => Ok(secrets(&response)),
            Err(error) => {
                let wrong = matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound);
                let field = super::refused::field_of(&error).filter(|_| wrong);
                Err(field.map_or(error.clone(), |field| about_field(&error, field)))
            }
        }
    }
}

#[async_trait]
impl NodeMetadata for Compute {
    async fn set_node_metadata(
        &self,
        cx: &Context,
        id: &str,
        change: &MetadataChange,
    ) -> Result<()> {
        let names = change.set.keys().chain(&change.remove);
        if names.into_iter().any(|key| key == Mark::KEY) {
            return Err(Error::invalid(format!(
                "{} is the mark of the job that made the node, and stays",
                Mark::KEY
            ))
            .with_field("metadata"));
        }
        if change.set.is_empty() {
            // Nova answers the same for a key and for a node that is not there.
            self.get_node(cx, id).await?;
        } else {
            let items = change.set.iter();
            let items: Map<String, Value> = items
                .map(|(key, value)| (key.as_str().to_owned(), Value::from(value.as_str())))
                .collect();
            let call = Call::post(
                &["servers", id, "metadata"],
                Effect::Idempotent,
                json!({"metadata": items}),
            );
            let set = self.session.ask(cx, COMPUTE, &call).await;
            set.map_err(|error| self.metadata_refused(error))?;
        }
        for key in &change.remove {
            self.remove_item(cx, id, key).await?;
        }
        Ok(())
    }
}

impl Compute {
    async fn remove_item(&self, cx: &Context, id: &str, key: &Text) -> Result<()> {
        let call = Call::delete(&["servers", id, "metadata", key]);
        let removed = crate::errors::gone_is_fine(self.session.ask(cx, COMPUTE, &call).await);
        removed.map_err(|error| self.metadata_refused(error))
    }

    fn metadata_refused(&self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Invalid => about_field(&error, "metadata"),
            ErrorKind::Forbidden if says(&error, &["exceed"]) => {
                again(&error, ErrorKind::QuotaExceeded, error.message().to_owned())
            }
            _ => self.refused(error, NodeAction::SetMetadata),
        }
    }
}

#[async_trait]
impl NodePassword for Compute {
    async fn set_node_password(&self, cx: &Context, id: &str, password: &Secret) -> Result<()> {
        let body = json!({"changePassword": {"adminPass": password.expose()}});
        let action = NodeAction::ChangePassword;
        let acted = self.act(cx, id, action, Effect::Idempotent, body).await;
        acted.map(drop)
    }
}
