//! Which clouds and which resources are meant.

use clap::Args;
use jiff::Timestamp;

use super::client::Query;
use super::failure::{Failure, Result};
use super::input::key_value;

/// The cloud of a command.
#[derive(Debug, Clone, Args)]
pub(crate) struct CloudArg {
    /// The cloud to work on
    #[arg(
        long,
        short = 'c',
        env = "CLOUDFARM_CLOUD",
        hide_env_values = true,
        default_value = "default",
        value_name = "CLOUD",
        global = true
    )]
    pub(crate) cloud: String,
}

/// Lists over several clouds.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct AllCloudsArg {
    /// Take in every cloud of the farm; --cloud a,b takes in these
    #[arg(long, short = 'A')]
    pub(crate) all_clouds: bool,
}

/// Over which clouds a list goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    One(String),
    /// Several at once, named with commas; `None` for all.
    Farm(Option<String>),
}

impl Scope {
    pub(crate) fn of(cloud: &CloudArg, all: AllCloudsArg) -> Self {
        if all.all_clouds {
            Self::Farm(None)
        } else if cloud.cloud.contains(',') {
            Self::Farm(Some(cloud.cloud.clone()))
        } else {
            Self::One(cloud.cloud.clone())
        }
    }
}

/// The filter that every list has.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct NameFilter {
    /// Only those whose name matches this glob, as 'web-*'
    #[arg(long, value_name = "GLOB")]
    pub(crate) name: Option<String>,
}

impl NameFilter {
    pub(crate) fn query(&self) -> Query {
        self.name
            .iter()
            .map(|name| ("name", name.clone()))
            .collect()
    }
}

/// The filters of nodes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct NodeFilter {
    #[command(flatten)]
    pub(crate) name: NameFilter,
    /// Only those in one of these states, as running,stopped
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    pub(crate) state: Vec<String>,
    /// Only those with this item in their metadata; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) metadata: Vec<(String, String)>,
    /// Only those assigned to this user; '' for those that nobody has
    #[arg(long, value_name = "USER")]
    pub(crate) assigned_to: Option<String>,
    /// Only those whose lease ends before this time, as 2030-01-31T18:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) expires_before: Option<Timestamp>,
}

impl NodeFilter {
    /// # Errors
    ///
    /// The server separates items with commas, so none can be in one.
    pub(crate) fn query(&self) -> Result<Query> {
        let mut query = self.name.query();
        if !self.state.is_empty() {
            query.push(("state", self.state.join(",")));
        }
        let items: Vec<String> = self
            .metadata
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if let Some(item) = items.iter().find(|item| item.contains(',')) {
            return Err(
                Failure::usage(format!("--metadata {item:?} cannot hold a comma"))
                    .hint("repeat --metadata for each item"),
            );
        }
        if !items.is_empty() {
            query.push(("metadata", items.join(",")));
        }
        if let Some(user) = &self.assigned_to {
            query.push(("assigned_to", user.clone()));
        }
        if let Some(time) = self.expires_before {
            query.push(("expires_before", time.to_string()));
        }
        Ok(query)
    }
}
