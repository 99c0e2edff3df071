//! Old names and places of settings, moved to where they are today.

use serde_json::{Value, json};

use super::error::ReadError;
use super::tree::{Tree, boolean, is_truthy, text};

/// A name of today and the names that it has had, the strongest last.
type Renamed = (&'static str, &'static [&'static str]);

const AUTH: [Renamed; 7] = [
    ("domain_id", &["domain_id", "domain-id"]),
    ("domain_name", &["domain_name", "domain-name"]),
    ("user_domain_id", &["user_domain_id", "user-domain-id"]),
    (
        "user_domain_name",
        &["user_domain_name", "user-domain-name"],
    ),
    (
        "project_domain_id",
        &["project_domain_id", "project-domain-id"],
    ),
    (
        "project_domain_name",
        &["project_domain_name", "project-domain-name"],
    ),
    ("token", &["auth-token", "auth_token", "token"]),
];
const PROJECT: [Renamed; 2] = [
    (
        "project_id",
        &["tenant_id", "tenant-id", "project_id", "project-id"],
    ),
    (
        "project_name",
        &["tenant_name", "tenant-name", "project_name", "project-name"],
    ),
];
/// `v2password` knows tenants and no projects.
const TENANT: [Renamed; 2] = [
    (
        "tenant_id",
        &["project_id", "project-id", "tenant_id", "tenant-id"],
    ),
    (
        "tenant_name",
        &["project_name", "project-name", "tenant_name", "tenant-name"],
    ),
];
const DOMAINS: [(&str, [&str; 2]); 2] = [
    ("domain_id", ["user_domain_id", "project_domain_id"]),
    ("domain_name", ["user_domain_name", "project_domain_name"]),
];

/// Moves everything.
pub(super) fn apply(tree: Tree) -> Result<Tree, ReadError> {
    let mut tree = timeouts(tree);
    let mut auth = match tree.remove("auth") {
        Some(Value::Object(auth)) => auth,
        _ => Tree::new(),
    };
    if let Some(interface) = tree.remove("endpoint_type") {
        tree.insert("interface".to_owned(), interface);
    }
    auth_type(&mut tree);
    let is_v2 = tree.get("auth_type").is_some_and(|it| it == "v2password");
    let projects = if is_v2 { TENANT } else { PROJECT };
    for (name, names) in AUTH.into_iter().chain(projects) {
        rename(&mut tree, &mut auth, name, names);
    }
    let mut tree = interfaces(tree);
    domains(&mut tree, &mut auth);
    if let Some(insecure) = tree.get_mut("insecure") {
        let is_true = insecure.as_str().map_or_else(
            || is_truthy(insecure),
            |text| text.eq_ignore_ascii_case("true"),
        );
        *insecure = Value::Bool(is_true);
    }
    if let Some(verify) = tree.get_mut("verify") {
        *verify = boolean(verify).map_or(verify.take(), Value::Bool);
    }
    if let Some(Value::String(url)) = auth.get("auth_url") {
        let url = format(url, &tree)?;
        auth.insert("auth_url".to_owned(), Value::from(url));
    }
    tree.insert("auth".to_owned(), Value::Object(auth));
    Ok(tree)
}

/// Each service once had a timeout of its own.
fn timeouts(tree: Tree) -> Tree {
    let is_old = |key: &str| key.ends_with("timeout") && !matches!(key, "timeout" | "api_timeout");
    let (old, mut tree): (Tree, Tree) = tree.into_iter().partition(|(key, _)| is_old(key));
    if let Some((_, timeout)) = old.into_iter().next_back() {
        tree.insert("api_timeout".to_owned(), timeout);
    }
    tree
}

fn auth_type(tree: &mut Tree) {
    let old = tree.remove("auth_plugin");
    if let Some(chosen) = tree.remove("auth_type").or(old) {
        tree.insert("auth_type".to_owned(), chosen);
    }
}

fn rename(tree: &mut Tree, auth: &mut Tree, name: &str, names: &[&str]) {
    let mut found = None;
    for old in names {
        for place in [&mut *auth, &mut *tree] {
            found = place.remove(*old).as_ref().and_then(text).or(found);
        }
    }
    if let Some(found) = found.filter(|found| !found.is_empty()) {
        auth.insert(name.to_owned(), Value::from(found));
    }
}

/// `SERVICE_endpoint_type` is an old name of `SERVICE_interface`.
fn interfaces(tree: Tree) -> Tree {
    let today = |(key, value): (String, Value)| match key.strip_suffix("endpoint_type") {
        Some(service) => (format!("{service}interface"), value),
        None => (key, value),
    };
    tree.into_iter().map(today).collect()
}

/// A domain beside a project is the one of the project and of the user.
fn domains(tree: &mut Tree, auth: &mut Tree) {
    let has = |key: &str| tree.contains_key(key) || auth.contains_key(key);
    let has_project = has("project_id") || has("project_name");
    for (domain, places) in DOMAINS {
        if !has_project {
            if let (Some(value), false) = (tree.remove(domain), auth.contains_key(domain)) {
                auth.insert(domain.to_owned(), value);
            }
            continue;
        }
        tree.remove(domain);
        if let Some(value) = auth.remove(domain) {
            for place in places {
                auth.entry(place).or_insert_with(|| value.clone());
            }
        }
    }
}

/// Puts settings into the texts that refer to them, as `{region_name}`.
pub(super) fn expanded(mut tree: Tree) -> Result<Tree, ReadError> {
    let keys: Vec<String> = tree.keys().cloned().collect();
    for key in keys {
        if let Some(Value::String(value)) = tree.get(&key) {
            let value = format(value, &tree)?;
            tree.insert(key, json!(value));
        }
    }
    Ok(tree)
}

/// The part of Python's `str.format` that such files use.
fn format(template: &str, tree: &Tree) -> Result<String, ReadError> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if from.starts_with("{{") || from.starts_with("}}") {
            out.push_str(&from[..1]);
            rest = &from[2..];
            continue;
        }
        let inner = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let Some((key, after)) = inner else {
            return Err(ReadError::invalid(
                "a brace stands alone; {{ and }} are braces",
            ));
        };
        let Some(value) = tree.get(key).and_then(text) else {
            let message = format!("{{{key}}} refers to a setting that is not there");
            return Err(ReadError::invalid(message));
        };
        out.push_str(&value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}
