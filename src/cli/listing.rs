//! Lists: every page of them, over one cloud or many, once or again and again.

use std::collections::BTreeMap;

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Client, Query};
use super::exit::Exit;
use super::failure::{Failure, Result};
use super::filters::Scope;
use super::resource::Resource;
use super::session::Session;
use super::watch;
use crate::Problem;
use crate::settings::Span;

/// What every list can be told.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ListArgs {
    /// Stop after so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// List again every 2s, or as often as said (--watch=10s): a terminal shows the list as it
    /// is, a pipe gets what changed
    #[arg(
        long,
        value_name = "EVERY",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2s"
    )]
    pub(crate) watch: Option<Span>,
}

/// A list of the API.
#[derive(Debug, Clone)]
pub(crate) struct List {
    path: Vec<String>,
    query: Query,
    over_clouds: bool,
}

impl List {
    /// The list at a path of its own.
    pub(crate) fn at(path: &[&str], query: Query) -> Self {
        Self {
            path: path.iter().map(|segment| (*segment).to_owned()).collect(),
            query,
            over_clouds: false,
        }
    }

    /// The list of a cloud's resources.
    pub(crate) fn on_cloud(cloud: &str, kind: &str, query: Query) -> Self {
        Self::at(&["clouds", cloud, kind], query)
    }

    /// The list of the resources of one cloud, or of many at once.
    pub(crate) fn over(scope: &Scope, kind: &str, mut query: Query) -> Self {
        let clouds = match scope {
            Scope::One(cloud) => return Self::on_cloud(cloud, kind, query),
            Scope::Farm(clouds) => clouds,
        };
        if let Some(clouds) = clouds {
            query.push(("cloud", clouds.clone()));
        }
        Self {
            over_clouds: true,
            ..Self::at(&[kind], query)
        }
    }

    /// Writes the list, as a whole or as it changes.
    pub(crate) async fn print<T: Resource>(self, session: &Session, args: &ListArgs) -> Result<()> {
        match args.watch {
            Some(every) => watch::watch::<T>(session, &self, args.limit, every.get()).await,
            None => self.print_once::<T>(session, args.limit).await,
        }
    }

    /// Writes each page as soon as it is there.
    async fn print_once<T: Resource>(&self, session: &Session, limit: Option<u32>) -> Result<()> {
        let mut pages = self.pages(&session.client, limit);
        let mut writer = session.output.list::<T>(self.over_clouds);
        while let Some(items) = pages.next().await? {
            writer.page(&items)?;
        }
        writer.end()?;
        pages.clouds.verdict()
    }

    pub(crate) const fn is_over_clouds(&self) -> bool {
        self.over_clouds
    }

    /// Every item, and what the clouds did.
    pub(crate) async fn fetch(
        &self,
        client: &Client,
        limit: Option<u32>,
    ) -> Result<(Vec<Value>, CloudRows)> {
        let mut pages = self.pages(client, limit);
        let mut all = Vec::new();
        while let Some(items) = pages.next().await? {
            all.extend(items);
        }
        Ok((all, pages.clouds))
    }

    fn pages<'a>(&'a self, client: &'a Client, limit: Option<u32>) -> Pages<'a> {
        Pages {
            client,
            list: self,
            left: limit.map(|limit| limit as usize),
            cursor: None,
            ended: false,
            clouds: CloudRows::default(),
        }
    }
}

/// The server gives at most this many items on a page without being asked for more.
const PAGE: usize = 100;

/// The pages of a list, one after the other.
#[derive(Debug)]
struct Pages<'a> {
    client: &'a Client,
    list: &'a List,
    left: Option<usize>,
    cursor: Option<String>,
    ended: bool,
    clouds: CloudRows,
}

/// A page of either kind of list.
#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Value>,
    #[serde(default)]
    clouds: Vec<Row>,
    #[serde(default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    cloud: String,
    #[serde(default)]
    error: Option<Problem>,
}

impl Pages<'_> {
    async fn next(&mut self) -> Result<Option<Vec<Value>>> {
        if self.ended {
            return Ok(None);
        }
        let mut query = self.list.query.clone();
        if let Some(left) = self.left.filter(|left| *left < PAGE) {
            query.push(("limit", left.to_string()));
        }
        if let Some(cursor) = &self.cursor {
            query.push(("cursor", cursor.clone()));
        }
        let path: Vec<&str> = self.list.path.iter().map(String::as_str).collect();
        let mut page: Page = self.client.get(&path, &query).await?;
        self.clouds.add(page.clouds);
        if let Some(left) = &mut self.left {
            page.items.truncate(*left);
            *left -= page.items.len();
        }
        if page.next.is_some() && page.next == self.cursor {
            return Err(Failure::new(
                Exit::Failed,
                "the server's list goes round in a circle: it gave the same cursor twice",
            ));
        }
        self.ended = page.next.is_none() || self.left == Some(0);
        self.cursor = page.next;
        Ok(Some(page.items))
    }
}

/// What each cloud of a list did.
#[derive(Debug, Default)]
pub(crate) struct CloudRows {
    asked: BTreeMap<String, Option<Problem>>,
}

impl CloudRows {
    fn add(&mut self, rows: Vec<Row>) {
        for Row { cloud, error } in rows {
            let known = self.asked.entry(cloud).or_default();
            if error.is_some() {
                *known = error;
            }
        }
    }

    /// What to say of the clouds that did not answer.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (cloud, problem) in &self.asked {
            if let Some(problem) = problem {
                lines.extend(Failure::from(problem.clone()).lines(Some(cloud)));
            }
        }
        lines
    }

    /// Says which clouds did not answer; the list is partial then.
    pub(crate) fn verdict(&self) -> Result<()> {
        let failed: Vec<&Problem> = self.asked.values().flatten().collect();
        let Some(first) = failed.first() else {
            return Ok(());
        };
        for line in self.complaints() {
            eprintln!("{line}");
        }
        let exit = if failed.len() == self.asked.len() {
            Exit::of(first.kind)
        } else {
            Exit::Partial
        };
        Err(Failure::said(exit))
    }
}

#[cfg(test)]
mod tests {
    use super::{CloudRows, List, Row, Scope};
    use crate::Problem;

    #[test]
    fn a_list_over_clouds_has_a_path_of_its_own() {
        let one = List::over(&Scope::One("lab".to_owned()), "nodes", Vec::new());
        assert_eq!(one.path, ["clouds", "lab", "nodes"]);
        let scope = Scope::Farm(Some("a,b".to_owned()));
        let many = List::over(&scope, "nodes", Vec::new());
        assert_eq!(many.path, ["nodes"]);
        assert_eq!(many.query, [("cloud", "a,b".to_owned())]);
    }

    #[test]
    fn one_dead_cloud_makes_a_list_partial_and_all_dead_make_it_fail() {
        let error = cloudfarm_contract::Error::unavailable("connection refused");
        let row = |cloud: &str, ok: bool| Row {
            cloud: cloud.to_owned(),
            error: (!ok).then(|| Problem::new(&error, None)),
        };
        let mut rows = CloudRows::default();
        rows.add(vec![row("a", true), row("b", false)]);
        rows.add(vec![row("a", true)]);
        assert_eq!(rows.verdict().unwrap_err().exit().code(), 6);
        assert!(rows.complaints()[0].starts_with("error: b: connection refused"));
        let mut rows = CloudRows::default();
        rows.add(vec![row("b", false)]);
        assert_eq!(rows.verdict().unwrap_err().exit().code(), 7);
    }
}
