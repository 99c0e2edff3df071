//! The document describes every operation so that clients can be made from it.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

use std::collections::BTreeSet;

use serde_json::Value;

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

fn document() -> Value {
    serde_json::to_value(cloudfarm::api::document()).expect("JSON")
}

/// Every operation, under its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, item) in paths {
        let item = item.as_object().expect("a path item");
        for (method, operation) in item {
            if METHODS.contains(&method.as_str()) {
                operations.push((format!("{method} {path}"), operation));
            }
        }
    }
    assert!(operations.len() > 50, "only {}", operations.len());
    operations
}

#[test]
fn every_operation_has_a_tag_a_summary_and_an_id_of_its_own() {
    let document = document();
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut ids = BTreeSet::new();
    for (at, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id), "{at}: {id} is there twice");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{at} has no summary");
        assert!(!summary.ends_with('.'), "{at}: {summary}");
        let tagged = operation["tags"].as_array().expect("tags");
        assert_eq!(tagged.len(), 1, "{at}");
        assert!(
            tags.contains(&&tagged[0]),
            "{at}: {} is not described",
            tagged[0]
        );
    }
}

#[test]
fn every_parameter_of_a_path_is_described() {
    let document = document();
    for (at, operation) in operations(&document) {
        let described: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| {
                let description = parameter["description"].as_str().unwrap_or_default();
                assert!(!description.is_empty(), "{at}: {parameter}");
                parameter["name"].as_str().expect("a name")
            })
            .collect();
        let in_path: BTreeSet<&str> = at
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        assert_eq!(described, in_path, "{at}");
    }
}

#[test]
fn whatever_changes_a_cloud_answers_with_a_job() {
    let document = document();
    for (at, operation) in operations(&document) {
        let responses = operation["responses"].as_object().expect("responses");
        let only_says = [
            "/check",
            "/remote-console",
            "/adopt",
            "/forget",
            "/lease",
            "/assign",
        ];
        let changes = at.ends_with("/actions")
            || at.contains("/clouds/{cloud}/")
                && !at.starts_with("get ")
                && !only_says.iter().any(|end| at.ends_with(end));
        let of_job = [
            "/jobs/{job}/cancel",
            "/jobs/{job}/retry",
            "/schedules/{schedule}/run",
        ];
        let changes = changes || of_job.iter().any(|end| at.ends_with(end));
        assert_eq!(responses.contains_key("202"), changes, "{at}");
        if at.contains("{cloud}") {
            for problem in ["404", "501", "502", "504"] {
                assert!(responses.contains_key(problem), "{at} lacks {problem}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 30, "only {references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

fn collect<'a>(value: &'a Value, references: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("$ref", Value::String(reference)) => drop(references.insert(reference)),
                    _ => collect(value, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
