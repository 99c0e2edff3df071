//! What Nova refuses about volumes, seen from the volume.

use cloudfarm_contract::model::{Volume, VolumeAttach, VolumeState};
use cloudfarm_contract::{Context, Error, ErrorKind, Result};

use super::Storage;
use crate::errors::{again, as_conflict, says};

impl Storage {
    pub(super) async fn attach(&self, cx: &Context, id: &str, to: &VolumeAttach) -> Result<()> {
        let Err(error) = self.compute.attach(cx, id, to).await else {
            return Ok(());
        };
        match error.kind() {
            // Nova says 404 for a node, and 404 or 400 for a volume, that is not there; and 400
            // for one that is attached already, here or elsewhere.
            ErrorKind::Invalid | ErrorKind::Conflict => {
                let volume = self.volume(cx, id).await?;
                if is_on(&volume, &to.node) && volume.state != VolumeState::Detaching {
                    return Ok(());
                }
                Err(self.not_attached(error, &volume))
            }
            _ => Err(error),
        }
    }

    fn not_attached(&self, error: Error, volume: &Volume) -> Error {
        if let Some(elsewhere) = volume.attachments.first() {
            let message = format!(
                "volume {} is attached to node {}",
                volume.id, elsewhere.node
            );
            return again(&error, ErrorKind::Conflict, message);
        }
        if error.kind() == ErrorKind::Invalid && says(&error, &["status"]) {
            return as_conflict(&error);
        }
        error
    }

    pub(super) async fn detach(&self, cx: &Context, id: &str, node: &str) -> Result<()> {
        let Err(error) = self.compute.detach(cx, id, node).await else {
            return Ok(());
        };
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Conflict => {
                let volume = self.volume(cx, id).await?;
                if !is_on(&volume, node) || volume.state == VolumeState::Detaching {
                    return Ok(());
                }
                Err(match error.kind() {
                    ErrorKind::Invalid => as_conflict(&error),
                    _ => error,
                })
            }
            _ => Err(error),
        }
    }
}

fn is_on(volume: &Volume, node: &str) -> bool {
    volume.attachments.iter().any(|at| at.node == *node)
}
