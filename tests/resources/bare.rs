//! A cloud with the core of the contract and nothing else.

use std::sync::Arc;

use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use cloudfarm::api::{AppState, Metrics, Shared, build};
use cloudfarm::farm::{Cloud, Farm, FarmHandle};
use cloudfarm::jobs::Jobs;
use cloudfarm::orchestrator::Orchestrator;
use cloudfarm::settings::{LayerSettings, Settings};
use cloudfarm::store::{Store, StoreOptions};
use cloudfarm_contract::layers::NoObserver;
use cloudfarm_contract::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use cloudfarm_contract::{
    Capabilities, Context, Driver, DriverInfo, Error, ImageQuery, ListQuery, NodeQuery, Page,
    Result, Text, async_trait,
};
use serde_json::{Value, json};

use super::support::at;

#[derive(Debug)]
struct Bare(DriverInfo);

fn nothing<T>() -> Result<T> {
    Err(Error::not_found("there is nothing here"))
}

#[async_trait]
impl Driver for Bare {
    fn info(&self) -> &DriverInfo {
        &self.0
    }

    fn capabilities(&self) -> &Capabilities {
        &Capabilities::CORE
    }

    async fn check(&self, _: &Context) -> Result<()> {
        Ok(())
    }

    async fn list_nodes(&self, _: &Context, _: &NodeQuery) -> Result<Page<Node>> {
        Ok(Page::default())
    }

    async fn get_node(&self, _: &Context, _: &str) -> Result<Node> {
        nothing()
    }

    async fn create_node(&self, _: &Context, _: &NodeCreate) -> Result<NodeCreated> {
        nothing()
    }

    async fn rename_node(&self, _: &Context, _: &str, _: &str) -> Result<()> {
        nothing()
    }

    async fn destroy_node(&self, _: &Context, _: &str) -> Result<()> {
        nothing()
    }

    async fn start_node(&self, _: &Context, _: &str) -> Result<()> {
        nothing()
    }

    async fn stop_node(&self, _: &Context, _: &str) -> Result<()> {
        nothing()
    }

    async fn reboot_node(&self, _: &Context, _: &str, _: &RebootKind) -> Result<()> {
        nothing()
    }

    async fn list_images(&self, _: &Context, _: &ImageQuery) -> Result<Page<Image>> {
        Ok(Page::default())
    }

    async fn get_image(&self, _: &Context, _: &str) -> Result<Image> {
        nothing()
    }

    async fn list_sizes(&self, _: &Context, _: &ListQuery) -> Result<Page<Size>> {
        Ok(Page::default())
    }

    async fn list_locations(&self, _: &Context, _: &ListQuery) -> Result<Page<Location>> {
        Ok(Page::default())
    }
}

async fn state() -> AppState {
    let name = Text::from_static("lab");
    let info = DriverInfo {
        cloud: name.clone(),
        engine: Text::from_static("bare"),
        endpoint: None,
        region: None,
        api_version: None,
        identity: None,
    };
    let layers = LayerSettings::default();
    let cloud = Cloud::with_driver(name, Arc::new(Bare(info)), &layers, Arc::new(NoObserver));
    let settings = Arc::new(Settings::default());
    let options = StoreOptions {
        url: "sqlite::memory:".into(),
        key: None,
        connections: 2,
        size_max: 0,
    };
    let jobs = Jobs::new(
        Store::open(&options).await.expect("a store"),
        settings.jobs.clone(),
    );
    let farm = FarmHandle::new(Farm::of([cloud]));
    let orchestrator = Orchestrator::new(farm, jobs, settings.api.clone(), settings.leases.clone());
    AppState::new(
        settings,
        Arc::new(orchestrator),
        Arc::new(Metrics::default()),
    )
}

#[actix_web::test]
async fn what_a_cloud_lacks_is_refused_by_its_name() {
    let app = init_service(build(&Shared::new(state().await))).await;
    let named = json!({ "name": "x" });
    let on_node = json!({ "name": "x", "node": "y" });
    let volume = json!({ "name": "x", "size_gb": 1 });
    let snapshot = json!({ "name": "x", "volume": "y" });
    let subnet = json!({ "name": "x", "network": "y", "cidr": "10.0.0.0/8" });
    for (plural, capability, body) in [
        ("key-pairs", "key_pairs", &named),
        ("volumes", "volumes", &volume),
        ("volume-snapshots", "volume_snapshots", &snapshot),
        ("node-snapshots", "node_snapshots", &on_node),
        ("networks", "networks", &named),
        ("subnets", "networks", &subnet),
        ("routers", "routers", &named),
        ("security-groups", "security_groups", &named),
        ("addresses", "addresses", &json!({})),
    ] {
        let one = format!("{plural}/x");
        for request in [
            TestRequest::get().uri(&at(plural)),
            TestRequest::get().uri(&at(&one)),
            TestRequest::delete().uri(&at(&one)),
            TestRequest::post().uri(&at(plural)).set_json(body),
        ] {
            let answer = call_service(&app, request.to_request()).await;
            let what = format!("{plural}: {}", answer.status());
            assert_eq!(answer.status(), 501, "{what}");
            let problem: Value = read_body_json(answer).await;
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(
                detail.ends_with(&format!("capability {capability}")),
                "{detail}"
            );
            assert_eq!(problem["cloud"], "lab");
        }
    }
    let nothing = None;
    for (path, body) in [
        ("quotas", nothing),
        ("provider-projects", nothing),
        ("images", Some(&on_node)),
    ] {
        let request = match body {
            None => TestRequest::get().uri(&at(path)),
            Some(body) => TestRequest::post().uri(&at(path)).set_json(body),
        };
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), 501, "{path}");
    }
}
