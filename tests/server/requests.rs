//! Bad input gets a clear problem document and changes nothing; good input may be conditional.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{Server, problem};

const FARM: &str = r#"
[cloud_farm.default]
engine = "dummy"
extra_params = { seed = 1, nodes = 20, transition = "0s" }
"#;
const NODES: &str = "/api/v1/clouds/default/nodes";

async fn node(server: &Server) -> Value {
    server.read(&format!("{NODES}?state=running&limit=1")).await["items"][0].clone()
}

fn path_of(node: &Value) -> String {
    format!("{NODES}/{}", node["id"].as_str().unwrap())
}

fn good() -> Value {
    json!({"name": "web-1", "image": "debian-12*", "size": "tiny"})
}

fn but(field: &str, value: Value) -> Value {
    let mut body = good();
    body[field] = value;
    body
}

#[tokio::test]
async fn bad_bodies_name_the_field_and_change_nothing() {
    let server = Server::start(FARM).await;
    let before = server.read(NODES).await["items"].as_array().unwrap().len();
    for (body, named) in [
        (but("colour", json!("red")), "colour"),
        (but("name", json!(7)), "name"),
        (but("name", json!("")), "name"),
        (but("name", json!("   ")), "name"),
        (but("name", json!("x".repeat(300))), "name"),
        (but("name", json!("bell\u{7}")), "name"),
        (but("name", json!("line\nbreak")), "name"),
        (but("image", json!("no-such-image")), "image"),
        (but("size", json!("ram>=lots")), "size"),
        (but("size", json!("no-such-size")), "size"),
        (but("metadata", json!({"key": 7})), "metadata"),
        (
            but("networks", json!([{"network": "nowhere"}])),
            "networks.0",
        ),
        (
            but("security_groups", json!(["no-such-group"])),
            "security_groups.0",
        ),
        (json!([]), "object"),
        (json!(["web-1", "debian-12*", "tiny"]), "object"),
        (json!(7), "object"),
        (json!({}), "name"),
    ] {
        let answer = server.post(NODES, &body).send().await.unwrap();
        let problem = problem(answer, 400).await;
        assert_eq!(problem["kind"], "invalid", "{problem}");
        assert_eq!(problem["side_effect"], "none", "{problem}");
        let said = format!("{} {}", problem["field"], problem["detail"]);
        assert!(said.contains(named), "{body} is told {said}");
    }
    for text in ["", "{", "{\"name\": }", "\u{0}", "nul"] {
        let request = server.post(NODES, &good()).body(text);
        problem(request.send().await.unwrap(), 400).await;
    }
    let after = server.read(NODES).await["items"].as_array().unwrap().len();
    assert_eq!(before, after);
    assert_eq!(server.read("/api/v1/jobs").await["items"], json!([]));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::start(FARM).await;
    for (path, named) in [
        ("/api/v1/clouds/defualt", "defualt"),
        ("/api/v1/clouds/defualt/nodes", "default"),
        ("/api/v1/nodes?cloud=default,nowhere", "nowhere"),
        ("/api/v1/clouds/default/nodes/nobody", "nobody"),
        ("/api/v1/clouds/default/images/no-such", "no-such"),
        ("/api/v1/clouds/default/sizes/no-such", "no-such"),
        (
            "/api/v1/jobs/0190a1b2-0000-7000-8000-000000000000",
            "0190a1b2",
        ),
        ("/api/v1/jobs/no-uuid", "no-uuid"),
        ("/api/v2/nodes", "/docs"),
        ("/", "/docs"),
    ] {
        let answer = server.get(path).send().await.unwrap();
        let problem = problem(answer, 404).await;
        let said = format!("{} {}", problem["detail"], problem["hint"]);
        assert!(said.contains(named), "{path} is told {said}");
    }
}

#[tokio::test]
async fn bad_queries_name_the_parameter() {
    let server = Server::start(FARM).await;
    for (query, named) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=", "cursor"),
        ("state=jogging", "state"),
        ("metadata=role", "metadata"),
        ("colour=red", "colour"),
    ] {
        let answer = server
            .get(&format!("{NODES}?{query}"))
            .send()
            .await
            .unwrap();
        let problem = problem(answer, 400).await;
        let said = format!("{} {}", problem["field"], problem["detail"]);
        assert!(said.contains(named), "{query} is told {said}");
    }
    let next = server.read(&format!("{NODES}?limit=5")).await["next"].clone();
    let elsewhere = format!(
        "{NODES}?limit=5&name=web-*&cursor={}",
        next.as_str().unwrap()
    );
    problem(server.get(&elsewhere).send().await.unwrap(), 400).await;
}

/// The path with a cloud and a node that are there, so that nothing else can be refused.
fn with_names(path: &str, node: &str) -> String {
    path.replace("{cloud}", "default").replace("{node}", node)
}

