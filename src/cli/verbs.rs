//! What can be done with every kind of resource alike: list, show, create, delete.

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::change::{Change, Telling, carry_out};
use super::confirm::ConfirmArgs;
use super::failure::Result;
use super::filters::{AllCloudsArg, CloudArg, NameFilter, Scope};
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::secrets::Handover;
use super::session::Session;
use super::wait::WaitArgs;

/// A kind of resource on one cloud: where the API has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Collection<'a> {
    pub(crate) session: &'a Session,
    pub(crate) cloud: &'a CloudArg,
    /// The segment of the path, as `key-pairs`.
    pub(crate) kind: &'static str,
}

/// `list` on one cloud.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListVerb {
    #[command(flatten)]
    filter: NameFilter,
    #[command(flatten)]
    list: ListArgs,
}

/// `list` on one cloud or on many.
#[derive(Debug, Clone, Args)]
pub(crate) struct FarmListVerb {
    #[command(flatten)]
    filter: NameFilter,
    #[command(flatten)]
    all: AllCloudsArg,
    #[command(flatten)]
    list: ListArgs,
}

/// `show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowVerb {
    /// Its id or its name
    name: String,
}

/// `delete`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DeleteVerb {
    /// What to delete: ids or names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

impl Collection<'_> {
    pub(crate) async fn list<T: Resource>(self, verb: ListVerb) -> Result<()> {
        List::on_cloud(&self.cloud.cloud, self.kind, verb.filter.query())
            .print::<T>(self.session, &verb.list)
            .await
    }

    pub(crate) async fn list_over_clouds<T: Resource>(self, verb: FarmListVerb) -> Result<()> {
        let scope = Scope::of(self.cloud, verb.all);
        List::over(&scope, self.kind, verb.filter.query())
            .print::<T>(self.session, &verb.list)
            .await
    }

    pub(crate) async fn show<T: Resource>(self, verb: ShowVerb) -> Result<()> {
        let path = self.path(&[&verb.name]);
        let value: Value = self.session.client.get(&path, &Vec::new()).await?;
        self.session.output.one::<T>(&value)
    }

    /// Makes one resource, which `body` describes.
    pub(crate) async fn create<T: Resource>(
        self,
        name: &str,
        body: &Value,
        wait: &WaitArgs,
    ) -> Result<()> {
        let change = Change::post(name, &self.path(&[])).with(body)?;
        self.change::<T>(change, wait, "created").await
    }

    /// Does something to a resource: a `POST` to `.../{name}/{action}`.
    pub(crate) async fn act<T: Resource>(
        self,
        name: &str,
        action: &str,
        body: &Value,
        wait: &WaitArgs,
        done: &'static str,
    ) -> Result<()> {
        let change = Change::post(name, &self.path(&[name, action])).with(body)?;
        self.change::<T>(change, wait, done).await
    }

    /// Changes a resource: a `PATCH`.
    pub(crate) async fn update<T: Resource>(
        self,
        name: &str,
        body: &Value,
        wait: &WaitArgs,
    ) -> Result<()> {
        let change = Change::new(name, Method::PATCH, &self.path(&[name])).with(body)?;
        self.change::<T>(change, wait, "updated").await
    }

    async fn change<T: Resource>(
        self,
        change: Change,
        wait: &WaitArgs,
        done: &'static str,
    ) -> Result<()> {
        let telling = Telling::remains(done);
        let changes = vec![change];
        carry_out::<T>(self.session, changes, wait, telling, Handover::default()).await
    }

    pub(crate) async fn delete<T: Resource>(self, verb: DeleteVerb) -> Result<()> {
        let question = format!("delete {}", T::NOUN);
        verb.confirm.confirm(&question, &verb.names)?;
        let changes = verb
            .names
            .iter()
            .map(|name| Change::new(name, Method::DELETE, &self.path(&[name])))
            .collect();
        let telling = Telling::gone("deleted");
        carry_out::<T>(
            self.session,
            changes,
            &verb.wait,
            telling,
            Handover::default(),
        )
        .await
    }

    pub(crate) fn path<'b>(&'b self, rest: &[&'b str]) -> Vec<&'b str> {
        let mut path = vec!["clouds", &self.cloud.cloud, self.kind];
        path.extend(rest);
        path
    }
}

/// A JSON object of what was given; what was not given is left out.
pub(crate) fn body(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// A field of a body.
pub(crate) fn field<T: serde::Serialize>(value: &Option<T>) -> Option<Value> {
    value
        .as_ref()
        .and_then(|value| serde_json::to_value(value).ok())
}

/// Metadata as a field of a body.
pub(crate) fn metadata_field(items: &[(String, String)]) -> Option<Value> {
    (!items.is_empty()).then(|| {
        items
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
            .collect()
    })
}
