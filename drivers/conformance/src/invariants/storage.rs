//! Of images, volumes and snapshots.

use cloudfarm_contract::model::{Image, NodeSnapshot, Volume, VolumeSnapshot, VolumeState};

use super::{Answer, Rules, identity, native, no_mark};

impl Answer for Image {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("image", &self.cloud, &self.id, rules, found);
        let what = format!("image {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
    }
}

impl Answer for Volume {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("volume", &self.cloud, &self.id, rules, found);
        let what = format!("volume {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
        hold!(found, self.size_gb > 0, "{what} has 0 GB");
        let attached = !self.attachments.is_empty();
        hold!(
            found,
            self.state != VolumeState::InUse || attached,
            "{what} is in_use without an attachment"
        );
        hold!(
            found,
            self.state != VolumeState::Available || !attached,
            "{what} is available with an attachment"
        );
        for attachment in &self.attachments {
            hold!(
                found,
                !attachment.node.is_empty(),
                "{what} is attached to a node with an empty id"
            );
        }
    }
}

impl Answer for VolumeSnapshot {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("volume snapshot", &self.cloud, &self.id, rules, found);
        let what = format!("volume snapshot {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
        hold!(found, self.size_gb > 0, "{what} has 0 GB");
    }
}

impl Answer for NodeSnapshot {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("node snapshot", &self.cloud, &self.id, rules, found);
        let what = format!("node snapshot {}", self.id);
        native(&what, &self.native_state, found);
        hold!(found, !self.node.is_empty(), "{what} names no node");
    }
}
