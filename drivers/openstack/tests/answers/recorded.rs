//! Answers of a real control plane, and what they are to be read as.

use std::fs;
use std::path::PathBuf;

use cloudfarm_http::header::{HeaderMap, HeaderName, HeaderValue};
use cloudfarm_http::{Response, StatusCode};
use cloudfarm_openstack::fuzzing::Reply;
use serde_json::{Value, json};

/// One recorded answer.
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// All of them, by name.
pub(crate) fn all() -> Vec<Recorded> {
    let directory =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/clouds/openstack/golden");
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut paths: Vec<PathBuf> = files.collect();
    paths.sort();
    paths.iter().map(Recorded::load).collect()
}

impl Recorded {
    fn load(path: &PathBuf) -> Self {
        let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        for (name, value) in file["headers"].as_object().into_iter().flatten() {
            headers.insert(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
            );
        }
        let body = match (&file["body"], &file["text"]) {
            (Value::Null, Value::String(text)) => text.clone().into_bytes(),
            (Value::Null, _) => Vec::new(),
            // The catalog by itself looks as it does in a token.
            (body, _) if name == "catalog" => json!({"token": body}).to_string().into_bytes(),
            (body, _) => body.to_string().into_bytes(),
        };
        if name == "catalog" {
            headers.insert("x-subject-token", HeaderValue::from_static("token"));
        }
        Self {
            name,
            status: file["status"].as_u64().unwrap().try_into().unwrap(),
            headers,
            body,
        }
    }

    /// The answer, with another body.
    pub(crate) fn with_body(&self, body: Vec<u8>) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap();
        Response::recorded(status, self.headers.clone(), body).unwrap()
    }

    pub(crate) fn response(&self) -> Response {
        self.with_body(self.body.clone())
    }

    /// What the driver takes it for; none where the driver never asks for such a thing, or looks at
    /// its status alone.
    pub(crate) fn reply(&self) -> Option<Reply> {
        let name = self.name.as_str();
        if self.status >= 400 {
            return Some(Reply::Refusal);
        }
        if let Some((_, reply)) = EXACTLY.iter().find(|(known, _)| *known == name) {
            return *reply;
        }
        let (_, reply) = BY_START
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .unwrap_or_else(|| panic!("{name} is new: say here what reads it"));
        Some(*reply)
    }
}

const EXACTLY: &[(&str, Option<Reply>)] = &[
    ("availability-zones", Some(Reply::Locations)),
    ("catalog", Some(Reply::Token)),
    ("compute-v2.1", Some(Reply::Versions)),
    ("console-output", Some(Reply::ConsoleOutput)),
    ("console-url", Some(Reply::ConsoleUrl)),
    ("identity-v3", Some(Reply::Versions)),
    ("key-pairs", Some(Reply::KeyPairs)),
    ("network-quotas", Some(Reply::NetworkQuotas)),
    ("network-quotas-details", Some(Reply::NetworkQuotas)),
    ("networks", Some(Reply::Networks)),
    ("projects", Some(Reply::Projects)),
    ("routers", Some(Reply::Routers)),
    ("server-create", Some(Reply::NodeCreated)),
    ("server-create-2.96", Some(Reply::NodeCreated)),
    ("server-image-2.1", Some(Reply::ImageCreated)),
    ("server-image-2.45", Some(Reply::ImageCreated)),
    ("snapshot-create", Some(Reply::VolumeSnapshot)),
    ("volume-quota-usage", Some(Reply::VolumeQuotas)),
    ("volume-availability-zones", Some(Reply::Locations)),
    ("security-group-rule-create", Some(Reply::SecurityRule)),
    // The status says it all.
    ("change-password", None),
    ("floating-ip-delete", None),
    ("image-delete", None),
    ("key-pair-delete", None),
    ("key-pair-delete-2.2", None),
    ("rescue", None),
    ("security-group-delete", None),
    ("server-delete", None),
    ("server-metadata", None),
    ("snapshot-delete", None),
    ("volume-attach", None),
    ("volume-delete", None),
    ("volume-detach", None),
    ("volume-extend", None),
    // The driver does not ask for them.
    ("flavor-extra-specs", None),
    ("hypervisors", None),
    ("limits", None),
    ("ports", None),
    ("server-actions", None),
    ("server-group-create", None),
    ("server-groups", None),
    ("server-interfaces", None),
    ("services", None),
    ("volume-attachments", None),
    ("volume-limits", None),
    ("volume-types", None),
];

/// The longer start before the shorter.
const BY_START: &[(&str, Reply)] = &[
    ("compute-versions", Reply::Versions),
    ("flavors", Reply::Sizes),
    ("floating-ips", Reply::Addresses),
    ("floating-ip-", Reply::Address),
    ("identity-versions", Reply::Versions),
    ("image-versions", Reply::Versions),
    ("images", Reply::Images),
    ("image", Reply::Image),
    ("key-pair", Reply::KeyPair),
    ("network-versions", Reply::Versions),
    ("networks", Reply::Networks),
    ("placement-versions", Reply::Versions),
    ("quota-set", Reply::ComputeQuotas),
    ("security-groups", Reply::SecurityGroups),
    ("security-group", Reply::SecurityGroup),
    ("servers", Reply::Nodes),
    ("server", Reply::Node),
    ("snapshots", Reply::VolumeSnapshots),
    ("subnets", Reply::Subnets),
    ("token", Reply::Token),
    ("volume-versions", Reply::Versions),
    ("volumes", Reply::Volumes),
    ("volume", Reply::Volume),
];
