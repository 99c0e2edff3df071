//! What the tests of all kinds of resources ask alike.

use reqwest::Method;
use reqwest::header::ETAG;
use serde_json::{Value, json};

use crate::common::{Answer, TestServer, fast_dummy};

/// Where the test cloud is.
pub(crate) const LAB: &str = "/api/v1/clouds/lab";

/// A server with one fast cloud.
pub(crate) fn server() -> TestServer {
    TestServer::start(vec![fast_dummy("lab")])
}

/// The path of something on the test cloud.
pub(crate) fn at(path: &str) -> String {
    format!("{LAB}/{path}")
}

/// Makes something and gives it as the job's result holds it.
pub(crate) async fn make(server: &TestServer, plural: &str, noun: &str, body: Value) -> Value {
    let result = server.done(Method::POST, &at(plural), Some(body)).await;
    assert!(result[noun].is_object(), "no {noun} in {result}");
    result[noun].clone()
}

/// Makes a node and gives its id.
pub(crate) async fn node(server: &TestServer, name: &str) -> String {
    let body = json!({ "name": name, "image": "debian*", "size": "ram>=1" });
    id(&make(server, "nodes", "node", body).await)
}

/// Changes something and waits for it.
pub(crate) async fn post(server: &TestServer, path: &str, body: Value) -> Value {
    server.done(Method::POST, &at(path), Some(body)).await
}

/// Deletes something and waits for it.
pub(crate) async fn delete(server: &TestServer, path: &str) {
    server.done(Method::DELETE, &at(path), None).await;
}

/// A change whose job fails; gives the job's problem.
pub(crate) async fn fails(server: &TestServer, method: Method, path: &str, body: Value) -> Value {
    let wait = [("prefer", "wait=30")];
    let answer = server.send(method, &at(path), Some(body), &wait).await;
    assert_eq!(answer.body["state"], "error", "{}", answer.text);
    answer.body["error"].clone()
}

pub(crate) fn id(resource: &Value) -> String {
    resource["id"].as_str().expect("an id").to_owned()
}

/// It is listed, filtered by name, and shown by id and by name with an ETag that is honoured.
pub(crate) async fn is_shown(server: &TestServer, plural: &str, id: &str, name: &str) {
    let all = server.get(&at(plural)).await;
    assert!(all.ids().contains(&id.to_owned()), "{}", all.text);
    let named = server.get(&at(&format!("{plural}?name={name}"))).await;
    assert_eq!(named.ids(), [id], "{}", named.text);
    let others = server.get(&at(&format!("{plural}?name=not-{name}"))).await;
    assert!(others.ids().is_empty(), "{}", others.text);

    let by_id = shown(server, plural, id).await;
    let by_name = shown(server, plural, name).await;
    assert_eq!(by_id.body["id"], by_name.body["id"]);
    assert_eq!(by_id.body["cloud"], "lab");
    let etag = by_id.headers[ETAG].to_str().expect("an ETag").to_owned();
    let again = server
        .get_with(
            &at(&format!("{plural}/{id}")),
            &[("if-none-match", etag.as_str())],
        )
        .await;
    assert_eq!(again.status, 304, "{}", again.text);
    let stale = server
        .send(
            Method::DELETE,
            &at(&format!("{plural}/{id}")),
            None,
            &[("if-match", "W/\"0\"")],
        )
        .await;
    stale.is_problem(409, "conflict").says("changed since");
}

async fn shown(server: &TestServer, plural: &str, reference: &str) -> Answer {
    let answer = server.get(&at(&format!("{plural}/{reference}"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// It can be deleted by name, and then is neither shown nor deleted.
pub(crate) async fn is_deleted(server: &TestServer, plural: &str, id: &str, name: &str) {
    delete(server, &format!("{plural}/{name}")).await;
    let path = at(&format!("{plural}/{id}"));
    server.get(&path).await.is_problem(404, "not_found");
    server.delete(&path).await.is_problem(404, "not_found");
    let left = server.get(&at(plural)).await;
    assert!(!left.ids().contains(&id.to_owned()), "{}", left.text);
}

/// Names that no cloud takes, unknown fields and wrong types are refused, and nothing is made.
/// `body` makes something if `name` in it is right.
pub(crate) async fn refuses_bad_bodies(server: &TestServer, plural: &str, body: Value) {
    let before = server.get(&at(plural)).await.body;
    for (name, says) in [
        ("", "name is empty"),
        ("a\u{7}b", "control character at position 1"),
        (" a", "white space"),
        (&"x".repeat(300), "300 characters"),
    ] {
        let mut wrong = body.clone();
        wrong["name"] = json!(name);
        let answer = server.post(&at(plural), wrong).await;
        answer.is_problem(400, "invalid").says(says);
        assert_eq!(answer.body["field"], "name", "{}", answer.text);
    }
    let mut wrong = body.clone();
    wrong["name"] = json!(7);
    let answer = server.post(&at(plural), wrong).await;
    answer.is_problem(400, "invalid");
    assert_eq!(answer.body["field"], "name", "{}", answer.text);
    let mut wrong = body;
    wrong["colour"] = json!("red");
    let answer = server.post(&at(plural), wrong).await;
    answer.is_problem(400, "invalid").says("colour");
    assert_eq!(server.get(&at(plural)).await.body, before);
}

/// A field is refused: status and kind are those of a wrong request, and the field is named.
pub(crate) async fn refuses_field(server: &TestServer, path: &str, body: Value, field: &str) {
    let answer = server.post(&at(path), body).await;
    answer.is_problem(400, "invalid");
    assert_eq!(answer.body["field"], field, "{}", answer.text);
}

/// A change is refused for what is there, before there is a job.
pub(crate) async fn refuses_now(server: &TestServer, path: &str, body: Value, says: &str) {
    let answer = server.post(&at(path), body).await;
    answer.is_problem(409, "conflict").says(says);
}

/// Two things of one name: asked for by it, both are named as candidates.
pub(crate) async fn is_ambiguous(server: &TestServer, plural: &str, name: &str, ids: [&str; 2]) {
    for method in [Method::GET, Method::DELETE] {
        let path = at(&format!("{plural}/{name}"));
        let answer = server.send(method, &path, None, &[]).await;
        answer.is_problem(409, "conflict");
        let mut candidates: Vec<&str> = answer.body["candidates"]
            .as_array()
            .expect("candidates")
            .iter()
            .map(|candidate| candidate["id"].as_str().expect("an id"))
            .collect();
        candidates.sort_unstable();
        let mut wanted = ids;
        wanted.sort_unstable();
        assert_eq!(candidates, wanted);
    }
}

/// The list has no gap and no double, however small its pages.
pub(crate) async fn pages(server: &TestServer, plural: &str) {
    let key = |item: &Value| item.get("id").unwrap_or(&item["name"]).clone();
    let all = server.get(&at(plural)).await.body;
    let all: Vec<Value> = all["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(key)
        .collect();
    assert!(all.len() > 2, "too few {plural} to page: {all:?}");
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&at(&format!("{plural}?limit=2{cursor}"))).await;
        let items = page.body["items"].as_array().expect("items");
        assert!(items.len() <= 2, "{}", page.text);
        seen.extend(items.iter().map(key));
        match page.body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    for wrong in ["limit=0", "limit=100000", "cursor=nonsense", "colour=red"] {
        let answer = server.get(&at(&format!("{plural}?{wrong}"))).await;
        answer.is_problem(400, "invalid");
    }
}
