//! What a node writes to its console, and ways into it.

use std::fmt::Write;
use std::time::Duration;

use cloudfarm_contract::extensions::{
    ConsoleKind, ConsoleLog, ConsoleOutput, ConsoleRead, ConsoleUrl, RemoteConsole,
};
use cloudfarm_contract::model::NodeState;
use cloudfarm_contract::{Context, Error, Operation, Result, Secret, Text, async_trait};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::records::NodeRecord;
use crate::sizes::SIZES;
use crate::states::{Status, after};

/// The consoles there are; the first is given to whoever does not choose.
const KINDS: &[&str] = &["novnc", "spice", "serial"];

/// How long a console lets anybody in.
const LIFETIME: Duration = Duration::from_secs(600);

/// The states in which there is somebody to talk to.
const TALKING: &[NodeState] = &[NodeState::Running, NodeState::Rebooting, NodeState::Rescued];

#[async_trait]
impl ConsoleLog for DummyDriver {
    async fn read_console(
        &self,
        cx: &Context,
        id: &str,
        read: &ConsoleRead,
    ) -> Result<ConsoleOutput> {
        self.read_node(cx, Operation::ReadConsole, id, |view| {
            let (_, node) = view.node_record(id)?;
            let status = node.status(view.now);
            if matches!(status, None | Some(Status::Building)) {
                return Err(Error::conflict(format!(
                    "node {id} has no console output yet"
                )));
            }
            Ok(ConsoleOutput {
                output: last_lines(&output(&node, status), read.lines),
                taken_at: Some(view.now),
            })
        })
        .await
    }
}

fn output(node: &NodeRecord, status: Option<Status>) -> String {
    let size = &SIZES[node.size];
    let image = node.image_name.as_deref().unwrap_or("unknown");
    let mut text = format!(
        "[    0.000000] Linux version 6.12.0-dummy (build@dummy) #1 SMP\n\
         [    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 console=ttyS0\n\
         [    0.004000] Memory: {}K available\n\
         [    0.012000] smp: Brought up 1 node, {} CPUs\n\
         [    0.420000] virtio_blk virtio1: [vda] {} GiB\n\
         [    1.100000] systemd[1]: Hostname set to <{}>.\n",
        size.ram_mb * 1024,
        size.vcpus,
        size.disk_gb,
        node.name,
    );
    // Writing to a string cannot fail.
    for port in &node.ports {
        let _ = writeln!(
            text,
            "[    2.300000] cloud-init: interface with address {}",
            port.ip
        );
    }
    let bytes = node.user_data_bytes;
    if bytes > 0 {
        let _ = writeln!(
            text,
            "[    2.900000] cloud-init: running {bytes} bytes of user data"
        );
    }
    let _ = writeln!(text, "[    3.200000] cloud-init: finished");
    let _ = writeln!(
        text,
        "\n{image} {} ttyS0\n\n{} login:",
        node.name, node.name
    );
    if status == Some(Status::Off) {
        text.push_str("[   99.000000] reboot: Power down\n");
    }
    text
}

fn last_lines(text: &str, lines: Option<u32>) -> String {
    let Some(wanted) = lines else {
        return text.to_owned();
    };
    let all: Vec<_> = text.lines().collect();
    let start = all.len().saturating_sub(wanted as usize);
    let mut last = all[start..].join("\n");
    if !last.is_empty() {
        last.push('\n');
    }
    last
}

#[async_trait]
impl RemoteConsole for DummyDriver {
    async fn open_console(&self, cx: &Context, id: &str, kind: &ConsoleKind) -> Result<ConsoleUrl> {
        self.read_node(cx, Operation::OpenConsole, id, |view| {
            let kind = kind.kind.as_deref().unwrap_or(KINDS[0]);
            let Some(kind) = KINDS.iter().find(|known| **known == kind) else {
                let message = format!("console {kind:?} is not one of: {}", KINDS.join(", "));
                return Err(Error::invalid(message).with_field("kind"));
            };
            let (ordinal, node) = view.node_record(id)?;
            let status = node.status(view.now);
            if !status.is_some_and(|status| TALKING.contains(&status.state())) {
                let message = format!("node {id} is not up, so it has no console");
                return Err(Error::conflict(message).with_allowed_states(TALKING));
            }
            let id = view.id(Kind::Node, ordinal);
            let token = format!("{:032x}", fastrand::u128(..));
            Ok(ConsoleUrl {
                kind: Text::from_static(kind),
                url: Secret::new(format!(
                    "https://console.dummy.invalid/{kind}/{id}?token={token}"
                )),
                expires_at: Some(after(view.now, LIFETIME)),
            })
        })
        .await
    }
}
