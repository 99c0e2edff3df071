//! A small control plane: Keystone, Nova and Neutron behind one port, whose wire can be told to
//! fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::layers::{LayerSettings, Layered, NoObserver, RateLimit, Stack};
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, Priority, Secret, SystemClock, Text,
};
use cloudfarm_openstack::OpenStack;
use cloudfarm_wire::{Reply, Seen, Wire};
use serde_json::{Map, Value, json};

pub(crate) const LOGIN: (&str, &str) = ("POST", "/v3/auth/tokens");
pub(crate) const LIST: (&str, &str) = ("GET", "/compute/v2.1/servers/detail");
pub(crate) const CREATE: (&str, &str) = ("POST", "/compute/v2.1/servers");

/// What the control plane knows.
#[derive(Default)]
pub(crate) struct State {
    logins: AtomicUsize,
    /// The number of the token that is good; tokens of other numbers are refused.
    good: AtomicUsize,
    servers: Mutex<Vec<Value>>,
}

impl State {
    /// Ends every token that was given.
    pub(crate) fn expire(&self) {
        self.good.store(usize::MAX, Ordering::SeqCst);
    }

    /// Makes a server, whatever is answered then.
    pub(crate) fn make(&self, asked: &Seen) -> Value {
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        let metadata = body["server"]["metadata"].clone();
        self.add(body["server"]["name"].as_str().unwrap(), metadata)
    }

    fn add(&self, name: &str, metadata: Value) -> Value {
        let mut servers = self.servers.lock().unwrap();
        let id = format!("id-{}", servers.len() + 1);
        let server = json!({"id": id, "name": name, "status": "ACTIVE", "metadata": metadata});
        servers.push(server.clone());
        server
    }

    pub(crate) fn servers(&self) -> usize {
        self.servers.lock().unwrap().len()
    }

    fn answer(&self, asked: &Seen) -> Reply {
        let host = format!("http://{}", asked.headers["host"]);
        if asked.is(LOGIN.0, LOGIN.1) {
            return self.login(asked, &host);
        }
        let number = asked.headers.get("x-auth-token");
        let number = number.and_then(|token| token.strip_prefix("token-")?.parse().ok());
        if number != Some(self.good.load(Ordering::SeqCst)) {
            return unauthorized();
        }
        if asked.is("GET", "/compute/v2.1/") {
            return Reply::json(
                200,
                &json!({"version":
                {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1"}}),
            );
        }
        if asked.is(LIST.0, LIST.1) || asked.is("GET", "/compute/v2.1/servers") {
            return self.page(asked, &host);
        }
        if asked.is(CREATE.0, CREATE.1) {
            return Reply::json(202, &json!({"server": {"id": self.make(asked)["id"]}}));
        }
        let servers = self.servers.lock().unwrap();
        let found = servers.iter().find(|server| {
            asked
                .target
                .ends_with(&format!("/servers/{}", server["id"].as_str().unwrap()))
        });
        match found {
            Some(server) => Reply::json(200, &json!({"server": server})),
            None => Reply::json(
                404,
                &json!({"itemNotFound": {"message": "no", "code": 404}}),
            ),
        }
    }

    fn login(&self, asked: &Seen, host: &str) -> Reply {
        if !asked.body.contains("\"secret\"") {
            return unauthorized();
        }
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        self.good.store(number, Ordering::SeqCst);
        let endpoint = |region: &str, url: String| json!({"interface": "public", "region_id": region, "url": url});
        let service = |kind: &str, path: &str| {
            let here = endpoint("RegionOne", format!("{host}/{path}"));
            let there = endpoint("RegionTwo", format!("http://two.invalid/{path}"));
            json!({"type": kind, "endpoints": [here, there]})
        };
        let body = json!({"token": {
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "project": {"id": "p1"}, "user": {"id": "u1"},
            "catalog": [service("compute", "compute/v2.1"), service("network", "network")],
        }});
        let token = format!("token-{number}");
        Reply::new(201, &[("x-subject-token", &token)], body.to_string())
    }

    fn page(&self, asked: &Seen, host: &str) -> Reply {
        let servers = self.servers.lock().unwrap();
        let limit = asked.query("limit").map_or(1000, |n| n.parse().unwrap());
        let start = asked.query("marker").map_or(0, |marker| {
            1 + servers.iter().position(|s| s["id"] == marker).unwrap()
        });
        let items: Vec<_> = servers.iter().skip(start).take(limit).collect();
        let mut body = json!({"servers": items});
        if let Some(last) = items.last().filter(|_| start + limit < servers.len()) {
            let id = last["id"].as_str().unwrap();
            body["servers_links"] = next(&format!("{host}{}?limit={limit}&marker={id}", LIST.1));
        }
        Reply::json(200, &body)
    }
}

/// A link to the next page.
pub(crate) fn next(href: &str) -> Value {
    json!([{"rel": "next", "href": href}])
}

pub(crate) fn unauthorized() -> Reply {
    let message = "The request you have made requires authentication.";
    let error = json!({"error": {"code": 401, "message": message, "title": "Unauthorized"}});
    Reply::json(401, &error)
}

/// A control plane with three servers, and a driver that has not asked it anything yet.
pub(crate) struct Lab {
    pub(crate) wire: Wire,
    pub(crate) state: Arc<State>,
    pub(crate) driver: Arc<dyn Driver>,
}

impl Lab {
    /// `fault` answers what it wants to; what it leaves is answered well.
    pub(crate) async fn start(
        fault: impl Fn(&Seen, &State) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(State::default());
        for name in ["one", "two", "three"] {
            state.add(name, json!({}));
        }
        let known = Arc::clone(&state);
        let answer =
            move |asked: &Seen| fault(asked, &known).unwrap_or_else(|| known.answer(asked));
        let wire = Wire::start(answer).await;
        let driver = driver(&format!("http://127.0.0.1:{}/v3", wire.port), json!({}));
        Self {
            wire,
            state,
            driver,
        }
    }

    /// The driver below the layers that every call of the server passes.
    pub(crate) fn layered(&self) -> Layered {
        let limit = Arc::new(RateLimit::new(Default::default()));
        let layers = LayerSettings::default();
        let stack = Stack::new(Text::from("lab"), layers, limit, Arc::new(NoObserver));
        Layered::new(Arc::clone(&self.driver), stack)
    }

    pub(crate) fn logins(&self) -> usize {
        self.wire.count(LOGIN.0, LOGIN.1)
    }
}

/// A driver for the cloud at `auth_url`, with `extra` over what it needs.
pub(crate) fn driver(auth_url: &str, extra: Value) -> Arc<dyn Driver> {
    connect("demo", "secret", auth_url, extra)
}

pub(crate) fn connect(user: &str, password: &str, auth_url: &str, extra: Value) -> Arc<dyn Driver> {
    let mut extra_params = Map::new();
    for (name, value) in [
        ("auth_url", auth_url),
        ("project", "demo"),
        ("user_domain", "Default"),
        ("project_domain", "Default"),
        ("region", "RegionOne"),
    ] {
        extra_params.insert(name.to_owned(), Value::from(value));
    }
    extra_params.insert("http".to_owned(), json!({"proxy": "none", "timeout": "2s"}));
    extra_params.extend(extra.as_object().unwrap().clone());
    let config = CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("openstack"),
        user: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        extra_params,
        clock: Arc::new(SystemClock),
    };
    OpenStack.connect(config).unwrap()
}

/// A call with time enough.
pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(30), "req-1", Priority::Person)
}
