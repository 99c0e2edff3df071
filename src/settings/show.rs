//! The effective settings, with where each value came from and without any secret.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::problems::{Problems, dotted, quoted_key};
use super::tree::Origin;

/// What stands in the place of a secret.
pub(super) const SECRET: &str = "[secret]";

/// One effective value.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownValue {
    path: Vec<String>,
    value: Json,
    origin: Origin,
    /// What the value of a secret refers to.
    reference: Option<String>,
}

impl ShownValue {
    pub(super) fn plain(path: &[String], value: Json, origin: Origin) -> Self {
        Self {
            path: path.to_vec(),
            value,
            origin,
            reference: None,
        }
    }

    pub(super) fn secret(path: &[String], origin: Origin, reference: Option<String>) -> Self {
        Self {
            path: path.to_vec(),
            value: Json::from(SECRET),
            origin,
            reference,
        }
    }

    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where it came from, in words.
    fn source(&self) -> String {
        match &self.reference {
            None => self.origin.to_string(),
            Some(reference) => format!("{}, {reference}", self.origin),
        }
    }
}

/// The effective settings; neither form holds a secret.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    values: Vec<ShownValue>,
    problems: Problems,
}

impl Shown {
    pub(super) fn new(mut values: Vec<ShownValue>, problems: Problems) -> Self {
        // TOML wants the keys of a table before its inner tables.
        values.sort_by(|one, other| {
            let (one, other) = (&one.path, &other.path);
            let tables = |path: &[String]| path.split_last().map(|(_, table)| table.to_vec());
            tables(one).cmp(&tables(other)).then_with(|| one.cmp(other))
        });
        Self { values, problems }
    }

    /// As TOML. A comment says where each value came from; the problems stand on top.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        for problem in self.problems.iter() {
            let _ = writeln!(out, "# problem: {problem}");
        }
        let mut table: Option<&[String]> = None;
        for shown in &self.values {
            let Some((key, parents)) = shown.path.split_last() else {
                continue;
            };
            if table != Some(parents) {
                let blank = if out.is_empty() { "" } else { "\n" };
                let _ = writeln!(out, "{blank}[{}]", dotted(parents));
                table = Some(parents);
            }
            if let Ok(value) = toml::Value::try_from(&shown.value) {
                let _ = writeln!(out, "{} = {value}  # {}", quoted_key(key), shown.source());
            }
        }
        out
    }

    /// As JSON: `values`, the `sources` by dotted key, and the `problems`.
    pub fn to_json(&self) -> Json {
        let mut values = Map::new();
        let mut sources = Map::new();
        for shown in &self.values {
            insert(&mut values, &shown.path, &shown.value);
            sources.insert(dotted(&shown.path), Json::from(shown.source()));
        }
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        json!({ "values": values, "sources": sources, "problems": problems })
    }
}

fn insert(table: &mut Map<String, Json>, path: &[String], value: &Json) {
    match path {
        [] => {}
        [key] => {
            table.insert(key.clone(), value.clone());
        }
        [key, rest @ ..] => {
            let inner = table.entry(key.clone()).or_insert_with(|| json!({}));
            if let Json::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
