//! A server of its own for each test, over a socket, on dummy clouds.
#![expect(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part of this"
)]
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

use std::net::SocketAddr;
use std::time::Duration;

use cloudfarm::api::{ServeOptions, serve};
use cloudfarm::settings::{CloudEntry, CloudSettings, FarmSettings, LayerSettings, Settings, Span};
use cloudfarm_contract::Text;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A running server.
#[derive(Debug, Clone)]
pub struct TestServer {
    url: String,
    client: reqwest::Client,
}

/// What it answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

/// An entry of the farm: name, engine, `extra_params`.
pub fn cloud(name: &str, engine: &str, extra_params: Value) -> CloudEntry {
    let Value::Object(extra_params) = extra_params else {
        panic!("extra_params is an object")
    };
    CloudEntry {
        name: Text::from(name),
        engine: Text::from(engine),
        settings: Ok(CloudSettings {
            user: None,
            password: None,
            extra_params,
            layers: LayerSettings::default(),
        }),
    }
}

/// A dummy cloud whose nodes change in an instant.
pub fn fast_dummy(name: &str) -> CloudEntry {
    cloud(name, "dummy", json!({ "seed": 7, "transition": "0s" }))
}

impl TestServer {
    /// Serves these clouds with default settings.
    pub fn start(clouds: Vec<CloudEntry>) -> Self {
        Self::start_with(clouds, |_| {})
    }

    /// Serves these clouds; `change` may change the settings.
    pub fn start_with(clouds: Vec<CloudEntry>, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        settings.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        settings.server.workers = 1;
        settings.store.url = "sqlite::memory:".into();
        settings.jobs.retry_pause = Span::millis(10);
        change(&mut settings);
        let options = ServeOptions {
            settings,
            farm: FarmSettings { clouds },
            read_farm: std::sync::Arc::new(|| Ok(FarmSettings::default())),
            works: true,
        };
        let (told, listening) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build();
            let tell = move |address| told.send(address).expect("the test waits for the address");
            runtime
                .expect("a runtime")
                .block_on(serve(options, tell))
                .expect("it serves");
        });
        let address = listening
            .recv_timeout(Duration::from_secs(30))
            .expect("it listens");
        Self {
            url: format!("http://{address}"),
            client: reqwest::Client::new(),
        }
    }

    /// The address, as `http://127.0.0.1:12345`.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, None, headers).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, &[]).await
    }

    /// A change whose answer is held until its job has ended; gives the job's result.
    pub async fn done(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self
            .send(method, path, body, &[("prefer", "wait=30")])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.body["state"], "finished", "{path}: {}", answer.text);
        answer.body["result"].clone()
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            request = request.header(name, HeaderValue::from_str(value).expect("a header value"));
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a text");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            text,
            body,
        }
    }
}

impl Answer {
    /// Asserts that this is a problem document of this status and kind.
    #[track_caller]
    pub fn is_problem(&self, status: u16, kind: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{}",
            self.text
        );
        assert_eq!(self.body["kind"], kind, "{}", self.text);
        assert_eq!(self.body["status"], status, "{}", self.text);
        let id = self.headers["x-request-id"].to_str().expect("an id");
        assert_eq!(self.body["request_id"], id, "{}", self.text);
        self
    }

    /// Asserts that the detail holds this text.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let detail = self.body["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(text), "{text:?} is not in {}", self.text);
        self
    }

    /// The ids of the items of a list.
    pub fn ids(&self) -> Vec<String> {
        let items = self.body["items"].as_array().expect("items");
        items
            .iter()
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect()
    }
}
