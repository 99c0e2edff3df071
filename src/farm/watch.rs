//! Many who wait for nodes of one cloud share its list.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::Node;
use cloudfarm_contract::{Context, Driver, NodeQuery, PageRequest, Result, Text};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// From so many waits on, one list is cheaper than a look at each node.
const SHARE_FROM: usize = 8;

/// A list is good for so long, which is what a wait may last too long because of it.
const FRESH: Duration = Duration::from_millis(500);

/// Looks at nodes on behalf of all who wait for one.
#[derive(Debug, Default)]
pub struct NodeWatch {
    waiting: AtomicUsize,
    /// How many pages the last list had.
    pages: AtomicUsize,
    seen: Mutex<Option<Seen>>,
}

/// A list of all nodes.
#[derive(Debug)]
struct Seen {
    /// Before it was asked for.
    begun: Instant,
    ended: Instant,
    nodes: Result<Nodes>,
}

/// Nodes by id.
type Nodes = HashMap<Text, Arc<Node>>;

/// Somebody who waits for a node.
#[derive(Debug)]
pub struct Waiting<'a> {
    watch: &'a NodeWatch,
    since: Instant,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.watch.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl NodeWatch {
    /// Begins a wait: what was seen before now does not count in it.
    pub fn begin(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting {
            watch: self,
            since: Instant::now(),
        }
    }

    fn is_shared(&self, driver: &Layered) -> bool {
        let pages = self.pages.load(Ordering::Relaxed);
        let waiting = self.waiting.load(Ordering::Relaxed);
        let batch = driver.capabilities().node_lookup_batch_max;
        is_list_cheaper(waiting, pages, batch)
    }

    /// All nodes; none if there are so many that the list is not worth its pages after all.
    async fn list(&self, driver: &Layered, cx: &Context) -> Result<Nodes> {
        let mut nodes = HashMap::new();
        let mut query = NodeQuery::default();
        let mut pages = 0;
        loop {
            let page = driver.list_nodes(cx, &query).await?;
            pages += 1;
            self.pages.store(pages, Ordering::Relaxed);
            if page.next.is_some() && !self.is_shared(driver) {
                return Ok(HashMap::new());
            }
            let named = |node: Node| (node.id.clone(), Arc::new(node));
            nodes.extend(page.items.into_iter().map(named));
            match page.next {
                Some(marker) => query.page = PageRequest::after(marker, None),
                None => break,
            }
        }
        Ok(nodes)
    }
}

impl Waiting<'_> {
    /// The node as it is, or was a moment ago, but since the wait began.
    ///
    /// # Errors
    ///
    /// What the cloud fails with; `not_found` if the node is not there.
    pub async fn look(&self, driver: &Layered, cx: &Context, id: &str) -> Result<Node> {
        if !self.watch.is_shared(driver) {
            return driver.get_node(cx, id).await;
        }
        match self.listed(driver, cx, id).await? {
            Some(node) => Ok(Node::clone(&node)),
            // What comes and goes while a list is read may be missing in it.
            None => driver.get_node(cx, id).await,
        }
    }

    /// The node in the list of all. Who comes while the list is read waits for it, and shares it.
    async fn listed(&self, driver: &Layered, cx: &Context, id: &str) -> Result<Option<Arc<Node>>> {
        let mut seen = self.watch.seen.lock().await;
        let is_good = |seen: &Seen| seen.begun >= self.since && seen.ended.elapsed() < FRESH;
        if let Some(seen) = seen.as_ref().filter(|seen| is_good(seen)) {
            let nodes = seen.nodes.as_ref().map_err(Clone::clone)?;
            return Ok(nodes.get(id).cloned());
        }
        // Emptied first: if this is dropped half-way, nobody takes the old list for a new one.
        *seen = None;
        let begun = Instant::now();
        let nodes = self.watch.list(driver, cx).await;
        let found = match &nodes {
            Ok(nodes) => Ok(nodes.get(id).cloned()),
            Err(error) => Err(error.clone()),
        };
        *seen = Some(Seen {
            begun,
            ended: Instant::now(),
            nodes,
        });
        found
    }
}

/// Whether a list, with all its pages, is cheaper than a look for each who waits. Where looks share
/// calls it must have fewer pages than they have calls.
fn is_list_cheaper(waiting: usize, pages: usize, batch: Option<u32>) -> bool {
    let looks = match batch {
        Some(batch) => waiting.div_ceil((batch as usize).max(1)),
        None => waiting,
    };
    waiting >= SHARE_FROM.max(2 * pages) && pages < looks
}

#[cfg(test)]
mod tests {
    use super::is_list_cheaper;

    #[test]
    fn a_list_is_asked_for_where_it_is_cheaper() {
        for (waiting, pages, batch, wanted) in [
            (7, 1, None, false),
            (8, 1, None, true),
            (8, 5, None, false),
            (10, 5, None, true),
            // How many pages there are is not known yet.
            (8, 0, Some(200), true),
            (8, 1, Some(200), false),
            (200, 1, Some(200), false),
            (201, 1, Some(200), true),
            (900, 5, Some(200), false),
            (1001, 5, Some(200), true),
        ] {
            let cheaper = is_list_cheaper(waiting, pages, batch);
            assert_eq!(cheaper, wanted, "{waiting} wait, {pages} pages, {batch:?}");
        }
    }
}
