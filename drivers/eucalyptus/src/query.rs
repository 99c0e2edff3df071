//! A call: an action and its fields.

use cloudfarm_contract::model::Metadata;
use cloudfarm_contract::{Effect, Secret, Text};

/// An action of the API with its fields, before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) action: &'static str,
    pub(crate) effect: Effect,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) secret_answer: bool,
    filters: usize,
}

impl Query {
    fn new(action: &'static str, effect: Effect) -> Self {
        Self {
            action,
            effect,
            fields: Vec::new(),
            secrets: Vec::new(),
            secret_answer: false,
            filters: 0,
        }
    }

    /// An action that changes nothing.
    pub(crate) fn read(action: &'static str) -> Self {
        Self::new(action, Effect::Read)
    }

    /// An action that finds done, the second time, what it asks for.
    pub(crate) fn change(action: &'static str) -> Self {
        Self::new(action, Effect::Idempotent)
    }

    /// An action that makes something each time.
    pub(crate) fn once(action: &'static str) -> Self {
        Self::new(action, Effect::Once)
    }

    #[must_use]
    pub(crate) fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub(crate) fn set_if(self, name: impl Into<String>, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// A field that is never logged, and cut out of what errors quote.
    #[must_use]
    pub(crate) fn secret(mut self, name: &str, value: String, plain: &Secret) -> Self {
        self.secrets.push(plain.clone());
        self.secrets.push(Secret::new(value.as_str()));
        self.set(name, value)
    }

    /// Keeps the whole answer out of the log and of errors.
    #[must_use]
    pub(crate) fn secret_answer(mut self) -> Self {
        self.secret_answer = true;
        self
    }

    /// `name.1`, `name.2` ...
    #[must_use]
    pub(crate) fn list<V: Into<String>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        values
            .into_iter()
            .zip(1..)
            .fold(self, |query, (value, index)| {
                query.set(format!("{name}.{index}"), value)
            })
    }

    /// Lets through only what has one of `values` for `name`.
    #[must_use]
    pub(crate) fn filter<V: Into<String>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.filters += 1;
        let index = self.filters;
        self.set(format!("Filter.{index}.Name"), name)
            .list(&format!("Filter.{index}.Value"), values)
    }

    /// Tags for what the call makes, a thing of this kind.
    #[must_use]
    pub(crate) fn tag_what_is_made(self, kind: &str, tags: &Metadata) -> Self {
        if tags.is_empty() {
            return self;
        }
        let query = self.set("TagSpecification.1.ResourceType", kind);
        query.tags("TagSpecification.1.Tag", tags)
    }

    /// `prefix.1.Key`, `prefix.1.Value`, `prefix.2.Key` ...
    #[must_use]
    pub(crate) fn tags<'t>(
        self,
        prefix: &str,
        tags: impl IntoIterator<Item = (&'t Text, &'t Text)>,
    ) -> Self {
        tags.into_iter()
            .zip(1..)
            .fold(self, |query, ((key, value), index)| {
                query
                    .set(format!("{prefix}.{index}.Key"), key.as_str())
                    .set(format!("{prefix}.{index}.Value"), value.as_str())
            })
    }
}
