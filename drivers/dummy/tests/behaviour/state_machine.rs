//! Whatever is done to nodes in whatever order, they change as documented and in no other way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::NodeState::{
    Error, Paused, Pending, Rebooting, Reconfiguring, Rescued, Running, Starting, Stopped,
    Stopping, Suspended, Terminated, VerifyResize,
};
use cloudfarm_contract::model::{
    ImageCreate, Node, NodeAction, NodeState, RebootKind, RebuildRequest, RescueRequest,
};
use cloudfarm_contract::{ErrorKind, NodeQuery, Result, Secret, Text};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Fixture, cloud};

/// From where a node may go to where. Any node that is there may be destroyed.
const TRANSITIONS: &[(NodeState, &[NodeState])] = &[
    (Pending, &[Running, Error]),
    (Running, &[Stopping, Rebooting, Paused, Reconfiguring]),
    (Stopping, &[Stopped, Suspended]),
    (Stopped, &[Starting, Stopping, Reconfiguring, Rebooting]),
    (Starting, &[Running]),
    (Rebooting, &[Running, Rescued]),
    (Suspended, &[Starting]),
    (Paused, &[Running]),
    (Reconfiguring, &[VerifyResize, Running, Stopped]),
    (VerifyResize, &[Running, Stopped, Reconfiguring]),
    (Rescued, &[Rebooting]),
    (Error, &[Reconfiguring]),
    (Terminated, &[]),
];

fn is_documented(from: NodeState, to: NodeState) -> bool {
    let onward = TRANSITIONS.iter().find(|(state, _)| *state == from);
    from == to || to == Terminated || onward.is_some_and(|(_, onward)| onward.contains(&to))
}

#[derive(Debug, Clone)]
enum Step {
    Create { fails: bool },
    Act(usize, NodeAction),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let actions: Vec<_> = NodeAction::ALL
        .iter()
        .copied()
        .filter(|action| {
            // These need another resource and have tests of their own.
            !matches!(
                action,
                NodeAction::AttachVolume | NodeAction::DetachVolume | NodeAction::AssociateAddress
            )
        })
        .collect();
    prop_oneof![
        1 => prop::bool::weighted(0.2).prop_map(|fails| Step::Create { fails }),
        6 => (0..4_usize, prop::sample::select(actions)).prop_map(|(node, action)| Step::Act(node, action)),
        4 => (0..6000_u64).prop_map(Step::Wait),
    ]
}

/// What is known about the nodes from outside.
#[derive(Default)]
struct Model {
    last: BTreeMap<Text, Node>,
    gone: BTreeSet<Text>,
    ever: Vec<Text>,
}

impl Model {
    async fn observe(&mut self, lab: &Fixture) {
        for id in &self.ever {
            match lab.driver.get_node(&lab.cx, id).await {
                Ok(node) => {
                    assert!(!self.gone.contains(id), "{id} came back");
                    if let Some(last) = self.last.get(id) {
                        let (from, to) = (last.state, node.state);
                        assert!(is_documented(from, to), "{id} went from {from} to {to}");
                    }
                    let legal = lab.driver.capabilities().actions(node.state, node.busy);
                    assert!(node.actions.iter().all(|action| legal.contains(action)));
                    assert_eq!(node.fault.is_some(), node.state == Error);
                    self.last.insert(id.clone(), node);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::NotFound);
                    let last = self.last.get(id).map(|node| node.state);
                    assert_eq!(last, Some(Terminated), "{id} vanished");
                    self.gone.insert(id.clone());
                }
            }
        }
        let listed = lab.all(NodeQuery::all(), 2).await;
        let there = self.last.values().filter(|node| node.state != Terminated);
        assert_eq!(
            listed,
            there.cloned().collect::<Vec<_>>().sorted_like(&listed)
        );
    }
}

trait SortedLike {
    fn sorted_like(self, other: &[Node]) -> Self;
}

impl SortedLike for Vec<Node> {
    fn sorted_like(mut self, other: &[Node]) -> Self {
        self.sort_by_key(|node| other.iter().position(|listed| listed.id == node.id));
        self
    }
}

