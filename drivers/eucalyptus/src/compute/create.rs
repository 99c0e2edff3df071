//! A node is made.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::model::{Node, NodeCreate, NodeCreated, NodeSecrets};
use cloudfarm_contract::{Context, Error, Result, SideEffect, Text, read_options};
use serde::Deserialize;
use serde_json::Value;

use super::changes::check_metadata;
use super::refused::about_field;
use super::wire::Started;
use crate::driver::Ec2Driver;
use crate::marks::{client_token, tags};
use crate::query::Query;

/// What only this engine knows.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The name of an instance profile.
    iam_instance_profile: Option<String>,
    /// `dedicated` or `host`.
    tenancy: Option<String>,
    /// The name of a placement group.
    placement_group: Option<String>,
    /// Whether it is optimised for volumes.
    ebs_optimized: Option<bool>,
    /// Whether it is watched closely.
    monitoring: Option<bool>,
    /// Whether the API refuses to terminate it.
    termination_protection: Option<bool>,
    /// `required` to refuse version 1 of the metadata service.
    metadata_http_tokens: Option<String>,
    /// Whether it gets a public address.
    public_ip: Option<bool>,
    /// The kernel image, on Eucalyptus.
    kernel: Option<String>,
    /// The ramdisk image, on Eucalyptus.
    ramdisk: Option<String>,
}

impl Options {
    fn set(&self, call: Query) -> Query {
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
        call.set_if(
            "IamInstanceProfile.Name",
            self.iam_instance_profile.as_deref(),
        )
        .set_if("Placement.Tenancy", self.tenancy.as_deref())
        .set_if("Placement.GroupName", self.placement_group.as_deref())
        .set_if("EbsOptimized", flag(self.ebs_optimized))
        .set_if("Monitoring.Enabled", flag(self.monitoring))
        .set_if("DisableApiTermination", flag(self.termination_protection))
        .set_if(
            "MetadataOptions.HttpTokens",
            self.metadata_http_tokens.as_deref(),
        )
        .set_if("KernelId", self.kernel.as_deref())
        .set_if("RamdiskId", self.ramdisk.as_deref())
    }
}

impl Ec2Driver {
    pub(crate) async fn run_instance(
        &self,
        cx: &Context,
        request: &NodeCreate,
    ) -> Result<NodeCreated> {
        check_metadata(&request.metadata)?;
        let options: Options = read_options(&request.options)?;
        let call = self.call(cx, request, &options).await?;
        let started: Started = self.session.read(cx, call).await.map_err(about_field)?;
        let instance = started.into_instance().ok_or_else(|| {
            Error::provider_error("the cloud made a node and did not say which")
                .with_side_effect(SideEffect::Done)
        })?;
        let now = self.session.now();
        let none = std::collections::HashMap::new();
        let mut node = super::instance::node(self, instance, &none, now);
        self.newborns.add(&node, now);
        self.tag_afterwards(cx, request, &mut node).await;
        Ok(NodeCreated {
            node,
            secrets: NodeSecrets::default(),
        })
    }

    async fn call(&self, cx: &Context, request: &NodeCreate, options: &Options) -> Result<Query> {
        let wanted = tags(&request.name, request.mark.as_ref(), &request.metadata);
        let mut call = Query::once("RunInstances")
            .set("ImageId", request.image.as_str())
            .set("InstanceType", request.size.as_str())
            .set("MinCount", "1")
            .set("MaxCount", "1")
            .set_if("ClientToken", request.mark.as_ref().map(client_token))
            .set_if("KeyName", request.key_pair.as_ref().map(Text::as_str))
            .set_if(
                "Placement.AvailabilityZone",
                request.location.as_ref().map(Text::as_str),
            )
            .tag_what_is_made("instance", &wanted);
        if let Some(data) = &request.user_data {
            let encoded = BASE64_STANDARD.encode(data.expose());
            call = call.secret("UserData", encoded, data);
        }
        call = self.root_disk(cx, request, call).await?;
        call = options.set(call);
        self.interfaces(cx, request, options.public_ip, call).await
    }

    /// The disk that it boots from has the name that the image gives it.
    async fn root_disk(&self, cx: &Context, request: &NodeCreate, call: Query) -> Result<Query> {
        let Some(disk) = &request.root_volume else {
            return Ok(call);
        };
        let image = self
            .image(cx, &request.image)
            .await
            .map_err(|error| match error.kind() {
                cloudfarm_contract::ErrorKind::NotFound => error.with_field("image"),
                _ => error,
            })?;
        let device = image.extra.get("root_device").and_then(Value::as_str);
        let prefix = "BlockDeviceMapping.1";
        Ok(call
            .set(
                format!("{prefix}.DeviceName"),
                device.unwrap_or("/dev/sda1"),
            )
            .set(format!("{prefix}.Ebs.VolumeSize"), disk.size_gb.to_string())
            .set(
                format!("{prefix}.Ebs.DeleteOnTermination"),
                disk.delete_with_node.to_string(),
            )
            .set_if(
                format!("{prefix}.Ebs.VolumeType"),
                disk.kind.as_ref().map(Text::as_str),
            ))
    }

    /// The interfaces of the instance: one is said in fields of its own, which every version knows.
    async fn interfaces(
        &self,
        cx: &Context,
        request: &NodeCreate,
        public_ip: Option<bool>,
        call: Query,
    ) -> Result<Query> {
        let groups = || request.security_groups.iter().map(Text::as_str);
        let subnets = self.subnets_for(cx, request).await?;
        if subnets.len() <= 1 && public_ip.is_none() {
            let call = call.list("SecurityGroupId", groups());
            let Some((subnet, ip)) = subnets.into_iter().next() else {
                return Ok(call);
            };
            return Ok(call
                .set("SubnetId", subnet.as_str())
                .set_if("PrivateIpAddress", ip.map(|ip| ip.to_string())));
        }
        if subnets.is_empty() {
            return Err(Error::invalid("public_ip goes with networks")
                .with_field("options.public_ip")
                .with_hint("name the network of the node"));
        }
        let interfaces = subnets.into_iter().zip(1..);
        Ok(interfaces.fold(call, |call, ((subnet, ip), index)| {
            let prefix = format!("NetworkInterface.{index}");
            let public = public_ip.filter(|_| index == 1);
            call.set(format!("{prefix}.DeviceIndex"), (index - 1).to_string())
                .set(format!("{prefix}.SubnetId"), subnet.as_str())
                .set_if(
                    format!("{prefix}.PrivateIpAddress"),
                    ip.map(|ip| ip.to_string()),
                )
                .set_if(
                    format!("{prefix}.AssociatePublicIpAddress"),
                    public.map(|public| public.to_string()),
                )
                .list(&format!("{prefix}.SecurityGroupId"), groups())
        }))
    }

    /// Eucalyptus of old knows no tags at creation: it leaves them out and says nothing. The node is
    /// made, so that it has no name yet is no failure.
    async fn tag_afterwards(&self, cx: &Context, request: &NodeCreate, node: &mut Node) {
        let is_tagged = node.name == request.name && node.metadata == request.metadata;
        if !is_tagged {
            let wanted = tags(&request.name, request.mark.as_ref(), &request.metadata);
            let call = Query::change("CreateTags")
                .list("ResourceId", [node.id.as_str()])
                .tags("Tag", &wanted);
            if let Err(error) = self.session.act(cx, call).await {
                log::warn!("node {} was made and could not be tagged: {error}", node.id);
                return;
            }
            node.name = request.name.clone();
            node.metadata = request.metadata.clone();
        }
        node.mark = request.mark.clone();
        self.newborns.add(node, self.session.now());
    }
}
