//! Many changes in one request.

use cloudfarm_contract::model::NodeAction;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::session::Session;
use crate::Problem;
use crate::jobs::Job;

/// Actions in one request.
const AT_ONCE: usize = 500;

/// The name of an action of many nodes, as the API has it.
pub(crate) const fn name(action: NodeAction) -> Option<&'static str> {
    Some(match action {
        NodeAction::Destroy => "DestroyNodes",
        NodeAction::Start => "StartNodes",
        NodeAction::Stop => "StopNodes",
        NodeAction::Reboot => "RebootNodes",
        NodeAction::SetMetadata => "UpdateNodes",
        NodeAction::Resize => "ResizeNodes",
        NodeAction::ConfirmResize => "ConfirmResizes",
        NodeAction::RevertResize => "RevertResizes",
        NodeAction::Rebuild => "RebuildNodes",
        NodeAction::Suspend => "SuspendNodes",
        NodeAction::Resume => "ResumeNodes",
        NodeAction::Pause => "PauseNodes",
        NodeAction::Unpause => "UnpauseNodes",
        NodeAction::Shelve => "ShelveNodes",
        NodeAction::Unshelve => "UnshelveNodes",
        NodeAction::Rescue => "RescueNodes",
        NodeAction::Unrescue => "UnrescueNodes",
        NodeAction::ChangePassword => "ChangePasswords",
        _ => return None,
    })
}

/// The action for one node, `body` being what it needs beside the node.
pub(crate) fn action(action: NodeAction, cloud: &str, node: &str, body: &Value) -> Option<Value> {
    let mut whole = json!({ "action": name(action)?, "cloud": cloud, "nodes": [node] });
    if let (Value::Object(whole), Value::Object(body)) = (&mut whole, body) {
        whole.extend(body.clone());
    }
    Some(whole)
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    job: Option<Job>,
    error: Option<Problem>,
}

/// Asks for all actions. Each comes back as its job, or as why there is none.
pub(crate) async fn begin(session: &Session, actions: &[Value]) -> Vec<Result<Job>> {
    let mut begun = Vec::with_capacity(actions.len());
    for actions in actions.chunks(AT_ONCE) {
        let body = json!({ "actions": actions });
        let path = ["actions"];
        let answer = session
            .client
            .send(Method::POST, &path, &Vec::new(), Some(&body))
            .await;
        match answer {
            Ok(answer) => begun.extend(sort(answer, actions.len())),
            Err(failure) => begun.extend(actions.iter().map(|_| Err(failure.clone()))),
        }
    }
    begun
}

/// The items by the actions that they belong to; each action is about one node.
fn sort(answer: Answer, count: usize) -> Vec<Result<Job>> {
    let mut sorted: Vec<Result<Job>> = (0..count)
        .map(|_| {
            Err(Failure::new(
                Exit::Failed,
                "the server did not answer for it",
            ))
        })
        .collect();
    for Item { index, job, error } in answer.items {
        if let Some(place) = sorted.get_mut(index) {
            *place = match (job, error) {
                (_, Some(problem)) => Err(problem.into()),
                (Some(job), None) => Ok(job),
                (None, None) => continue,
            };
        }
    }
    sorted
}
