//! Volumes go on nodes, and come off.

use std::collections::HashSet;

use cloudfarm_contract::extensions::Volumes as _;
use cloudfarm_contract::model::VolumeAttach;
use cloudfarm_contract::{Context, Error, ErrorKind, Result, Text};

use crate::compute::is_id;
use crate::compute::wire::Instances;
use crate::driver::Ec2Driver;
use crate::errors::{is_code, unknown};
use crate::query::Query;

impl Ec2Driver {
    pub(super) async fn attach(&self, cx: &Context, id: &str, to: &VolumeAttach) -> Result<()> {
        if !is_id(id, &["vol-"]) {
            return Err(unknown("volume", id));
        }
        if !is_id(&to.node, &["i-"]) {
            return Err(unknown("node", &to.node));
        }
        let device = match &to.device {
            Some(device) => device.to_string(),
            None => self.free_device(cx, &to.node).await?,
        };
        let call = Query::change("AttachVolume")
            .set("VolumeId", id)
            .set("InstanceId", to.node.as_str())
            .set("Device", device);
        let error = match self.session.act(cx, call).await {
            Err(error) if error.kind() == ErrorKind::Conflict => error,
            result => return result,
        };
        let volume = self.get_volume(cx, id).await?;
        if volume.attachments.iter().any(|at| at.node == to.node) {
            return Ok(());
        }
        Err(error)
    }

    pub(super) async fn detach(&self, cx: &Context, id: &str, node: &str) -> Result<()> {
        if !is_id(id, &["vol-"]) {
            return Err(unknown("volume", id));
        }
        let call = Query::change("DetachVolume")
            .set("VolumeId", id)
            .set("InstanceId", node);
        let error = match self.session.act(cx, call).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let may_be_off = error.kind() == ErrorKind::NotFound
            || is_code(&error, &["IncorrectState", "InvalidAttachment.NotFound"])
            || error.kind() == ErrorKind::Invalid;
        if !may_be_off {
            return Err(error);
        }
        let volume = self.get_volume(cx, id).await?;
        if volume.attachments.iter().any(|at| at.node == *node) {
            return Err(error);
        }
        Ok(())
    }

    /// The API wants a name for the device, though the guest may see another.
    async fn free_device(&self, cx: &Context, node: &str) -> Result<String> {
        let call = Query::read("DescribeInstances").list("InstanceId", [node]);
        let instances: Instances = self.session.read(cx, call).await?;
        let instance = instances
            .into_instance()
            .ok_or_else(|| unknown("node", node))?;
        let taken: HashSet<Text> = instance.disks.items.into_iter().map(|d| d.device).collect();
        let is_free = |letter: &char| {
            let names = ["sd", "vd", "xvd"].map(|kind| format!("/dev/{kind}{letter}"));
            let short = ["sd", "vd", "xvd"].map(|kind| format!("{kind}{letter}"));
            !names
                .iter()
                .chain(&short)
                .any(|name| taken.contains(name.as_str()))
        };
        let letter = ('f'..='z').find(is_free).ok_or_else(|| {
            Error::quota_exceeded(format!("node {node} has no free name for a device"))
        })?;
        Ok(format!("/dev/sd{letter}"))
    }
}
