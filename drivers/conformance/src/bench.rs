use std::sync::{Arc, Mutex, PoisonError};

use cloudfarm_contract::model::{Mark, Node, NodeAction, NodeCreate, NodeState};
use cloudfarm_contract::{
    Capabilities, Context, Driver, Judgement, MarkFilter, NodeQuery, Text, WaitOutcome,
};

use crate::failure::{Failure, Outcome, ensure};
use crate::invariants::Rules;
use crate::journal::{Journal, Kind, Made};
use crate::paging::read_all;
use crate::picks::Picks;
use crate::shared::Shared;
use crate::witness::Witness;

/// What a case works with: the driver under watch, nodes, names and ways to wait.
#[derive(Debug)]
pub(crate) struct Bench {
    shared: Arc<Shared>,
    witness: Witness,
    request_id: String,
    borrowed: Mutex<Vec<Text>>,
}

impl Bench {
    pub(crate) fn new(shared: Arc<Shared>, case: &str) -> Self {
        let target = &shared.target;
        let rules = Rules {
            cloud: target.driver.info().cloud.clone(),
            capabilities: target.driver.capabilities().clone(),
            clock: Arc::clone(&target.clock),
            tolerance: target.clock_tolerance,
        };
        Self {
            witness: Witness::new(Arc::clone(&target.driver), rules),
            request_id: format!("conformance-{case}"),
            borrowed: Mutex::default(),
            shared,
        }
    }

    pub(crate) fn driver(&self) -> &dyn Driver {
        &self.witness
    }

    pub(crate) fn can(&self) -> &Capabilities {
        self.witness.capabilities()
    }

