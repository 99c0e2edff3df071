//! A small CloudAPI whose wire can be told to fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::{
    Clock, CloudConfig, Context, Driver, Engine, Priority, Result, SystemClock, Text,
};
use cloudfarm_smartdatacenter::SmartDataCenter;
use cloudfarm_wire::{Reply, Seen, Wire};
use serde_json::{Map, Value, json};

pub(crate) const MACHINES: &str = "/demo/machines";

/// What the cloud knows, the newest machine first as with the real one.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) machines: Mutex<Vec<Value>>,
}

impl State {
    /// Makes a machine, whatever is answered then.
    pub(crate) fn make(&self, asked: &Seen) -> Value {
        let body: Map<String, Value> = serde_json::from_str(&asked.body).unwrap();
        let tags: Map<String, Value> = body
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("tag.")?.to_owned(), value.clone())))
            .collect();
        self.add(body["name"].as_str().unwrap(), "provisioning", tags)
    }

    pub(crate) fn add(&self, name: &str, state: &str, tags: Map<String, Value>) -> Value {
        let mut machines = self.machines.lock().unwrap();
        let id = format!("00000000-0000-4000-8000-{:012}", machines.len() + 1);
        let machine = json!({"id": id, "name": name, "state": state, "tags": tags});
        machines.insert(0, machine.clone());
        machine
    }

    fn answer(&self, asked: &Seen) -> Reply {
        let path = asked.target.split('?').next().unwrap();
        let machines = self.machines.lock().unwrap();
        match path {
            MACHINES => self.page(asked, &machines),
            "/demo/networks" | "/demo/packages" | "/demo/fabrics/default/vlans" => {
                Reply::json(200, &json!([]))
            }
            "/demo/datacenters" => Reply::json(
                200,
                &json!({"lab-1": "http://lab-1.invalid", "lab-2": "http://lab-2.invalid"}),
            ),
            _ => {
                let found = machines
                    .iter()
                    .find(|it| path == format!("{MACHINES}/{}", it["id"].as_str().unwrap()));
                match found {
                    Some(machine) => Reply::json(200, machine),
                    None => refusal(404, "ResourceNotFound", "there is no such thing"),
                }
            }
        }
    }

    fn page(&self, asked: &Seen, machines: &[Value]) -> Reply {
        let number = |name: &str| {
            asked
                .query(name)
                .and_then(|text| text.parse::<usize>().ok())
        };
        let mark = asked.query("tag.cloudfarm.mark");
        let wanted = machines.iter().filter(|it| {
            mark.is_none_or(|mark| it["tags"]["cloudfarm.mark"].as_str() == Some(mark))
        });
        let page: Vec<&Value> = wanted
            .skip(number("offset").unwrap_or(0))
            .take(number("limit").unwrap_or(1000))
            .collect();
        Reply::json(200, &json!(page))
    }
}

/// What CloudAPI says no with.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"code": code, "message": message}))
}

/// A cloud, and the driver for it.
pub(crate) struct Lab {
    pub(crate) state: Arc<State>,
    pub(crate) wire: Wire,
    pub(crate) driver: Arc<dyn Driver>,
}

impl Lab {
    /// Whatever `fault` says to a request stands for the answer.
    pub(crate) async fn start(
        fault: impl Fn(&Seen, &State) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::at(Arc::new(SystemClock), fault).await
    }

    /// The same by another clock.
    pub(crate) async fn at(
        clock: Arc<dyn Clock>,
        fault: impl Fn(&Seen, &State) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(State::default());
        let known = Arc::clone(&state);
        let wire = Wire::start(move |asked| {
            assert!(asked.headers["authorization"].starts_with("Signature keyId=\"/demo/"));
            fault(asked, &known).unwrap_or_else(|| known.answer(asked))
        })
        .await;
        let url = format!("http://127.0.0.1:{}", wire.port);
        let driver = connect_at(
            clock,
            Some("demo"),
            &json!({"url": url, "key": key("rsa.pem")}),
        );
        Self {
            state,
            wire,
            driver: driver.unwrap(),
        }
    }
}

pub(crate) fn key(name: &str) -> String {
    std::fs::read_to_string(key_file(name)).unwrap()
}

pub(crate) fn key_file(name: &str) -> String {
    format!("{}/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn connect(user: Option<&str>, extra: &Value) -> Result<Arc<dyn Driver>> {
    connect_at(Arc::new(SystemClock), user, extra)
}

fn connect_at(clock: Arc<dyn Clock>, user: Option<&str>, extra: &Value) -> Result<Arc<dyn Driver>> {
    SmartDataCenter.connect(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("triton"),
        user: user.map(str::to_owned),
        password: None,
        extra_params: extra.as_object().unwrap().clone(),
        clock,
    })
}

pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(20), "test", Priority::Job)
}
