//! What can be done to nodes that are there.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::{NodeAction, RebootKind};
use serde_json::json;

use super::orders::{On, Order};
use crate::cli::confirm::ConfirmArgs;
use crate::cli::failure::Result;
use crate::cli::filters::CloudArg;
use crate::cli::input::{PasswordArgs, key_value, text_or_file};
use crate::cli::secrets::SaveArgs;
use crate::cli::session::Session;
use crate::cli::targets::NodeTargets;
use crate::cli::wait::WaitArgs;

/// Which nodes, and whether to wait.
#[derive(Debug, Args)]
pub(super) struct Plain {
    #[command(flatten)]
    pub(super) targets: NodeTargets,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Destroy nodes, for good and with their disks
    #[command(visible_aliases = ["delete", "rm"], after_help = "Examples:
  cloudfarm nodes destroy web-1
  cloudfarm nodes destroy 'test-*' --all-clouds --yes --wait")]
    Destroy {
        #[command(flatten)]
        plain: Plain,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Start nodes that are stopped
    #[command(after_help = "Examples:
  cloudfarm nodes start web-1 --wait
  cloudfarm nodes start 'web-*' --all-clouds --wait")]
    Start(Plain),
    /// Stop nodes; their disks are kept
    #[command(after_help = "Examples:
  cloudfarm nodes stop web-1 web-2
  cloudfarm nodes stop 'web-*' --all-clouds --wait")]
    Stop(Plain),
    /// Reboot nodes
    #[command(after_help = "Examples:
  cloudfarm nodes reboot web-1 --wait
  cloudfarm nodes reboot 'web-*' --hard")]
    Reboot {
        #[command(flatten)]
        plain: Plain,
        /// Cut the power rather than ask the guest to go down
        #[arg(long)]
        hard: bool,
    },
    /// Give a node another name
    #[command(after_help = "Examples:
  cloudfarm nodes rename web-1 web-old --wait")]
    Rename {
        /// The node: its id or its name
        node: String,
        /// The new name
        name: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Change the metadata of nodes
    #[command(after_help = "Examples:
  cloudfarm nodes set-metadata web-1 --set role=web --set stage=test
  cloudfarm nodes set-metadata 'web-*' --remove stage --wait")]
    SetMetadata {
        #[command(flatten)]
        plain: Plain,
        /// An item to add or overwrite; may be repeated
        #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// A key to remove; may be repeated
        #[arg(long, value_name = "KEY")]
        remove: Vec<String>,
    },
    /// Give nodes another size; some clouds then want it confirmed
    #[command(after_help = "Examples:
  cloudfarm nodes resize web-1 --size large --wait
  cloudfarm nodes resize web-1 --size 'ram>=8192' --wait")]
    Resize {
        #[command(flatten)]
        plain: Plain,
        /// The new size: an id, a name, or a need that takes the smallest that fits
        #[arg(long, short = 's')]
        size: String,
    },
    /// Keep the new size of resized nodes
    #[command(after_help = "Examples:
  cloudfarm nodes confirm-resize web-1 --wait")]
    ConfirmResize(Plain),
    /// Take resized nodes back to their old size
    #[command(after_help = "Examples:
  cloudfarm nodes revert-resize web-1 --wait")]
    RevertResize(Plain),
    /// Install nodes afresh; what is on their disks is lost, ids and addresses stay
    #[command(after_help = "Examples:
  cloudfarm nodes rebuild web-1 --image 'debian-13*' --wait
  cloudfarm nodes rebuild web-1 --image 'debian-12*' --user-data @setup.sh --yes")]
    Rebuild {
        #[command(flatten)]
        plain: Plain,
        /// The image: an id, a name, or a glob that takes the newest match
        #[arg(long, short = 'i')]
        image: String,
        /// What it runs at its first boot: the text, @FILE, or - for stdin
        #[arg(long, value_name = "TEXT|@FILE|-")]
        user_data: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        save: SaveArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Write the memory of nodes to disk and let their processors go
    #[command(after_help = "Examples:
  cloudfarm nodes suspend web-1 --wait")]
    Suspend(Plain),
    /// Bring suspended nodes back
    #[command(after_help = "Examples:
  cloudfarm nodes resume web-1 --wait")]
    Resume(Plain),
    /// Hold the processors of nodes
    #[command(after_help = "Examples:
  cloudfarm nodes pause web-1 --wait")]
    Pause(Plain),
    /// Let paused nodes go on
    #[command(after_help = "Examples:
  cloudfarm nodes unpause web-1 --wait")]
    Unpause(Plain),
    /// Let the hosts of nodes go and keep their disks
    #[command(after_help = "Examples:
  cloudfarm nodes shelve web-1 --wait")]
    Shelve(Plain),
    /// Bring shelved nodes back
    #[command(after_help = "Examples:
  cloudfarm nodes unshelve web-1 --wait")]
    Unshelve(Plain),
    /// Boot nodes from a rescue image, to repair their own disks
    #[command(after_help = "Examples:
  cloudfarm nodes rescue web-1 --wait
  cloudfarm nodes rescue web-1 --image rescue-2026 --save password.txt")]
    Rescue {
        #[command(flatten)]
        plain: Plain,
        /// The rescue image; the cloud's own where it is left out
        #[arg(long, short = 'i')]
        image: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Boot rescued nodes from their own disks again
    #[command(after_help = "Examples:
  cloudfarm nodes unrescue web-1 --wait")]
    Unrescue(Plain),
    /// Set the administrator's password, which is asked for or read from a file
    #[command(after_help = "Examples:
  cloudfarm nodes change-password web-1
  cloudfarm nodes change-password web-1 --admin-password-file new.txt --wait")]
    ChangePassword {
        #[command(flatten)]
        plain: Plain,
        #[command(flatten)]
        password: PasswordArgs,
    },
}

impl Action {
    pub(super) async fn run(self, session: &Session, cloud: &CloudArg) -> Result<()> {
        let on = On { session, cloud };
        match self {
            Self::Destroy { plain, confirm } => on.destroy(plain, confirm).await,
            Self::Rename { node, name, wait } => on.rename(&node, &name, &wait).await,
            Self::SetMetadata { plain, set, remove } => on.set_metadata(plain, set, remove).await,
            Self::Start(plain) => on.act(plain, NodeAction::Start, "started").await,
            Self::Stop(plain) => on.act(plain, NodeAction::Stop, "stopped").await,
            Self::ConfirmResize(plain) => {
                on.act(plain, NodeAction::ConfirmResize, "confirmed").await
            }
            Self::RevertResize(plain) => on.act(plain, NodeAction::RevertResize, "reverted").await,
            Self::Suspend(plain) => on.act(plain, NodeAction::Suspend, "suspended").await,
            Self::Resume(plain) => on.act(plain, NodeAction::Resume, "resumed").await,
            Self::Pause(plain) => on.act(plain, NodeAction::Pause, "paused").await,
            Self::Unpause(plain) => on.act(plain, NodeAction::Unpause, "unpaused").await,
            Self::Shelve(plain) => on.act(plain, NodeAction::Shelve, "shelved").await,
            Self::Unshelve(plain) => on.act(plain, NodeAction::Unshelve, "unshelved").await,
            Self::Unrescue(plain) => on.act(plain, NodeAction::Unrescue, "unrescued").await,
            Self::Reboot { plain, hard } => {
                let kind = if hard {
                    RebootKind::Hard
                } else {
                    RebootKind::Soft
                };
                let order = Order::new(NodeAction::Reboot, "rebooted", json!({ "kind": kind }));
                on.order(plain, order).await
            }
            Self::Resize { plain, size } => {
                let order = Order::new(NodeAction::Resize, "resized", json!({ "size": size }));
                on.order(plain, order).await
            }
            Self::Rebuild {
                plain,
                image,
                user_data,
                password,
                save,
                confirm,
            } => {
                let user_data = user_data.as_deref().map(text_or_file).transpose()?;
                let mut body = json!({ "image": image });
                if let Some(user_data) = user_data {
                    body["user_data"] = user_data.into();
                }
                let order = Order::new(NodeAction::Rebuild, "rebuilt", body)
                    .with_password(&password)?
                    .asking(confirm, "lose what is on the disk of")
                    .saving(save);
                on.order(plain, order).await
            }
            Self::Rescue {
                plain,
                image,
                password,
                save,
            } => {
                let body = image.map_or_else(|| json!({}), |image| json!({ "image": image }));
                let order = Order::new(NodeAction::Rescue, "rescued", body)
                    .with_password(&password)?
                    .saving(save);
                on.order(plain, order).await
            }
            Self::ChangePassword { plain, password } => {
                let body = json!({ "password": password.read_or_ask()?.expose() });
                let order = Order::new(NodeAction::ChangePassword, "changed", body);
                on.order(plain, order).await
            }
        }
    }
}