async fn act(lab: &Fixture, node: &Node, action: NodeAction) -> Result<()> {
    let (driver, cx, id) = (&lab.driver, &lab.cx, &*node.id);
    let image = lab.any_image().await.id;
    match action {
        NodeAction::Start => driver.start_node(cx, id).await,
        NodeAction::Stop => driver.stop_node(cx, id).await,
        NodeAction::Reboot => driver.reboot_node(cx, id, &RebootKind::Soft).await,
        NodeAction::Rename => driver.rename_node(cx, id, "renamed").await,
        NodeAction::Destroy => driver.destroy_node(cx, id).await,
        NodeAction::Resize => {
            let size = node.size.as_ref().and_then(|size| size.name.as_deref());
            let other = if size == Some("large") {
                "small"
            } else {
                "large"
            };
            driver.resize().unwrap().resize_node(cx, id, other).await
        }
        NodeAction::ConfirmResize => {
            driver
                .resize_confirmation()
                .unwrap()
                .confirm_resize(cx, id)
                .await
        }
        NodeAction::RevertResize => {
            driver
                .resize_confirmation()
                .unwrap()
                .revert_resize(cx, id)
                .await
        }
        NodeAction::Rebuild => {
            let request = RebuildRequest {
                image,
                ..RebuildRequest::default()
            };
            let rebuilt = driver
                .rebuild()
                .unwrap()
                .rebuild_node(cx, id, &request)
                .await;
            rebuilt.map(|_| ())
        }
        NodeAction::Suspend => driver.suspend().unwrap().suspend_node(cx, id).await,
        NodeAction::Resume => driver.suspend().unwrap().resume_node(cx, id).await,
        NodeAction::Pause => driver.pause().unwrap().pause_node(cx, id).await,
        NodeAction::Unpause => driver.pause().unwrap().unpause_node(cx, id).await,
        NodeAction::Shelve => driver.shelve().unwrap().shelve_node(cx, id).await,
        NodeAction::Unshelve => driver.shelve().unwrap().unshelve_node(cx, id).await,
        NodeAction::Rescue => {
            let request = RescueRequest::default();
            let rescued = driver.rescue().unwrap().rescue_node(cx, id, &request).await;
            rescued.map(|_| ())
        }
        NodeAction::Unrescue => driver.rescue().unwrap().unrescue_node(cx, id).await,
        NodeAction::ChangePassword => {
            let password = Secret::new("new");
            let passwords = driver.node_password().unwrap();
            passwords.set_node_password(cx, id, &password).await
        }
        NodeAction::SetMetadata => {
            let change = MetadataChange::default();
            let metadata = driver.node_metadata().unwrap();
            metadata.set_node_metadata(cx, id, &change).await
        }
        NodeAction::Snapshot => {
            let request = ImageCreate {
                node: node.id.clone(),
                name: Text::from("kept"),
                ..ImageCreate::default()
            };
            let image = driver
                .node_images()
                .unwrap()
                .create_image(cx, &request)
                .await;
            image.map(|_| ())
        }
        NodeAction::AttachVolume | NodeAction::DetachVolume | NodeAction::AssociateAddress => {
            Ok(())
        }
    }
}

/// What is legal is accepted; what is not is a conflict, or finds done what it asks for.
async fn act_and_judge(lab: &Fixture, id: &str, action: NodeAction) {
    let Ok(before) = lab.driver.get_node(&lab.cx, id).await else {
        let gone = lab.driver.destroy_node(&lab.cx, id).await;
        gone.unwrap();
        return;
    };
    let acted = act(lab, &before, action).await;
    if before.actions.contains(action) {
        let state = before.native_state;
        acted.unwrap_or_else(|error| panic!("{action} on a node that is {state}: {error}"));
        return;
    }
    let after = lab.driver.get_node(&lab.cx, id).await.ok();
    assert_eq!(
        after.as_ref(),
        Some(&before),
        "{action} was illegal and changed something"
    );
    if let Err(error) = acted {
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let allowed = lab.driver.capabilities().node_actions.states(action);
        assert_eq!(error.allowed_states(), allowed);
    }
}

async fn play(steps: Vec<Step>) {
    let lab = cloud(json!({"nodes": 1}));
    let mut model = Model::default();
    for node in lab.all(NodeQuery::all(), 10).await {
        model.ever.push(node.id);
    }
    for step in steps {
        match step {
            Step::Create { fails } => {
                let mut request = lab.request("web").await;
                request.options.insert("fail".into(), json!(fails));
                let made = lab.driver.create_node(&lab.cx, &request).await.unwrap();
                assert!(!model.ever.contains(&made.node.id), "an id came again");
                model.ever.push(made.node.id);
            }
            Step::Act(index, action) => {
                let id = model.ever[index % model.ever.len()].clone();
                act_and_judge(&lab, &id, action).await;
            }
            Step::Wait(millis) => lab.clock.advance(Duration::from_millis(millis)),
        }
        model.observe(&lab).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nodes_change_as_documented(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(play(steps));
    }
}