#[tokio::test]
async fn numbers_of_a_query_keep_the_bounds_that_the_document_names() {
    let server = Server::start(FARM).await;
    let id = node(&server).await["id"].as_str().unwrap().to_owned();
    let document = server.read("/api/v1/openapi.json").await;
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            let schema = &parameter["schema"];
            if parameter["in"] != "query" || schema["type"] != "integer" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let min = schema["minimum"].as_i64().unwrap();
            let max = schema["maximum"].as_i64().unwrap();
            let path = with_names(path, &id);
            for within in [min, max] {
                server.read(&format!("{path}?{name}={within}")).await;
            }
            for beyond in [min - 1, max + 1] {
                let answer = server.get(&format!("{path}?{name}={beyond}"));
                let problem = problem(answer.send().await.unwrap(), 400).await;
                assert_eq!(problem["field"], name, "{path}?{name}={beyond}");
                let detail = problem["detail"].as_str().unwrap();
                assert!(detail.contains(&format!("from {min} to {max}")), "{detail}");
                refused += 1;
            }
        }
    }
    assert!(refused > 30, "only {refused} were looked at");
}

#[tokio::test]
async fn methods_and_media_types_that_do_not_fit_are_refused() {
    let server = Server::start(FARM).await;
    let refused = server
        .client()
        .request(Method::PUT, server.url(NODES))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.headers()["allow"], "GET, POST");
    problem(refused, 405).await;
    let post = || {
        server
            .client()
            .post(server.url(NODES))
            .body(good().to_string())
    };
    for media_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
    ] {
        let refused = post()
            .header("content-type", media_type)
            .send()
            .await
            .unwrap();
        problem(refused, 415).await;
    }
    problem(post().send().await.unwrap(), 415).await;
    let taken = post()
        .header("content-type", "application/json; charset=utf-8")
        .send();
    assert!(taken.await.unwrap().status().is_success());
}

/// The head of the answer to a request that is written as it is.
async fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn a_body_of_100_mb_is_refused_by_its_length_and_by_its_bytes() {
    let server = Server::start(FARM).await;
    let head = format!("POST {NODES} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n");
    let announced = format!("{head}content-length: 104857600\r\n\r\n");
    let announced = raw(&server, announced.as_bytes()).await;
    assert!(announced.starts_with("HTTP/1.1 413 "));

    let before = server.resident();
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
    let streamed = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}{chunk}");
    assert!(
        raw(&server, streamed.as_bytes())
            .await
            .starts_with("HTTP/1.1 413 ")
    );

    let sent = server
        .post(NODES, &json!("x".repeat(100 << 20)))
        .send()
        .await;
    if let Ok(answer) = sent {
        assert_eq!(problem(answer, 413).await["kind"], "invalid");
    }
    assert!(server.resident() < before + (16 << 20));
    assert_eq!(server.read("/api/v1/jobs").await["items"], json!([]));
}

#[tokio::test]
async fn an_illegal_action_says_which_states_allow_it() {
    let server = Server::start(FARM).await;
    let node = node(&server).await;
    let start = format!("{}/start", path_of(&node));
    let problem = problem(server.post(&start, &json!({})).send().await.unwrap(), 409).await;
    assert_eq!(problem["kind"], "conflict");
    let allowed = problem["allowed_states"].as_array().unwrap();
    assert!(allowed.contains(&json!("stopped")) && !allowed.contains(&json!("running")));
    let unknown = format!("{}/dance", path_of(&node));
    crate::process::problem(server.post(&unknown, &json!({})).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn an_ambiguous_name_gets_its_candidates() {
    let server = Server::start(FARM).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let job = server.carry_out(server.post(NODES, &good())).await;
        ids.push(job["resource"]["id"].clone());
    }
    let answer = server.get(&format!("{NODES}/web-1")).send().await.unwrap();
    let problem = problem(answer, 409).await;
    let candidates = problem["candidates"].as_array().unwrap().iter();
    let candidates: Vec<_> = candidates
        .map(|candidate| candidate["id"].clone())
        .collect();
    assert_eq!(candidates, ids);
}

#[tokio::test]
async fn etags_spare_an_answer_and_guard_a_change() {
    let server = Server::start(FARM).await;
    let path = path_of(&node(&server).await);
    let first = server.get(&path).send().await.unwrap();
    let etag = first.headers()["etag"].clone();
    let known = server
        .get(&path)
        .header("if-none-match", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), 304);
    assert_eq!(known.headers()["etag"], etag);
    assert!(known.bytes().await.unwrap().is_empty());

    let rename = |name: &str| {
        let rename = server
            .client()
            .patch(server.url(&path))
            .json(&json!({"name": name}));
        rename.header("if-match", &etag)
    };
    server.carry_out(rename("renamed")).await;
    let stale = problem(rename("again").send().await.unwrap(), 409).await;
    assert_eq!(stale["kind"], "conflict");
    let now = server
        .get(&path)
        .header("if-none-match", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(now.status(), 200);
    assert_eq!(now.json::<Value>().await.unwrap()["name"], "renamed");
}
