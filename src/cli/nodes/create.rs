//! `nodes create`.

use clap::Args;
use cloudfarm_contract::model::RootVolume;
use serde_json::{Map, Value, json};

use super::leases::EndArgs;
use crate::cli::change::{Change, Telling, carry_out};
use crate::cli::failure::Result;
use crate::cli::filters::CloudArg;
use crate::cli::input::{PasswordArgs, key_json, key_value, text_or_file};
use crate::cli::secrets::{Handover, SaveArgs};
use crate::cli::session::Session;
use crate::cli::wait::WaitArgs;
use crate::leases::NodeView;

pub(super) const EXAMPLES: &str =
    "Images and sizes are chosen by id, by name, by a glob (the newest match), or sizes by what is
needed of them (the smallest that fits).

Examples:
  cloudfarm nodes create web-1 --image 'ubuntu-24*' --size 'ram>=2048,vcpus>=2' --wait
  cloudfarm nodes create web-1 web-2 web-3 --image 'debian-12*' --size small --wait
  cloudfarm nodes create db-1 --cloud lab --image 'debian-12*' --size large --key-pair me \\
      --network backend,ip=10.0.0.5 --security-group db --root-volume 50,kind=ssd \\
      --metadata role=db --user-data @setup.sh
  cloudfarm nodes create lab-1 --image 'ubuntu-24*' --size small --expires-in 8h
  cloudfarm nodes create win-1 --image windows --size large --wait --save password.txt";

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The name of the node; several names make several nodes
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The image: an id, a name, or a glob that takes the newest match
    #[arg(long, short = 'i')]
    image: String,
    /// The size: an id, a name, or a need, as 'ram>=2048,vcpus>=2', that takes the smallest that
    /// fits
    #[arg(long, short = 's')]
    size: String,
    /// Where it shall be
    #[arg(long)]
    location: Option<String>,
    /// The key pair that opens it
    #[arg(long, short = 'k')]
    key_pair: Option<String>,
    /// What it runs at its first boot: the text, @FILE, or - for stdin
    #[arg(long, value_name = "TEXT|@FILE|-")]
    user_data: Option<String>,
    #[command(flatten)]
    password: PasswordArgs,
    /// An item of metadata; may be repeated
    #[arg(long, short = 'm', value_name = "KEY=VALUE", value_parser = key_value)]
    metadata: Vec<(String, String)>,
    /// A network of its own interface; may be repeated, in the order of the interfaces
    #[arg(long, short = 'n', value_name = "NET[,subnet=S][,ip=IP]", value_parser = network)]
    network: Vec<Value>,
    /// A security group; may be repeated
    #[arg(long, short = 'g', value_name = "GROUP")]
    security_group: Vec<String>,
    /// Boot from a new volume of so many gigabytes; `delete` lets it go with the node
    #[arg(long, value_name = "GB[,kind=K][,delete]", value_parser = root_volume)]
    root_volume: Option<RootVolume>,
    /// What only the engine of the cloud knows; the value is JSON or plain text; may be repeated
    #[arg(long, value_name = "KEY=JSON", value_parser = key_json)]
    option: Vec<(String, Value)>,
    #[command(flatten)]
    end: EndArgs,
    /// Do not let it be destroyed until the protection is taken off
    #[arg(long)]
    protect: bool,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

impl CreateArgs {
    pub(super) async fn run(mut self, session: &Session, cloud: &CloudArg) -> Result<()> {
        // A secret that nobody waits for cannot be saved.
        self.wait.wait |= self.save.save.is_some();
        let user_data = self.user_data.as_deref().map(text_or_file).transpose()?;
        let password = self.password.read()?;
        let mut body = self.body();
        if let Some(user_data) = user_data {
            body.insert("user_data".to_owned(), user_data.into());
        }
        if let Some(password) = password {
            body.insert("admin_password".to_owned(), password.expose().into());
        }
        let mut changes = Vec::with_capacity(self.names.len());
        for name in &self.names {
            body.insert("name".to_owned(), name.as_str().into());
            changes.push(Change::post(name, &["clouds", &cloud.cloud, "nodes"]).with(&body)?);
        }
        let handover = Handover::new(&self.save)?;
        let telling = Telling::remains("created");
        carry_out::<NodeView>(session, changes, &self.wait, telling, handover).await
    }