    pub(crate) fn journal(&self) -> &Journal {
        self.witness.journal()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The context of one call.
    pub(crate) fn cx(&self) -> Context {
        let timeout = self.shared.target.timeouts.call;
        self.shared.cx(timeout, &self.request_id)
    }

    pub(crate) fn name(&self) -> Text {
        self.shared.name()
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark::new(format!("{}-mark", self.shared.name()))
    }

    pub(crate) async fn picks(&self) -> Outcome<&Picks> {
        self.shared.picks().await
    }

    /// A node as the run's target wants it, with a name and a mark of its own.
    pub(crate) async fn request(&self) -> Outcome<NodeCreate> {
        let picks = self.picks().await?;
        Ok(NodeCreate {
            name: self.name(),
            image: picks.image.id.clone(),
            size: picks.size.id.clone(),
            networks: self.shared.target.networks.clone(),
            mark: Some(self.mark()),
            ..NodeCreate::default()
        })
    }

    /// A running node that the case may do with as it likes, if it leaves it running. Another case
    /// may have used it before and may use it afterwards.
    pub(crate) async fn node(&self) -> Outcome<Node> {
        while let Some(id) = self.shared.take_idle_node() {
            self.adopt(&id);
            let node = self.driver().get_node(&self.cx(), &id).await?;
            if node.state == NodeState::Running && !node.busy {
                self.borrow(node.id.clone());
                return Ok(node);
            }
        }
        let node = self.new_node(|_| {}).await?;
        self.borrow(node.id.clone());
        Ok(node)
    }

    /// A running node made for this case alone.
    pub(crate) async fn new_node(&self, change: impl FnOnce(&mut NodeCreate)) -> Outcome<Node> {
        let mut request = self.request().await?;
        change(&mut request);
        let created = self.driver().create_node(&self.cx(), &request).await?;
        self.until_running(&created.node.id).await
    }

    /// A node in a state in which `action` is legal, stopped if it must be.
    pub(crate) async fn node_that_allows(&self, action: NodeAction) -> Outcome<Node> {
        let node = self.node().await?;
        self.bring_to_allow(node, action).await
    }

    pub(crate) async fn bring_to_allow(&self, node: Node, action: NodeAction) -> Outcome<Node> {
        let table = &self.can().node_actions;
        if table.allows(action, NodeState::Running) {
            return Ok(node);
        }
        ensure!(
            table.allows(action, NodeState::Stopped),
            "the capabilities allow {action} neither in running nor in stopped"
        );
        self.driver().stop_node(&self.cx(), &node.id).await?;
        self.until_state(&node.id, NodeState::Stopped).await
    }

    /// Starts a node that was stopped to allow something.
    pub(crate) async fn bring_to_running(&self, id: &str) -> Outcome<Node> {
        let node = self.driver().get_node(&self.cx(), id).await?;
        if node.state == NodeState::Stopped {
            self.driver().start_node(&self.cx(), id).await?;
        }
        self.until_running(id).await
    }

    pub(crate) async fn until_running(&self, id: &str) -> Outcome<Node> {
        self.until_state(id, NodeState::Running).await
    }

    pub(crate) async fn until_state(&self, id: &str, state: NodeState) -> Outcome<Node> {
        let states = [state];
        let outcome = self.wait(id, Judgement::for_states(&states)).await?;
        match outcome {
            WaitOutcome::Reached(node) => Ok(*node),
            WaitOutcome::Vanished => Err(Failure::new(format!("node {id} vanished"))),
        }
    }

    pub(crate) async fn until_gone(&self, id: &str) -> Outcome {
        self.wait(id, Judgement::for_gone()).await?;
        let what = format!("node {id} is not found after it was destroyed");
        self.until_changed(&what, || async {
            match self.driver().get_node(&self.cx(), id).await {
                Err(error) if error.kind() == cloudfarm_contract::ErrorKind::NotFound => {
                    Ok(Some(()))
                }
                Ok(_) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn wait(
        &self,
        id: &str,
        judge: impl FnMut(cloudfarm_contract::Observation<'_>) -> Judgement + Send,
    ) -> Outcome<WaitOutcome> {
        let cx = self
            .shared
            .cx(self.shared.target.timeouts.change, &self.request_id);
        let waited = self.shared.wait_node(self.driver(), &cx, id, judge).await;
        waited.map_err(|error| Failure::new(format!("while waiting for node {id}: {error:?}")))
    }

    /// Looks until a change is done.
    pub(crate) async fn until_changed<T, F>(&self, what: &str, probe: impl Fn() -> F) -> Outcome<T>
    where
        F: Future<Output = Outcome<Option<T>>>,
    {
        let limit = self.shared.target.timeouts.change;
        self.shared.until(what, limit, probe).await
    }

    /// Looks until a list has caught up.
    pub(crate) async fn until_settled<T, F>(&self, what: &str, probe: impl Fn() -> F) -> Outcome<T>
    where
        F: Future<Output = Outcome<Option<T>>>,
    {
        let limit = self.shared.target.timeouts.settle;
        self.shared.until(what, limit, probe).await
    }

    /// Every node that matches, from all pages.
    pub(crate) async fn nodes(&self, query: &NodeQuery) -> Outcome<Vec<Node>> {
        self.nodes_in_pages(query, query.page.limit).await
    }

    pub(crate) async fn nodes_in_pages(
        &self,
        query: &NodeQuery,
        limit: Option<u32>,
    ) -> Outcome<Vec<Node>> {
        read_all(limit, |page| async move {
            let query = NodeQuery {
                page,
                ..query.clone()
            };
            self.driver().list_nodes(&self.cx(), &query).await
        })
        .await
    }

    pub(crate) async fn nodes_marked(&self, mark: &Mark) -> Outcome<Vec<Node>> {
        let query = NodeQuery {
            mark: Some(MarkFilter::Is(mark.clone())),
            ..NodeQuery::default()
        };
        self.nodes(&query).await
    }

    /// Hands the borrowed nodes that are as they were back to the run; the others stay in the
    /// journal and are destroyed.
    pub(crate) async fn give_back(&self) {
        let borrowed = std::mem::take(&mut *self.borrowed());
        for id in borrowed {
            let node = self.driver().get_node(&self.cx(), &id).await;
            if node.is_ok_and(|node| is_as_new(&node)) {
                self.journal().release_node(&id);
                self.shared.give_idle_node(id);
            }
        }
    }

    /// The node is not given back to the run but destroyed with the case.
    pub(crate) fn keep(&self, id: &str) {
        self.borrowed().retain(|borrowed| borrowed.as_str() != id);
    }

    fn borrow(&self, id: Text) {
        self.borrowed().push(id);
    }

    fn borrowed(&self) -> std::sync::MutexGuard<'_, Vec<Text>> {
        self.borrowed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn adopt(&self, id: &Text) {
        self.journal().intend(Made {
            kind: Kind::Node,
            id: Some(id.clone()),
            name: Text::default(),
            mark: None,
        });
    }
}

fn is_as_new(node: &Node) -> bool {
    node.state == NodeState::Running && !node.busy && node.volumes.is_empty()
}
