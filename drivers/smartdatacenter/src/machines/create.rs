//! A machine is made.

use cloudfarm_contract::model::{Mark, Node, NodeCreate, NodeCreated, NodeSecrets};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result, Secret};
use serde_json::{Map, Value, json};

use super::options::NodeOptions;
use super::{GROUP_TAG, Machine, Machines};
use crate::call::Call;
use crate::errors::{about_field, made_without_id};

/// What a script is run from at every start, and what cloud-init reads.
const USER_SCRIPT: &str = "user-script";
const CLOUD_INIT: &str = "cloud-init:user-data";

impl Machines {
    pub(crate) async fn create_node(
        &self,
        cx: &Context,
        request: &NodeCreate,
    ) -> Result<NodeCreated> {
        let options = NodeOptions::read(&request.options)?;
        let mut networks = Vec::new();
        for (at, wanted) in request.networks.iter().enumerate() {
            networks.push(self.net.attachment(cx, at, wanted).await?);
        }
        let mut groups = Vec::new();
        for id in &request.security_groups {
            groups.push(self.net.group_name(cx, id).await?);
        }
        let body = body(request, &options, networks, &groups);
        let call = Call::post(&["machines"], Effect::Once).body(body);
        let response = match self.session.ask(cx, &call).await {
            Ok(response) => response,
            Err(error) => return Err(self.create_refused(cx, request, error).await),
        };
        let machine: Machine = match response.json() {
            Ok(machine) => machine,
            Err(_) => self.made_at(cx, response.header("location")).await?,
        };
        let id = machine.id.clone();
        let names = self.names_for(cx, std::slice::from_ref(&machine)).await;
        let admin_password = match options.generated_password {
            true => self.generated_password(cx, &id).await,
            false => None,
        };
        Ok(NodeCreated {
            node: self.as_requested(self.node(machine, &names), request),
            secrets: NodeSecrets { admin_password },
        })
    }

    /// The first answer of some servers leaves out what was only just asked for.
    fn as_requested(&self, mut node: Node, request: &NodeCreate) -> Node {
        node.mark = node.mark.or_else(|| request.mark.clone());
        if node.metadata.is_empty() {
            node.metadata = request.metadata.clone();
        }
        node
    }

    /// The machine at the end of the address that CloudAPI gives for what it made.
    async fn made_at(&self, cx: &Context, location: Option<&str>) -> Result<Machine> {
        let id = location
            .and_then(|location| location.trim_end_matches('/').rsplit('/').next())
            .filter(|id| !id.is_empty())
            .ok_or_else(|| made_without_id("node"))?;
        let found = self.get_machine(cx, id).await;
        found.map_err(|error| error.with_side_effect(cloudfarm_contract::SideEffect::Done))
    }

    /// It is made, whether its password can be read or not.
    async fn generated_password(&self, cx: &Context, id: &str) -> Option<Secret> {
        let call = Call::get(&["machines", id])
            .query("credentials", "true")
            .secret_reply();
        let shown = self
            .session
            .ask(cx, &call)
            .await
            .and_then(|reply| reply.json::<Machine>());
        match shown {
            Ok(machine) => machine.generated_password().map(Secret::new),
            Err(error) => {
                log::warn!("the password of node {id} cannot be read: {error}");
                None
            }
        }
    }

    /// Why a machine was not made, with the field that is wrong. CloudAPI says so in words that
    /// differ from version to version, so what the request names is looked for.
    async fn create_refused(&self, cx: &Context, request: &NodeCreate, error: Error) -> Error {
        if !matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound) {
            return error;
        }
        for (field, collection, id) in [
            ("image", "images", &request.image),
            ("size", "packages", &request.size),
        ] {
            let shown = self.session.ask(cx, &Call::get(&[collection, id])).await;
            if shown
                .is_err_and(|gone| matches!(gone.kind(), ErrorKind::NotFound | ErrorKind::Invalid))
            {
                let hint = format!("there is no {field} {id} to make it from");
                return about_field(&error, field).with_hint(hint);
            }
        }
        match error.field() {
            Some(_) => error,
            None if !request.networks.is_empty() && error.message().contains("network") => {
                about_field(&error, "networks")
            }
            None => about_field(&error, "options"),
        }
    }
}

