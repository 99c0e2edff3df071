//! Ways to log in, and what belongs to each.

use serde_json::{Map, Value};

use super::error::ReadError;
use super::names::suggest;
use super::tree::{Tree, is_truthy};

/// A way to log in.
struct Way {
    name: &'static str,
    /// What it takes, with the old names of it.
    options: &'static [&'static [Opt]],
    /// What it cannot do without; one of each is enough.
    required: &'static [&'static [&'static str]],
}

/// An option, and the old name of it or nothing.
type Opt = (&'static str, &'static str);

const COMMON: &[Opt] = &[
    ("auth_url", ""),
    ("system_scope", ""),
    ("domain_id", ""),
    ("domain_name", ""),
    ("trust_id", ""),
];
const PROJECT: &[Opt] = &[
    ("project_id", "tenant_id"),
    ("project_name", "tenant_name"),
    ("project_domain_id", ""),
    ("project_domain_name", ""),
];
const DEFAULT_DOMAIN: &[Opt] = &[("default_domain_id", ""), ("default_domain_name", "")];
const TENANT: &[Opt] = &[
    ("auth_url", ""),
    ("tenant_id", ""),
    ("tenant_name", ""),
    ("trust_id", ""),
];
const USER: &[Opt] = &[("user_id", ""), ("username", "user_name")];
const USER_DOMAIN: &[Opt] = &[("user_domain_id", ""), ("user_domain_name", "")];
const PASSWORD: &[Opt] = &[("password", "")];
const TOKEN: &[Opt] = &[("token", "")];
const CREDENTIAL: &[Opt] = &[
    ("application_credential_secret", ""),
    ("application_credential_id", ""),
    ("application_credential_name", ""),
];

const WAYS: [Way; 7] = [
    Way {
        name: "password",
        options: &[COMMON, PROJECT, DEFAULT_DOMAIN, USER, USER_DOMAIN, PASSWORD],
        required: &[],
    },
    Way {
        name: "v3password",
        options: &[COMMON, PROJECT, USER, USER_DOMAIN, PASSWORD],
        required: &[],
    },
    Way {
        name: "v2password",
        options: &[TENANT, USER, PASSWORD],
        required: &[],
    },
    Way {
        name: "token",
        options: &[COMMON, PROJECT, DEFAULT_DOMAIN, TOKEN],
        required: &[],
    },
    Way {
        name: "v3token",
        options: &[COMMON, PROJECT, TOKEN],
        required: &[],
    },
    Way {
        name: "v2token",
        options: &[TENANT, TOKEN],
        required: &[],
    },
    Way {
        name: "v3applicationcredential",
        options: &[COMMON, PROJECT, USER, USER_DOMAIN, CREDENTIAL],
        required: &[
            &["application_credential_id", "application_credential_name"],
            &["application_credential_secret"],
        ],
    },
];

impl Way {
    fn of(settings: &Tree) -> Result<&'static Self, ReadError> {
        let name = match settings.get("auth_type") {
            Some(Value::String(name)) => name.as_str(),
            _ => "none",
        };
        let known = || WAYS.iter().map(|way| way.name);
        WAYS.iter().find(|way| way.name == name).ok_or_else(|| {
            ReadError::invalid(format!("auth_type {name:?} is not supported")).with_hint(suggest(
                "supported ones",
                name,
                known(),
            ))
        })
    }

    fn check(&self, auth: &Tree) -> Result<(), ReadError> {
        let has = |key: &str| auth.contains_key(key);
        if !has("auth_url") {
            return Err(missing("auth_url", self.name));
        }
        for any in self.required {
            if !any.iter().any(|key| has(key)) {
                return Err(missing(&any.join(" or auth."), self.name));
            }
        }
        let own = |key: &str| {
            self.options
                .iter()
                .copied()
                .flatten()
                .any(|(own, _)| *own == key)
        };
        match auth.keys().find(|key| !own(key)) {
            None => Ok(()),
            Some(key) => Err(self.stranger(key)),
        }
    }

    fn stranger(&self, key: &str) -> ReadError {
        let message = format!("auth_type {:?} does not take auth.{key}", self.name);
        let takes = |way: &&Self| {
            way.options
                .iter()
                .copied()
                .flatten()
                .any(|(own, _)| *own == key)
        };
        match WAYS.iter().rev().find(takes) {
            Some(other) => {
                ReadError::invalid(message).with_hint(format!("auth_type {:?} does", other.name))
            }
            None => ReadError::invalid(message),
        }
    }
}

fn missing(key: &str, name: &str) -> ReadError {
    ReadError::invalid(format!(
        "auth.{key} is missing, which auth_type {name:?} needs"
    ))
}

/// Moves what belongs to the way to log in below `auth`. What stands there already wins, and so do
/// the names of today.
pub(super) fn sorted(mut tree: Tree) -> Result<Tree, ReadError> {
    let way = Way::of(&tree)?;
    let mut auth = match tree.remove("auth") {
        Some(Value::Object(auth)) => auth,
        _ => Map::new(),
    };
    for (key, old) in way.options.iter().copied().flatten() {
        let mut value = None;
        for place in [&mut auth, &mut tree] {
            let (new, old) = (place.remove(*key), place.remove(*old));
            value = value.or_else(|| new.or(old).filter(is_truthy));
        }
        if let Some(value) = value {
            auth.insert((*key).to_owned(), value);
        }
    }
    way.check(&auth)?;
    tree.insert("auth".to_owned(), Value::Object(auth));
    Ok(tree)
}
