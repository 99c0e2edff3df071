//! A small Rackspace: its identity and its Nova behind one port, whose wire can be told to fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::layers::{LayerSettings, Layered, NoObserver, RateLimit, Stack};
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, Priority, Result, Secret, SystemClock, Text,
};
use cloudfarm_rackspace::Rackspace;
use cloudfarm_wire::{Reply, Seen, Wire};
use serde_json::{Map, Value, json};

pub(crate) const LOGIN: (&str, &str) = ("POST", "/v2.0/tokens");
pub(crate) const LIST: (&str, &str) = ("GET", "/dfw/v2/10/servers/detail");
pub(crate) const CREATE: (&str, &str) = ("POST", "/dfw/v2/10/servers");

/// What it knows.
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

    pub(crate) fn add(&self, name: &str, metadata: Value) -> Value {
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
        if asked.is(LOGIN.0, LOGIN.1) {
            return self.login(asked);
        }
        let number = asked.headers.get("x-auth-token");
        let number = number.and_then(|token| token.strip_prefix("token-")?.parse().ok());
        if number != Some(self.good.load(Ordering::SeqCst)) {
            return unauthorized();
        }
        let servers = self.servers.lock().unwrap().clone();
        if asked.is(LIST.0, LIST.1) || asked.is("GET", CREATE.1) {
            return Reply::json(200, &json!({"servers": servers}));
        }
        if asked.is(CREATE.0, CREATE.1) {
            let id = self.make(asked)["id"].clone();
            return Reply::json(202, &json!({"server": {"id": id, "adminPass": "once"}}));
        }
        let found = servers.iter().find(|server| {
            let id = server["id"].as_str().unwrap();
            asked.target.ends_with(&format!("/servers/{id}"))
        });
        match found {
            Some(server) => Reply::json(200, &json!({"server": server})),
            None => Reply::json(
                404,
                &json!({"itemNotFound": {"message": "no", "code": 404}}),
            ),
        }
    }

    fn login(&self, asked: &Seen) -> Reply {
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        let by_key = &body["auth"]["RAX-KSKEY:apiKeyCredentials"];
        let by_password = &body["auth"]["passwordCredentials"];
        let good = by_key == &json!({"username": "demo", "apiKey": "key"})
            || by_password == &json!({"username": "demo", "password": "secret"});
        if !good {
            return unauthorized();
        }
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        self.good.store(number, Ordering::SeqCst);
        let host = format!("http://{}", asked.headers["host"]);
        Reply::json(200, &access(&format!("token-{number}"), &host))
    }
}

/// The answer to a login: several services of one type, the right one last.
fn access(token: &str, host: &str) -> Value {
    let endpoint = |region: &str, path: &str| {
        let url = format!("{host}/{}/{path}", region.to_lowercase());
        json!({"region": region, "tenantId": "10", "publicURL": url})
    };
    let service = |name: &str, path: &str| {
        let endpoints = [endpoint("DFW", path), endpoint("LON", path)];
        json!({"name": name, "type": "compute", "endpoints": endpoints})
    };
    let old = json!({"name": "cloudServers", "type": "compute",
        "endpoints": [{"tenantId": "10", "publicURL": format!("{host}/old/v1.0/10")}]});
    json!({"access": {
        "token": {"id": token, "expires": "2999-11-23T21:00:14.000-06:00",
            "tenant": {"id": "10", "name": "10"}},
        "user": {"id": "7", "name": "demo", "RAX-AUTH:defaultRegion": "DFW"},
        "serviceCatalog": [old, service("cloudServersPreprod", "preprod"),
            service("cloudServersOpenStack", "v2/10")],
    }})
}

pub(crate) fn unauthorized() -> Reply {
    let message = "Unable to authenticate user with credentials provided.";
    Reply::json(
        401,
        &json!({"unauthorized": {"code": 401, "message": message}}),
    )
}

/// A small Rackspace with three servers, and a driver that has not asked it anything yet.
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
        Self::with("key", json!({}), fault).await
    }

    /// The same, for a driver with a secret and parameters of its own.
    pub(crate) async fn with(
        secret: &str,
        extra: Value,
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
        let mut params = json!({"auth_url": format!("http://127.0.0.1:{}/v2.0", wire.port)});
        for (name, value) in extra.as_object().unwrap() {
            params[name] = value.clone();
        }
        let driver = connect(secret, params).unwrap();
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

pub(crate) fn connect(secret: &str, params: Value) -> Result<Arc<dyn Driver>> {
    let mut extra_params = Map::new();
    extra_params.insert("http".to_owned(), json!({"proxy": "none", "timeout": "2s"}));
    extra_params.extend(params.as_object().unwrap().clone());
    Rackspace.connect(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("rackspace"),
        user: Some("demo".to_owned()),
        password: Some(Secret::new(secret)),
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

/// A call with time enough.
pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(30), "req-1", Priority::Person)
}
