//! The world as one call sees it.

use std::collections::BTreeMap;
use std::ops::Deref;

use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{Error, Marker, Page, PageRequest, Result, Text};
use jiff::Timestamp;

use crate::driver::Rules;
use crate::faults::Fate;
use crate::ids::Kind;
use crate::records::{NodeRecord, Record};
use crate::usage::Usage;
use crate::world::{Change, Slot, World};

/// Items on a page when nobody says how many.
const PAGE_DEFAULT: u32 = 100;
/// Items on a page at most.
pub(crate) const PAGE_MAX: u32 = 1000;
/// Records that one page looks at, at most, so that a filter which matches little does not hold
/// the lock for long.
const SCAN_MAX: usize = 10_000;

/// What a call reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) world: &'a World,
    pub(crate) rules: &'a Rules,
    pub(crate) fate: &'a Fate,
    pub(crate) now: Timestamp,
}

impl<'a> View<'a> {
    pub(crate) fn cloud(&self) -> Text {
        self.rules.cloud.clone()
    }

    pub(crate) fn id(&self, kind: Kind, ordinal: u64) -> Text {
        self.world.ids.id(kind, ordinal)
    }

    /// The record behind `id` that has not gone.
    pub(crate) fn find<R: Record>(
        &self,
        kind: Kind,
        table: &'a BTreeMap<u64, R>,
        id: &str,
    ) -> Result<(u64, &'a R)> {
        self.world
            .ids
            .ordinal(kind, id)
            .and_then(|ordinal| Some((ordinal, self.present(table, ordinal)?)))
            .ok_or_else(|| kind.not_found(id))
    }

    /// The record with this ordinal that has not gone.
    pub(crate) fn present<R: Record>(
        &self,
        table: &'a BTreeMap<u64, R>,
        ordinal: u64,
    ) -> Option<&'a R> {
        table
            .get(&ordinal)
            .filter(|record| !record.is_gone(self.now))
    }

    /// What a job made before, where creates honour marks.
    pub(crate) fn made_before<R: Record>(
        &self,
        kind: Kind,
        table: &'a BTreeMap<u64, R>,
        mark: Option<&Mark>,
    ) -> Option<(u64, &'a R)> {
        let mark = mark.filter(|_| self.rules.idempotent)?;
        self.world
            .marked(kind, mark, 0)
            .filter_map(|ordinal| Some((ordinal, self.present(table, ordinal)?)))
            .find(|(_, record)| record.gone_at().is_none())
    }

    /// The node behind `id` that has not gone.
    pub(crate) fn slot(&self, id: &str) -> Result<Slot<'a>> {
        self.world
            .ids
            .ordinal(Kind::Node, id)
            .and_then(|ordinal| self.world.node(ordinal))
            .filter(|slot| match slot {
                Slot::Kept(_, record) => !record.is_gone(self.now),
                Slot::Generated(_) => true,
            })
            .ok_or_else(|| Kind::Node.not_found(id))
    }

    /// The ordinal of a node and a copy of its record, to be changed.
    pub(crate) fn node_record(&self, id: &str) -> Result<(u64, NodeRecord)> {
        Ok(match self.slot(id)? {
            Slot::Kept(ordinal, record) => (ordinal, record.clone()),
            Slot::Generated(node) => (node.ordinal, node.record(&self.world.stock)),
        })
    }

    /// One page: `items` gives what lies behind an ordinal, in order; `show` adds it to the page, or
    /// leaves it out. The marker names the last ordinal that was looked at, never a position, so what
    /// comes and goes in between neither hides nor doubles anything.
    pub(crate) fn page<S, T, I: Iterator<Item = (u64, S)>>(
        &self,
        kind: Kind,
        request: &PageRequest,
        items: impl FnOnce(u64) -> I,
        mut show: impl FnMut(u64, S, &mut Vec<T>),
    ) -> Result<Page<T>> {
        let after = match &request.marker {
            None => 0,
            Some(marker) => self
                .world
                .ids
                .marked(kind, marker.as_str())
                .ok_or_else(|| foreign_marker(kind))?,
        };
        let limit = request.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
        let limit = self.fate.shorten(limit) as usize;
        let mut page = Page {
            items: Vec::with_capacity(limit),
            next: None,
        };
        let mut last = after;
        for (scanned, (ordinal, item)) in items(after).enumerate() {
            if page.items.len() == limit || scanned == SCAN_MAX {
                page.next = Some(Marker::new(self.world.ids.marker(kind, last)));
                break;
            }
            last = ordinal;
            show(ordinal, item, &mut page.items);
        }
        Ok(page)
    }

    /// One page of a table.
    pub(crate) fn table_page<R: Record + 'a, T>(
        &self,
        kind: Kind,
        request: &PageRequest,
        table: &'a BTreeMap<u64, R>,
        mut show: impl FnMut(u64, &'a R) -> Option<T>,
    ) -> Result<Page<T>> {
        let now = self.now;
        self.page(
            kind,
            request,
            |after| {
                table
                    .range(after.saturating_add(1)..)
                    .map(|(ordinal, record)| (*ordinal, record))
            },
            |ordinal, record, items| {
                if !record.is_gone(now) {
                    items.extend(show(ordinal, record));
                }
            },
        )
    }

    /// One page of what never changes.
    pub(crate) fn static_page<S, T>(
        &self,
        kind: Kind,
        request: &PageRequest,
        items: &'static [S],
        mut show: impl FnMut(&'static S) -> Option<T>,
    ) -> Result<Page<T>> {
        self.page(
            kind,
            request,
            |after| {
                (1_u64..)
                    .zip(items)
                    .filter(move |(ordinal, _)| *ordinal > after)
            },
            |_, item, items| items.extend(show(item)),
        )
    }

    /// Refuses what quota or capacity has no room for.
    pub(crate) fn check_room(&self, wanted: &Usage) -> Result<()> {
        let usage = &self.world.index.usage;
        usage.check_quota(&self.rules.quota, wanted)?;
        usage.check_capacity(&self.rules.capacity, wanted)
    }
}

fn foreign_marker(kind: Kind) -> Error {
    Error::invalid(format!(
        "the marker does not come from this cloud's list of {}s",
        kind.noun()
    ))
    .with_field("marker")
}

/// What a call reads and changes.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    view: View<'a>,
    next: u64,
    changes: Vec<Change>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(view: View<'a>) -> Self {
        Self {
            view,
            next: view.world.next,
            changes: Vec::new(),
        }
    }

    /// An ordinal that nothing ever had.
    pub(crate) fn new_ordinal(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Keeps a record.
    pub(crate) fn put<R>(&mut self, ordinal: u64, record: R)
    where
        Change: From<(u64, R)>,
    {
        self.changes.push(Change::from((ordinal, record)));
    }

    /// Makes a change that is more than to keep a record.
    pub(crate) fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }
}

impl<'a> Deref for Draft<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}
