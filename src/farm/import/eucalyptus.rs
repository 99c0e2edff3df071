//! `eucarc` and `euca2ools.ini`, and the `EC2_*` variables.

use cloudfarm_contract::ErrorKind;
use cloudfarm_eucalyptus::aws_files::{Described, Euca2ools, Eucarc, process_variables, variable};
use serde_json::{Map, Value, json};

use super::place::{place_of, refused};
use super::{CloudDraft, ImportError, ImportRequest, ImportSource, cloud_name};

const ENGINE: &str = "eucalyptus";

/// The shell file that Eucalyptus hands out, or what it set.
#[derive(Debug)]
pub(super) struct EucarcFile;

impl ImportSource for EucarcFile {
    fn name(&self) -> &'static str {
        "eucarc"
    }

    fn read(
        &self,
        request: &ImportRequest,
    ) -> Result<Vec<Result<CloudDraft, ImportError>>, ImportError> {
        if let Some(file) = &request.file {
            let described = Eucarc::load(file)?.described();
            let from = format!("{}", file.display());
            return Ok(vec![draft(ENGINE, from, described, request.copy_secrets)]);
        }
        if !request.environment {
            let hint = "name it with --file, or say --environment after sourcing it";
            return Err(refused(ErrorKind::Invalid, "no eucarc is named", hint));
        }
        let described = Eucarc::of_variables(process_variables()).described();
        let from = "the environment".to_owned();
        Ok(vec![draft(ENGINE, from, described, request.copy_secrets)])
    }
}

/// The files of euca2ools.
#[derive(Debug)]
pub(super) struct Euca2oolsFiles;

impl ImportSource for Euca2oolsFiles {
    fn name(&self) -> &'static str {
        "euca2ools"
    }

    fn read(
        &self,
        request: &ImportRequest,
    ) -> Result<Vec<Result<CloudDraft, ImportError>>, ImportError> {
        let files = Euca2ools::load(&process_variables(), request.file.as_deref())?;
        let mut names = request.clouds.clone();
        if request.all {
            names.extend(files.regions().into_iter().map(str::to_owned));
        }
        if names.is_empty() {
            let default = files.default_region().ok_or_else(|| {
                let known = files.regions().join(", ");
                let hint = format!("say --cloud REGION or --all; the regions are: {known}");
                refused(ErrorKind::Invalid, "there is no default region", &hint)
            })?;
            names.push(default.to_owned());
        }
        let drafts = names.iter().map(|name| {
            let described = files.described(name)?;
            let from = format!("region {name:?} of euca2ools");
            draft(name, from, described, request.copy_secrets)
        });
        Ok(drafts.collect())
    }
}

fn draft(
    origin: &str,
    from: String,
    described: Described,
    copy_secrets: bool,
) -> Result<CloudDraft, ImportError> {
    let missing = |what: &str| {
        let message = format!("{origin}: there is no {what}");
        refused(ErrorKind::Invalid, &message, "")
    };
    let user = described.access_key.ok_or_else(|| missing("access key"))?;
    let secret = described.secret_key.ok_or_else(|| missing("secret key"))?;
    let url = described.url.ok_or_else(|| missing("address of the api"))?;
    let mut parameters = place_of(&url)?;
    let mut http = Map::new();
    if let Some(ca_file) = described.ca_file {
        http.insert("ca_file".to_owned(), json!(ca_file));
    }
    if described.verify == Some(false) {
        http.insert("insecure_skip_verify".to_owned(), json!(true));
    }
    if !http.is_empty() {
        parameters.insert("http".to_owned(), Value::Object(http));
    }
    let mut draft = CloudDraft {
        name: cloud_name(origin),
        origin: origin.to_owned(),
        from,
        entry: Map::new(),
        secrets: Vec::new(),
    };
    let password = if copy_secrets {
        draft.secrets.push("password".to_owned());
        json!(secret.expose())
    } else {
        let variables = process_variables();
        let names = ["EC2_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"];
        let holds = |name: &&&str| variable(&variables, &[name]) == Some(secret.expose());
        let name = names.iter().find(holds).ok_or_else(|| {
            let message = "no variable holds the secret key, so there is nothing to refer to";
            refused(ErrorKind::Invalid, message, "--copy-secrets copies it")
        })?;
        json!({ "env": name })
    };
    draft.entry.insert("engine".to_owned(), json!(ENGINE));
    draft.entry.insert("user".to_owned(), json!(user));
    draft.entry.insert("password".to_owned(), password);
    draft
        .entry
        .insert("extra_params".to_owned(), Value::Object(parameters));
    Ok(draft)
}
