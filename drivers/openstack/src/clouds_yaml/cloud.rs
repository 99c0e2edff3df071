//! One cloud: its entry over its profile over the defaults, in one of its regions.

use serde_json::{Value, json};

use super::auth;
use super::error::ReadError;
use super::files::CloudsYaml;
use super::fixes;
use super::names::suggest;
use super::places::Places;
use super::tree::{Tree, normalized, text, update};

/// The settings of a cloud, with the names of today. They hold secrets.
#[derive(Clone)]
pub struct Settings {
    pub(super) tree: Tree,
    pub(super) places: Places,
}

impl Settings {
    pub(super) fn read(
        files: &CloudsYaml,
        entry: &Tree,
        region: Option<&str>,
    ) -> Result<Self, ReadError> {
        let mut tree = base(files, entry)?;
        let region = Region::choose(files, entry, region)?;
        tree.remove("regions");
        let values: Tree = region
            .values
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect();
        update(&mut tree, &values);
        tree.insert("region_name".to_owned(), Value::from(region.name));
        let tree = normalized(fixes::apply(tree)?);
        let tree = fixes::expanded(auth::sorted(tree)?)?;
        Ok(Self {
            tree,
            places: files.places.clone(),
        })
    }

    /// What openstacksdk would have as its configuration.
    pub const fn tree(&self) -> &serde_json::Map<String, Value> {
        &self.tree
    }

    /// The text at a key; nothing if it is empty.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let value = self.tree.get(key).and_then(text);
        value.filter(|text| !text.is_empty())
    }

    /// The text at a key of `auth`.
    pub(super) fn auth(&self, key: &str) -> Option<String> {
        let value = self.tree.get("auth")?.get(key).and_then(text);
        value.filter(|text| !text.is_empty())
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Settings")
            .field(&self.tree.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The entry over its profile over the defaults.
fn base(files: &CloudsYaml, entry: &Tree) -> Result<Tree, ReadError> {
    let mut tree = Tree::new();
    tree.insert("auth_type".to_owned(), json!("password"));
    tree.insert("interface".to_owned(), json!("public"));
    tree.insert("verify".to_owned(), json!(true));
    tree.insert("auth".to_owned(), json!({}));
    if let Some(profile) = profile(files, entry)? {
        update(&mut tree, profile);
    }
    update(&mut tree, entry);
    tree.remove("cloud");
    match &tree["auth"] {
        Value::Object(_) => Ok(tree),
        Value::Null => {
            tree.insert("auth".to_owned(), json!({}));
            Ok(tree)
        }
        _ => Err(ReadError::invalid("auth must be a mapping")),
    }
}

/// The profile that the entry builds on. `cloud` is an old word for it.
fn profile<'a>(files: &'a CloudsYaml, entry: &Tree) -> Result<Option<&'a Tree>, ReadError> {
    let given = entry.get("profile").or_else(|| entry.get("cloud"));
    let Some(name) = given.and_then(text).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    if name == files.environment_name {
        return Ok(None);
    }
    match files.public.get(&name) {
        Some(Value::Object(profile)) => Ok(Some(profile)),
        Some(_) => Err(ReadError::invalid(format!(
            "profile {name:?} must be a mapping"
        ))),
        None => {
            let message = format!("there is no profile {name:?} in clouds-public.yaml");
            let known = files.public.keys().map(String::as_str);
            let hint = format!(
                "the profiles that come with openstacksdk are not read: copy it into \
                 clouds-public.yaml; {}",
                suggest("profiles", &name, known)
            );
            Err(ReadError::not_found(message).with_hint(hint))
        }
    }
}

/// A region and what is different in it.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: String,
    values: Tree,
}

impl Region {
    /// The regions of a cloud, in their order; empty if it leaves the region open.
    pub(super) fn all(files: &CloudsYaml, entry: &Tree) -> Result<Vec<Self>, ReadError> {
        let entry = normalized(entry.clone());
        if let Some(regions) = entry.get("regions") {
            return Self::listed(regions);
        }
        match entry.get("region_name") {
            Some(list @ Value::Array(_)) => Self::listed(list),
            Some(Value::Null) => Ok(Vec::new()),
            Some(name) => {
                let names = text(name).unwrap_or_default();
                Ok(names.split(',').map(Self::named).collect())
            }
            None => Self::of_profile(profile(files, &entry)?),
        }
    }

    fn of_profile(profile: Option<&Tree>) -> Result<Vec<Self>, ReadError> {
        let at = |key: &str| profile.and_then(|profile| profile.get(key));
        match (at("regions"), at("region_name").and_then(text)) {
            (Some(Value::Array(regions)), _) if !regions.is_empty() => {
                regions.iter().map(Self::of).collect()
            }
            (_, Some(name)) if !name.is_empty() => Ok(vec![Self::named(&name)]),
            _ => Ok(Vec::new()),
        }
    }

    fn listed(list: &Value) -> Result<Vec<Self>, ReadError> {
        match list {
            Value::Array(regions) => regions.iter().map(Self::of).collect(),
            _ => Err(ReadError::invalid("regions must be a list")),
        }
    }

    fn of(region: &Value) -> Result<Self, ReadError> {
        let Value::Object(table) = region else {
            return Ok(Self::named(&text(region).unwrap_or_default()));
        };
        let name = table.get("name").and_then(text);
        let known = table.keys().all(|key| key == "name" || key == "values");
        let values = match table.get("values") {
            None => Some(Tree::new()),
            Some(Value::Object(values)) => Some(values.clone()),
            Some(_) => None,
        };
        match (name, values) {
            (Some(name), Some(values)) if known => Ok(Self { name, values }),
            _ => Err(ReadError::invalid(
                "a region must be a name, or a mapping with name and values",
            )),
        }
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            values: Tree::new(),
        }
    }

    fn choose(files: &CloudsYaml, entry: &Tree, wanted: Option<&str>) -> Result<Self, ReadError> {
        let mut regions = Self::all(files, entry)?;
        let Some(wanted) = wanted else {
            let first = regions.drain(..).next();
            return Ok(first.unwrap_or_else(|| Self::named("")));
        };
        if regions.is_empty() {
            return Ok(Self::named(wanted));
        }
        let at = regions.iter().position(|region| region.name == wanted);
        at.map(|at| regions.swap_remove(at)).ok_or_else(|| {
            let known = regions.iter().map(|region| region.name.as_str());
            ReadError::not_found(format!("there is no region {wanted:?}"))
                .with_hint(suggest("regions", wanted, known))
        })
    }
}
