//! Why a node is not made: Nova says it in words alone.

use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{Context, Error, ErrorKind};
use serde::Deserialize;

use super::Compute;
use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::errors::{about_field, again, says};

/// Words in Nova's message, and the field of the request that they are about.
const FIELDS: &[(&[&str], &str)] = &[
    (&["multiple possible networks"], "networks"),
    (&["no valid host"], ""),
    (&["key_name"], "key_pair"),
    (&["keypair"], "key_pair"),
    (&["key pair"], "key_pair"),
    (&["availability zone"], "location"),
    (&["availability_zone"], "location"),
    (&["user_data"], "user_data"),
    (&["user data"], "user_data"),
    (&["security group"], "security_groups"),
    (&["security_group"], "security_groups"),
    (&["zero disk"], "root_volume"),
    (&["volume type"], "root_volume.kind"),
    (&["volume is smaller"], "root_volume.size_gb"),
    (&["image's minimum disk", "volume"], "root_volume.size_gb"),
    (&["flavor"], "size"),
    (&["image"], "image"),
    (&["subnet"], "networks"),
    (&["port "], "options.ports"),
    (&["fixed ip"], "networks"),
    (&["fixed_ip"], "networks"),
    (&["ip address"], "networks"),
    (&["network"], "networks"),
    (&["metadata"], "metadata"),
    (&["adminpass"], "admin_password"),
    (&["scheduler_hints"], "options.scheduler_hints"),
    (&["block device mapping"], "options.block_device_mapping_v2"),
    (&["attribute name"], "name"),
];

/// The field that a refusal is about.
pub(super) fn field_of(error: &Error) -> Option<&'static str> {
    FIELDS
        .iter()
        .find(|(words, _)| says(error, words))
        .map(|(_, field)| *field)
        .filter(|field| !field.is_empty())
}

impl Compute {
    /// Why a node was not made, with the field that is wrong.
    pub(super) async fn create_refused(
        &self,
        cx: &Context,
        request: &NodeCreate,
        error: Error,
    ) -> Error {
        if says(&error, &["multiple possible networks"]) {
            let error = again(
                &error,
                ErrorKind::Invalid,
                "the cloud has several networks, and none is given".to_owned(),
            );
            return self
                .with_network_names(cx, error.with_field("networks"))
                .await;
        }
        if says(&error, &["zero disk"]) {
            return about_field(&error, "root_volume")
                .with_hint("a node of this size has no disk of its own: give it a root_volume");
        }
        let wrong = matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound);
        let Some(field) = field_of(&error).filter(|_| wrong) else {
            return error;
        };
        let error = about_field(&error, field);
        match field {
            "image" => error.with_hint(format!(
                "there is no image {} to make it from",
                request.image
            )),
            "networks" => self.with_network_names(cx, error).await,
            _ => error,
        }
    }

    /// Adds which networks there are, as far as they can be listed.
    async fn with_network_names(&self, cx: &Context, error: Error) -> Error {
        #[derive(Deserialize)]
        struct Reply {
            networks: Vec<Network>,
        }
        #[derive(Deserialize)]
        struct Network {
            id: String,
            #[serde(default)]
            name: String,
        }
        let call = Call::get(&["networks"])
            .query("router:external", "false")
            .query("limit", "20");
        let Ok(listed) = self.session.ask(cx, ServiceKind::Network, &call).await else {
            return error;
        };
        let Ok(reply) = listed.json::<Reply>() else {
            return error;
        };
        if reply.networks.is_empty() {
            return error.with_hint("there are no networks: make one first");
        }
        let named = reply
            .networks
            .iter()
            .map(|n| format!("{} ({})", n.name, n.id));
        let named: Vec<_> = named.collect();
        error.with_hint(format!("the networks are: {}", named.join(", ")))
    }
}
