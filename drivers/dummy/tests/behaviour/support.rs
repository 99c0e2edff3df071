//! A dummy cloud on a clock that the test moves.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::{Image, Node, NodeCreate};
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, ImageQuery, ListQuery, ManualClock, NodeQuery,
    PageRequest, Priority, Result, Text,
};
use cloudfarm_dummy::Dummy;
use jiff::Timestamp;
use serde_json::Value;

/// A connection and what a test needs beside it.
pub(crate) struct Fixture {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) clock: ManualClock,
    pub(crate) cx: Context,
}

pub(crate) fn clock() -> ManualClock {
    ManualClock::new("2026-11-21T08:00:00Z".parse::<Timestamp>().unwrap())
}

pub(crate) fn try_connect(params: Value, clock: &ManualClock) -> Result<Arc<dyn Driver>> {
    let Value::Object(extra_params) = params else {
        panic!("parameters are an object");
    };
    Dummy.connect(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("dummy"),
        user: None,
        password: None,
        extra_params,
        clock: Arc::new(clock.clone()),
    })
}

pub(crate) fn cloud(params: Value) -> Fixture {
    on(params, &clock())
}

/// A cloud on a clock that others look at too.
pub(crate) fn on(params: Value, clock: &ManualClock) -> Fixture {
    Fixture {
        driver: try_connect(params, clock).unwrap(),
        clock: clock.clone(),
        cx: Context::new(Duration::from_secs(60), "test", Priority::Person),
    }
}

impl Fixture {
    /// Moves the clock past every change that is under way.
    pub(crate) fn settle(&self) {
        self.clock.advance(Duration::from_secs(60));
    }

    pub(crate) async fn any_image(&self) -> Image {
        let query = ImageQuery::default();
        let page = self.driver.list_images(&self.cx, &query);
        page.await.unwrap().items.remove(0)
    }

    pub(crate) async fn any_size(&self) -> Text {
        let query = ListQuery::default();
        let page = self.driver.list_sizes(&self.cx, &query);
        page.await.unwrap().items[1].id.clone()
    }

    pub(crate) async fn request(&self, name: &str) -> NodeCreate {
        NodeCreate {
            name: Text::from(name),
            image: self.any_image().await.id,
            size: self.any_size().await,
            ..NodeCreate::default()
        }
    }

    /// A node that runs.
    pub(crate) async fn running(&self, name: &str) -> Text {
        let request = self.request(name).await;
        let created = self.driver.create_node(&self.cx, &request).await.unwrap();
        self.settle();
        created.node.id
    }

    pub(crate) async fn get(&self, id: &str) -> Node {
        self.driver.get_node(&self.cx, id).await.unwrap()
    }

    /// Every node, page by page.
    pub(crate) async fn all(&self, mut query: NodeQuery, limit: u32) -> Vec<Node> {
        let mut nodes = Vec::new();
        query.page = PageRequest::first(limit);
        loop {
            let page = self.driver.list_nodes(&self.cx, &query).await.unwrap();
            nodes.extend(page.items);
            match page.next {
                Some(marker) => query.page = PageRequest::after(marker, Some(limit)),
                None => return nodes,
            }
        }
    }
}