/// The body of the request.
fn body(
    request: &NodeCreate,
    options: &NodeOptions,
    networks: Vec<Value>,
    groups: &[String],
) -> Value {
    let mut body = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    set("name", Some(Value::from(request.name.as_str())));
    set("image", Some(Value::from(request.image.as_str())));
    set("package", Some(Value::from(request.size.as_str())));
    set(
        "networks",
        (!networks.is_empty()).then(|| Value::Array(networks)),
    );
    let list = |items: &[Map<String, Value>]| (!items.is_empty()).then(|| json!(items));
    set(
        "affinity",
        (!options.affinity.is_empty()).then(|| json!(options.affinity)),
    );
    set("volumes", list(&options.volumes));
    set("disks", list(&options.disks));
    set(
        "brand",
        options
            .brand
            .as_ref()
            .map(|brand| Value::from(brand.as_str())),
    );
    let firewall = options
        .firewall_enabled
        .or((!groups.is_empty()).then_some(true));
    for (key, wanted) in [
        ("firewall_enabled", firewall),
        ("deletion_protection", options.deletion_protection),
        ("allow_shared_images", options.allow_shared_images),
        ("encrypted", options.encrypted),
        ("delegated_dataset", options.delegated_dataset),
    ] {
        set(key, wanted.map(Value::from));
    }
    for (key, value) in &request.metadata {
        set(&format!("tag.{key}"), Some(tag_value(key, value)));
    }
    for name in groups {
        set(&format!("tag.{GROUP_TAG}{name}"), Some(Value::from("true")));
    }
    if let Some(mark) = &request.mark {
        set(
            &format!("tag.{}", Mark::KEY),
            Some(Value::from(mark.as_str())),
        );
    }
    for (key, value) in &options.metadata {
        set(&format!("metadata.{key}"), Some(value.clone()));
    }
    if let Some(user_data) = &request.user_data {
        let key = options
            .user_data_key
            .as_deref()
            .unwrap_or_else(|| user_data_key(user_data));
        set(
            &format!("metadata.{key}"),
            Some(Value::from(user_data.expose())),
        );
    }
    Value::Object(body)
}

/// Where user data goes: cloud-init's own forms to cloud-init, scripts to where every image of
/// SmartDataCenter looks for one.
fn user_data_key(user_data: &Secret) -> &'static str {
    let text = user_data.expose().trim_start();
    let is_for_cloud_init = [
        "#cloud-",
        "#include",
        "#upstart-",
        "#part-",
        "## template:",
        "Content-Type:",
        "MIME-Version:",
    ]
    .iter()
    .any(|start| text.starts_with(start));
    if is_for_cloud_init {
        CLOUD_INIT
    } else {
        USER_SCRIPT
    }
}

/// Tags of the provider's own are truths where they say so, and refused as texts.
pub(super) fn tag_value(name: &str, value: &str) -> Value {
    match value {
        "true" if name.starts_with("triton.") => Value::Bool(true),
        "false" if name.starts_with("triton.") => Value::Bool(false),
        _ => Value::from(value),
    }
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Secret;
    use serde_json::json;

    use super::{tag_value, user_data_key};

    #[test]
    fn user_data_goes_where_it_is_read() {
        for (text, key) in [
            ("#!/bin/sh\ntrue", "user-script"),
            ("echo hello", "user-script"),
            ("#cloud-config\nusers: []", "cloud-init:user-data"),
            ("#include\nhttp://x", "cloud-init:user-data"),
            ("MIME-Version: 1.0\n", "cloud-init:user-data"),
        ] {
            assert_eq!(user_data_key(&Secret::new(text)), key, "{text}");
        }
    }

    #[test]
    fn the_providers_own_tags_keep_their_type() {
        assert_eq!(tag_value("triton.cns.disable", "true"), json!(true));
        assert_eq!(tag_value("triton.cns.services", "web"), json!("web"));
        assert_eq!(tag_value("mine", "true"), json!("true"));
    }
}
