//! The actions of a call with many, as clients write them.

use std::collections::BTreeMap;

use cloudfarm_contract::model::{RebootKind, RebuildRequest, RescueRequest};
use cloudfarm_contract::{Error, Result, Secret, Text, nearest, without_values};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::nodes::{NodeCreateBody, NodePatchBody};
use crate::jobs::kinds::Change;
use crate::orchestrator::Wanted;

/// One kind of action for each line: what it needs beside clouds and nodes, and the change.
macro_rules! actions {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* } => $change:expr;
    )*) => {
        /// Something to be done to many nodes, or nodes to be made.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(tag = "action", deny_unknown_fields)]
        #[schema(as = Action)]
        pub(super) enum ActionBody {
            /// Make nodes.
            CreateNodes {
                /// The cloud.
                cloud: Text,
                /// The nodes, each as one is made alone.
                #[schema(min_items = 1, max_items = 1000)]
                nodes: Vec<NodeCreateBody>,
            },
            $(
            $(#[$doc])*
            $name {
                /// The cloud, or a glob that takes in several: `*` is all of them.
                #[serde(default)]
                #[schema(min_length = 1, example = "lab")]
                cloud: Option<Text>,
                /// Several clouds, by name or glob, instead of `cloud`.
                #[serde(default)]
                clouds: Vec<Text>,
                /// The nodes: ids, exact names, or globs that take in every match.
                #[schema(min_items = 1, max_items = 1000)]
                nodes: Vec<Text>,
                $($(#[$field_doc])* $field: $type,)*
            },
            )*
        }

        /// Every action.
        const NAMES: &[&str] = &["CreateNodes", $(stringify!($name)),*];

        impl ActionBody {
            fn wanted(self) -> Result<Vec<Wanted>> {
                match self {
                    Self::CreateNodes { cloud, nodes } => creations(&cloud, nodes),
                    $(
                    Self::$name { cloud, clouds, nodes, $($field),* } => Ok(vec![Wanted::Change {
                        clouds: one_of(cloud, clouds)?,
                        nodes: some(nodes)?,
                        change: $change,
                    }]),
                    )*
                }
            }
        }
    };
}

actions! {
    /// End them for good, with their disks.
    DestroyNodes {} => Change::Destroy;
    /// Bring stopped nodes up.
    StartNodes {} => Change::Start;
    /// Bring them down and keep them.
    StopNodes {} => Change::Stop;
    /// Bring them down and up again.
    RebootNodes {
        /// `soft` (the default) or `hard`.
        #[serde(default)]
        kind: RebootKind,
    } => Change::Reboot(kind);
    /// Change their metadata.
    UpdateNodes {
        /// Items to set, and with `null` to remove; the others stay.
        #[schema(value_type = BTreeMap<String, Option<String>>)]
        metadata: BTreeMap<Text, Option<Text>>,
    } => Change::try_from(NodePatchBody { name: None, metadata: Some(metadata) })?;
    /// Give them another size.
    ResizeNodes {
        /// A size: its id, its exact name, or a need that takes the smallest that fits.
        #[schema(min_length = 1)]
        size: Text,
    } => Change::Resize(size);
    /// Keep the new size of resized nodes.
    ConfirmResizes {} => Change::ConfirmResize;
    /// Take resized nodes back to their old size.
    RevertResizes {} => Change::RevertResize;
    /// Install them afresh.
    RebuildNodes {
        /// An image: its id, its exact name, or a glob that takes the newest match.
        #[schema(min_length = 1)]
        image: Text,
        /// The administrator's password; `null` lets the provider choose.
        #[serde(default)]
        admin_password: Option<Secret>,
        /// What they run at their first boot; `null` keeps what they had.
        #[serde(default)]
        user_data: Option<Secret>,
    } => Change::Rebuild(RebuildRequest { image, admin_password, user_data });
    /// Write their memory to disk.
    SuspendNodes {} => Change::Suspend;
    /// Bring suspended nodes back.
    ResumeNodes {} => Change::Resume;
    /// Hold their processors.
    PauseNodes {} => Change::Pause;
    /// Let paused nodes go on.
    UnpauseNodes {} => Change::Unpause;
    /// Let their hosts go and keep their disks.
    ShelveNodes {} => Change::Shelve;
    /// Bring shelved nodes back.
    UnshelveNodes {} => Change::Unshelve;
    /// Boot them from a rescue image.
    RescueNodes {
        /// The rescue image: its id, its exact name or a glob; `null` leaves it to the provider.
        #[serde(default)]
        image: Option<Text>,
        /// The administrator's password; `null` lets the provider choose.
        #[serde(default)]
        admin_password: Option<Secret>,
    } => Change::Rescue(RescueRequest { image, admin_password });
    /// Boot rescued nodes from their own disks.
    UnrescueNodes {} => Change::Unrescue;
    /// Set the administrator's password.
    ChangePasswords {
        /// The new password.
        password: Secret,
    } => Change::ChangePassword(password);
}

/// An action that was read, by its name.
pub(super) struct NamedAction {
    pub(super) name: &'static str,
    pub(super) wanted: Vec<Wanted>,
}

/// Reads the action of a schedule.
///
/// # Errors
///
/// As [`read`].
pub(super) fn read_scheduled(action: Value) -> Result<Vec<Wanted>> {
    read_at("action", action).map(|read| read.wanted)
}

/// Reads the action at `index` of the call.
///
/// # Errors
///
/// `invalid`, naming the field: an unknown action, an unknown or missing field, no nodes.
pub(super) fn read(index: usize, action: Value) -> Result<NamedAction> {
    read_at(&format!("actions.{index}"), action)
}

fn read_at(place: &str, action: Value) -> Result<NamedAction> {
    let at = |field: &str| match field {
        "" | "." => place.to_owned(),
        field => format!("{place}.{field}"),
    };
    let name = match action.get("action") {
        Some(Value::String(name)) => known(name).map_err(|error| error.with_field(at("action")))?,
        _ => {
            return Err(Error::invalid("action is missing, or no text").with_field(at("action")));
        }
    };
    let body: ActionBody = serde_path_to_error::deserialize(action).map_err(|error| {
        let field = at(&error.path().to_string());
        let message = without_values(&error.into_inner().to_string());
        Error::invalid(format!("{name}: {message}")).with_field(field)
    })?;
    let wanted = body.wanted().map_err(|error| {
        let field = at(error.field().map_or("", Text::as_str));
        error.with_field(field)
    })?;
    Ok(NamedAction { name, wanted })
}

fn known(name: &str) -> Result<&'static str> {
    if let Some(known) = NAMES.iter().find(|known| **known == name) {
        return Ok(known);
    }
    let hint = match nearest(name, NAMES.iter().copied()) {
        Some(known) => format!("did you mean {known:?}?"),
        None => format!("there are: {}", NAMES.join(", ")),
    };
    Err(Error::invalid(format!("there is no action {name:?}")).with_hint(hint))
}

fn creations(cloud: &Text, nodes: Vec<NodeCreateBody>) -> Result<Vec<Wanted>> {
    let create = |node: NodeCreateBody| Wanted::Create(cloud.clone(), Box::new(node.into()));
    Ok(some(nodes)?.into_iter().map(create).collect())
}

fn one_of(cloud: Option<Text>, clouds: Vec<Text>) -> Result<Vec<Text>> {
    let hint = "a name, a glob, or * for all clouds";
    match (cloud, clouds) {
        (Some(cloud), clouds) if clouds.is_empty() => Ok(vec![cloud]),
        (None, clouds) if !clouds.is_empty() => Ok(clouds),
        (Some(_), _) => Err(Error::invalid("cloud and clouds exclude each other")
            .with_field("clouds")
            .with_hint(hint)),
        (None, _) => Err(Error::invalid("cloud is missing")
            .with_field("cloud")
            .with_hint(hint)),
    }
}

fn some<T>(nodes: Vec<T>) -> Result<Vec<T>> {
    if nodes.is_empty() {
        return Err(Error::invalid("nodes is empty").with_field("nodes"));
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    fn refused(action: serde_json::Value) -> (String, String, String) {
        let error = read(3, action).map(|read| read.name).unwrap_err();
        let field = error.field().map(ToString::to_string).unwrap_or_default();
        let hint = error.hint().unwrap_or_default().to_owned();
        (error.message().to_owned(), field, hint)
    }

    #[test]
    fn a_wrong_action_is_named_with_the_nearest() {
        let (message, field, hint) = refused(json!({ "action": "StopNode", "nodes": ["a"] }));
        assert_eq!(message, "there is no action \"StopNode\"");
        assert_eq!(field, "actions.3.action");
        assert_eq!(hint, "did you mean \"StopNodes\"?");
    }

    #[test]
    fn a_wrong_field_is_named() {
        let stop = json!({ "action": "StopNodes", "cloud": "a", "nodes": ["a"], "colour": 1 });
        assert!(refused(stop).0.contains("unknown field `colour`"));
        let none = json!({ "action": "StopNodes", "cloud": "a", "nodes": [] });
        assert_eq!(refused(none).1, "actions.3.nodes");
        let nowhere = json!({ "action": "StopNodes", "nodes": ["a"] });
        assert_eq!(refused(nowhere).1, "actions.3.cloud");
    }

    #[test]
    fn a_wrong_password_is_not_quoted() {
        let action = json!({
            "action": "ChangePasswords", "cloud": "a", "nodes": ["a"], "password": ["hunter2"],
        });
        assert!(!refused(action).0.contains("hunter2"));
    }
}
