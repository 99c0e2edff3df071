//! How nodes are acted on, and what is said of it.

use std::collections::BTreeMap;

use cloudfarm_contract::model::NodeAction;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::actions::Plain;
use crate::cli::bulk;
use crate::cli::change::{Change, Telling, carry_out};
use crate::cli::confirm::ConfirmArgs;
use crate::cli::failure::{Failure, Result};
use crate::cli::filters::CloudArg;
use crate::cli::input::PasswordArgs;
use crate::cli::secrets::{Handover, SaveArgs};
use crate::cli::session::Session;
use crate::cli::targets::Target;
use crate::cli::wait::WaitArgs;
use crate::leases::NodeView;

/// What is asked of each node.
pub(super) struct Order {
    action: NodeAction,
    done: &'static str,
    body: Value,
    confirm: Option<(ConfirmArgs, &'static str)>,
    save: SaveArgs,
}

impl Order {
    pub(super) fn new(action: NodeAction, done: &'static str, body: Value) -> Self {
        Self {
            action,
            done,
            body,
            confirm: None,
            save: SaveArgs::default(),
        }
    }

    pub(super) fn with_password(mut self, password: &PasswordArgs) -> Result<Self> {
        if let Some(password) = password.read()? {
            self.body["admin_password"] = password.expose().into();
        }
        Ok(self)
    }

    pub(super) fn asking(mut self, confirm: ConfirmArgs, what: &'static str) -> Self {
        self.confirm = Some((confirm, what));
        self
    }

    pub(super) fn saving(mut self, save: SaveArgs) -> Self {
        self.save = save;
        self
    }
}

/// The cloud whose nodes are meant.
pub(super) struct On<'a> {
    pub(super) session: &'a Session,
    pub(super) cloud: &'a CloudArg,
}

impl On<'_> {
    pub(super) async fn act(
        &self,
        plain: Plain,
        action: NodeAction,
        done: &'static str,
    ) -> Result<()> {
        self.order(plain, Order::new(action, done, Value::Null))
            .await
    }

    pub(super) async fn order(&self, plain: Plain, order: Order) -> Result<()> {
        let Plain { targets, mut wait } = plain;
        // A secret that nobody waits for cannot be saved.
        wait.wait |= order.save.save.is_some();
        let targets = targets.resolve(self.session, self.cloud).await?;
        if let Some((confirm, what)) = order.confirm {
            confirm.confirm(what, &labels(&targets))?;
        }
        let mut changes = Vec::with_capacity(targets.len());
        for Target { cloud, node, label } in &targets {
            let path = ["clouds", cloud, "nodes", node, order.action.as_str()];
            let action = bulk::action(order.action, cloud, node, &order.body);
            let change = Change::post(label, &path).or(action);
            changes.push(if order.body.is_null() {
                change
            } else {
                change.with(&order.body)?
            });
        }
        let handover = Handover::new(&order.save)?;
        let telling = Telling::remains(order.done);
        carry_out::<NodeView>(self.session, changes, &wait, telling, handover).await
    }

    pub(super) async fn destroy(&self, plain: Plain, confirm: ConfirmArgs) -> Result<()> {
        let targets = plain.targets.resolve(self.session, self.cloud).await?;
        confirm.confirm("destroy", &labels(&targets))?;
        let changes = targets
            .iter()
            .map(|Target { cloud, node, label }| {
                Change::new(label, Method::DELETE, &["clouds", cloud, "nodes", node])
                    .or(bulk::action(NodeAction::Destroy, cloud, node, &Value::Null))
            })
            .collect();
        let telling = Telling::gone("destroyed");
        carry_out::<NodeView>(
            self.session,
            changes,
            &plain.wait,
            telling,
            Handover::default(),
        )
        .await
    }

    pub(super) async fn rename(&self, node: &str, name: &str, wait: &WaitArgs) -> Result<()> {
        let path = ["clouds", &self.cloud.cloud, "nodes", node];
        let change = Change::new(node, Method::PATCH, &path).with(&json!({ "name": name }))?;
        let telling = Telling::remains("renamed");
        carry_out::<NodeView>(
            self.session,
            vec![change],
            wait,
            telling,
            Handover::default(),
        )
        .await
    }

    pub(super) async fn set_metadata(
        &self,
        plain: Plain,
        set: Vec<(String, String)>,
        remove: Vec<String>,
    ) -> Result<()> {
        if set.is_empty() && remove.is_empty() {
            return Err(Failure::usage("nothing is to change").hint("give --set or --remove"));
        }
        let removed: BTreeMap<String, Value> =
            remove.into_iter().map(|key| (key, Value::Null)).collect();
        let mut items: Map<String, Value> = removed.into_iter().collect();
        items.extend(set.into_iter().map(|(key, value)| (key, value.into())));
        let body = json!({ "metadata": items });
        let mut changes = Vec::new();
        for Target { cloud, node, label } in plain.targets.resolve(self.session, self.cloud).await?
        {
            let path = ["clouds", &cloud, "nodes", &node];
            let action = bulk::action(NodeAction::SetMetadata, &cloud, &node, &body);
            let change = Change::new(&label, Method::PATCH, &path);
            changes.push(change.with(&body)?.or(action));
        }
        let telling = Telling::remains("changed");
        carry_out::<NodeView>(
            self.session,
            changes,
            &plain.wait,
            telling,
            Handover::default(),
        )
        .await
    }
}

pub(super) fn labels(targets: &[Target]) -> Vec<String> {
    targets.iter().map(|target| target.label.clone()).collect()
}
