//! A cloud that answers with golden replies.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, Priority, Secret, SystemClock, Text,
};
use cloudfarm_openstack::OpenStack;
use cloudfarm_wire::{Reply, Seen, Wire};
use serde_json::{Map, Value, json};

/// A reply of the real control plane, with the request that it answered.
pub(crate) struct Golden(Value);

pub(crate) fn golden(name: &str) -> Golden {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clouds/openstack/golden");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    Golden(serde_json::from_str(&text).unwrap())
}

impl Golden {
    pub(crate) fn body(&self) -> &Value {
        &self.0["body"]
    }

    /// Where the cloud below answers it.
    fn path(&self) -> String {
        let path = self.0["request"]["path"].as_str().unwrap();
        let path = path.split('?').next().unwrap();
        let service = match self.0["request"]["service"].as_str().unwrap() {
            "volumev3" => "volume",
            other => other,
        };
        format!("/{service}{path}")
    }

    fn method(&self) -> &str {
        self.0["request"]["method"].as_str().unwrap()
    }

    pub(crate) fn reply(&self) -> Reply {
        let headers = self.0["headers"].as_object().unwrap().iter();
        let headers: Vec<(&str, &str)> = headers
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let body = match self.body() {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let status = self.0["status"].as_u64().unwrap();
        Reply::new(u16::try_from(status).unwrap(), &headers, body)
    }
}

type Routes = Arc<Mutex<HashMap<String, VecDeque<Reply>>>>;

/// A server with a catalog of services below its paths.
pub(crate) struct Cloud {
    pub(crate) server: Wire,
    routes: Routes,
}

impl Cloud {
    /// A cloud that logs in, and of whose compute service `newest` is the newest version.
    pub(crate) async fn start(newest: &str) -> Self {
        let routes = Routes::default();
        let known = Arc::clone(&routes);
        let server = Wire::start(move |seen| answer(&known, seen)).await;
        let cloud = Self { server, routes };
        cloud.on("POST", "/identity/v3/auth/tokens", cloud.token("token-1"));
        let mut versions = golden("compute-v2.1").body().clone();
        versions["version"]["version"] = json!(newest);
        cloud.on("GET", "/compute/v2.1/", Reply::json(200, &versions));
        let versions = golden("volume-versions");
        cloud.on("GET", "/volume/v3/", versions.reply());
        cloud
    }

    /// The golden token with the services of this cloud in its catalog.
    pub(crate) fn token(&self, secret: &str) -> Reply {
        let mut body = golden("token-project").body().clone();
        body["token"]["expires_at"] = json!("2999-01-02T04:04:00.000000Z");
        for service in body["token"]["catalog"].as_array_mut().unwrap() {
            let kind = service["type"].as_str().unwrap().to_owned();
            for endpoint in service["endpoints"].as_array_mut().unwrap() {
                endpoint["url"] = json!(self.address(&kind));
            }
        }
        Reply::new(201, &[("x-subject-token", secret)], body.to_string())
    }

    fn address(&self, kind: &str) -> String {
        let path = match kind {
            "compute" => "/compute/v2.1",
            "volumev3" | "block-storage" => "/volume/v3/00000000000000000000000000000005",
            "identity" => "/identity/v3",
            other => return self.server.url(&format!("/{other}")).to_string(),
        };
        self.server.url(path).to_string()
    }

    /// Answers with this; with the last of several from then on.
    pub(crate) fn on(&self, method: &str, path: &str, reply: Reply) {
        let key = format!("{method} {path}");
        self.routes
            .lock()
            .unwrap()
            .entry(key)
            .or_default()
            .push_back(reply);
    }

    /// Answers with a golden reply where the control plane did.
    pub(crate) fn serve(&self, name: &str) -> Golden {
        let golden = golden(name);
        self.on(golden.method(), &golden.path(), golden.reply());
        golden
    }

    pub(crate) fn driver(&self) -> Arc<dyn Driver> {
        self.driver_with(json!({"project": "demo"}))
    }

    pub(crate) fn driver_with(&self, params: Value) -> Arc<dyn Driver> {
        let auth_url = self.server.url("/identity/v3").to_string();
        connect(&auth_url, params).unwrap()
    }

    /// The requests for a path, in order.
    pub(crate) fn asked(&self, path: &str) -> Vec<Seen> {
        let mut seen = self.server.seen();
        seen.retain(|seen| seen.target.split('?').next() == Some(path));
        seen
    }
}

pub(crate) fn connect(
    auth_url: &str,
    params: Value,
) -> cloudfarm_contract::Result<Arc<dyn Driver>> {
    let mut extra_params = Map::new();
    extra_params.insert("auth_url".to_owned(), json!(auth_url));
    extra_params.insert("http".to_owned(), json!({"proxy": "none"}));
    for (key, value) in params.as_object().unwrap() {
        extra_params.insert(key.clone(), value.clone());
    }
    OpenStack.connect(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("openstack"),
        user: Some("demo".to_owned()),
        password: Some(Secret::new("hunter2")),
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

fn answer(routes: &Routes, seen: &Seen) -> Reply {
    let path = seen.target.split('?').next().unwrap();
    let mut routes = routes.lock().unwrap();
    match routes.get_mut(&format!("{} {path}", seen.method)) {
        Some(replies) if replies.len() > 1 => replies.pop_front().unwrap(),
        Some(replies) => replies[0].clone(),
        None => Reply::json(
            404,
            &json!({"itemNotFound": {"code": 404, "message": format!("nothing at {path}")}}),
        ),
    }
}

/// A call with time enough.
pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(20), "req-1", Priority::Person)
}
