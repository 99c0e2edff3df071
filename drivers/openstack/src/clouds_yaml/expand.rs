//! `extra_params.clouds_yaml`: the settings of a cloud from `clouds.yaml`.

use cloudfarm_contract::{CloudConfig, Error, Result};
use serde_json::Value;

use super::files::CloudsYaml;
use super::places::Places;
use super::tree::{Tree, overlay};

/// Puts what the farm says over what `clouds.yaml` says, where the farm refers to it.
///
/// # Errors
///
/// `invalid` if there is no such cloud, or if it makes no sense.
pub(crate) fn expand(config: CloudConfig, places: impl FnOnce() -> Places) -> Result<CloudConfig> {
    let mut own = config.extra_params.clone();
    let mut take =
        |key: &str| match own.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid(format!("{key} must be text"))
                .with_field(format!("extra_params.{key}"))),
        };
    let (name, file, secure) = (
        take("clouds_yaml")?,
        take("clouds_file")?,
        take("secure_file")?,
    );
    let Some(name) = name else {
        if file.is_some() || secure.is_some() {
            let message = "clouds_file and secure_file go with clouds_yaml, the name of the cloud";
            return Err(Error::invalid(message).with_field("extra_params.clouds_yaml"));
        }
        return Ok(config);
    };
    let mut places = places().without_environment();
    if let Some(file) = file {
        places = places.with_file(file);
    }
    if let Some(secure) = secure {
        places = places.with_secure_file(secure);
    }
    let region = own.get("region").and_then(Value::as_str);
    let access = CloudsYaml::load(places)?.cloud(&name, region)?.access()?;
    let mut extra_params = access.parameters;
    yield_to(&mut extra_params, &own);
    overlay(&mut extra_params, own);
    Ok(CloudConfig {
        user: config.user.or(access.user),
        password: config.password.or(access.password),
        extra_params,
        ..config
    })
}

/// What the farm says by name takes the place of what the file says by id, and the other way round.
fn yield_to(theirs: &mut Tree, own: &Tree) {
    const ALIKE: [&[&str]; 3] = [
        &[
            "project",
            "project_name",
            "project_id",
            "domain",
            "domain_id",
            "system_scope",
        ],
        &["user_domain", "user_domain_name", "user_domain_id"],
        &["project_domain", "project_domain_name", "project_domain_id"],
    ];
    for alike in ALIKE {
        if alike.iter().any(|key| own.contains_key(*key)) {
            theirs.retain(|key, _| !alike.contains(&key.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cloudfarm_contract::{CloudConfig, SystemClock, Text};
    use serde_json::{Value, json};

    use super::super::places::{Places, Variables};
    use super::expand;

    const FILES: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/clouds/openstack/clouds_yaml"
    );

    fn config(extra_params: Value) -> CloudConfig {
        CloudConfig {
            name: Text::from_static("lab"),
            engine: Text::from_static("openstack"),
            user: None,
            password: None,
            extra_params: extra_params.as_object().unwrap().clone(),
            clock: Arc::new(SystemClock),
        }
    }

    fn places() -> Places {
        let password = ("OS_PASSWORD".to_owned(), "of the environment".to_owned());
        Places::of(Variables::from([password]), None)
    }

    #[test]
    fn what_the_farm_says_stands_over_the_file() {
        let file = format!("{FILES}/password.yaml");
        let given = json!({
            "clouds_yaml": "demo", "clouds_file": file, "project_id": "77", "region": "Two",
            "http": {"timeout": "5s"}
        });
        let error = expand(config(given), places).unwrap_err();
        assert_eq!(error.hint(), Some("the regions are: RegionOne"));
        let given = json!({
            "clouds_yaml": "demo", "clouds_file": file, "project_id": "77",
            "http": {"timeout": "5s"}
        });
        let read = expand(config(given), places).unwrap();
        assert_eq!(read.user.as_deref(), Some("demo"));
        assert_eq!(read.password.unwrap().expose(), "hunter2");
        let wanted = json!({
            "auth_type": "password", "auth_url": "https://keystone.example:5000/v3",
            "user_domain": "Default", "region": "RegionOne",
            "interface": "internal", "http": {"timeout": "5s"}, "project_id": "77"
        });
        let mut read = Value::Object(read.extra_params);
        read.as_object_mut().unwrap().remove("project_domain");
        assert_eq!(read, wanted);
    }

    #[test]
    fn errors_name_no_path() {
        let given = json!({"clouds_yaml": "demo", "clouds_file": "/no/such/clouds.yaml"});
        let error = expand(config(given), places).unwrap_err();
        assert!(
            !format!("{error} {:?}", error.hint()).contains("/no"),
            "{error}"
        );
        assert_eq!(error.field().unwrap(), "extra_params.clouds_yaml");
        let file = format!("{FILES}/password.yaml");
        let given = json!({"clouds_yaml": "dmeo", "clouds_file": file});
        let error = expand(config(given), places).unwrap_err();
        assert_eq!(
            error.hint(),
            Some("did you mean \"demo\"? the clouds are: demo, ids")
        );
        let given = json!({"clouds_file": file});
        assert!(expand(config(given), places).is_err());
        assert!(expand(config(json!({"auth_url": "x"})), places).is_ok());
    }
}