    /// The request, without what is secret and what differs from node to node.
    fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        let mut add = |key: &str, value: Value| body.insert(key.to_owned(), value);
        add("image", json!(self.image));
        add("size", json!(self.size));
        if let Some(location) = &self.location {
            add("location", json!(location));
        }
        if let Some(key_pair) = &self.key_pair {
            add("key_pair", json!(key_pair));
        }
        if !self.metadata.is_empty() {
            let items = self.metadata.iter().cloned();
            add(
                "metadata",
                items
                    .collect::<std::collections::BTreeMap<_, _>>()
                    .into_iter()
                    .collect(),
            );
        }
        if !self.network.is_empty() {
            add("networks", json!(self.network));
        }
        if !self.security_group.is_empty() {
            add("security_groups", json!(self.security_group));
        }
        if let Some(volume) = &self.root_volume {
            add("root_volume", json!(volume));
        }
        if let Some(end) = self.end.read() {
            add("expires_at", json!(end));
        }
        if self.protect {
            add("protected", json!(true));
        }
        if !self.option.is_empty() {
            add("options", self.option.iter().cloned().collect());
        }
        body
    }
}

/// Reads `NET[,subnet=S][,ip=IP]`.
fn network(text: &str) -> Result<Value, String> {
    let mut parts = text.split(',');
    let mut network = json!({ "network": parts.next().unwrap_or_default() });
    for part in parts {
        match part.split_once('=') {
            Some((key @ ("subnet" | "ip"), value)) => network[key] = json!(value),
            _ => return Err(format!("{part:?} is neither subnet=NAME nor ip=ADDRESS")),
        }
    }
    Ok(network)
}

/// Reads `GB[,kind=K][,delete]`.
fn root_volume(text: &str) -> Result<RootVolume, String> {
    let mut parts = text.split(',');
    let size = parts.next().unwrap_or_default();
    let mut volume = RootVolume {
        size_gb: size
            .parse()
            .map_err(|_| format!("{size:?} is not a number of gigabytes"))?,
        kind: None,
        delete_with_node: false,
    };
    for part in parts {
        match part.split_once('=') {
            None if part == "delete" => volume.delete_with_node = true,
            Some(("kind", kind)) => volume.kind = Some(kind.into()),
            _ => return Err(format!("{part:?} is neither kind=NAME nor delete")),
        }
    }
    Ok(volume)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::{CreateArgs, network, root_volume};
    use crate::api::NodeCreateBody;

    #[derive(Debug, Parser)]
    struct Words {
        #[command(flatten)]
        args: CreateArgs,
    }

    #[test]
    fn every_option_is_one_of_the_api() {
        let words = "create web-1 --image a --size b --location c --key-pair d --metadata e=f \
                     --network g,subnet=h,ip=10.0.0.1 --security-group i \
                     --root-volume 50,kind=ssd,delete --option k=[1] \
                     --expires-at 2030-01-01T00:00:00Z --protect";
        let words = Words::try_parse_from(words.split_whitespace()).unwrap();
        let mut body = words.args.body();
        body.insert("name".to_owned(), "web-1".into());
        let body: NodeCreateBody = serde_json::from_value(Value::Object(body)).unwrap();
        assert_eq!(body.location.as_deref(), Some("c"));
        assert_eq!(body.key_pair.as_deref(), Some("d"));
        assert_eq!(body.metadata["e"], "f");
        assert_eq!(body.networks[0].subnet.as_deref(), Some("h"));
        assert_eq!(body.security_groups, ["i"]);
        assert!(body.root_volume.unwrap().delete_with_node);
        assert_eq!(body.options["k"][0], 1);
        assert_eq!(body.expires_at.unwrap().to_string(), "2030-01-01T00:00:00Z");
        assert!(body.protected);
    }

    #[test]
    fn networks_and_volumes_are_read_from_one_word() {
        let network = network("backend,subnet=a,ip=10.0.0.5").unwrap();
        assert_eq!(network["network"], "backend");
        assert_eq!(network["ip"], "10.0.0.5");
        assert!(super::network("backend,mac=1").is_err());
        let volume = root_volume("50,kind=ssd,delete").unwrap();
        assert_eq!((volume.size_gb, volume.delete_with_node), (50, true));
        assert!(root_volume("big").is_err());
    }
}
