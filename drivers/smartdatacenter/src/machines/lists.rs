//! Lists of machines. CloudAPI counts where a page begins, so what comes and goes meanwhile shifts
//! all that follows: a page is read with some overlap and begins behind the last item of the page
//! before, wherever that is now.

use cloudfarm_contract::model::{Mark, Node};
use cloudfarm_contract::{Context, MarkFilter, Marker, NodeQuery, Page, Result, exact_name};

use super::{Machine, Machines, status};
use crate::call::Call;
use crate::list::{self, PAGE_MAX, behind, foreign, last_ids};

/// By how much pages overlap.
const OVERLAP: usize = 25;

/// Where the page before ended.
struct Place {
    offset: usize,
    ids: String,
}

impl Place {
    fn read(marker: &Marker) -> Result<Self> {
        let (offset, ids) = marker.as_str().split_once(':').ok_or_else(foreign)?;
        let is_id = |id: &str| {
            !id.is_empty()
                && id.len() <= 64
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if ids.split(',').count() > list::MARKER_IDS || !ids.split(',').all(is_id) {
            return Err(foreign());
        }
        Ok(Self {
            offset: offset.parse().map_err(|_| foreign())?,
            ids: ids.to_owned(),
        })
    }

    fn marker(offset: usize, machines: &[Machine]) -> Marker {
        Marker::new(format!("{offset}:{}", last_ids(machines, |it| &it.id)))
    }
}

/// A stretch of the list.
struct Stretch {
    begin: usize,
    machines: Vec<Machine>,
    /// Whether CloudAPI may have more behind it.
    more: bool,
}

impl Machines {
    pub(crate) async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        let limit = query
            .page
            .limit
            .map_or(PAGE_MAX, |limit| limit.clamp(1, PAGE_MAX));
        let call = call(query);
        let stretch = match &query.page.marker {
            None => self.stretch(cx, &call, 0, limit as usize).await?,
            Some(marker) => {
                let place = Place::read(marker)?;
                self.after(cx, &call, &place, limit as usize).await?
            }
        };
        let end = stretch.begin + stretch.machines.len();
        let next = (stretch.more && !stretch.machines.is_empty())
            .then(|| Place::marker(end, &stretch.machines));
        let names = self.names_for(cx, &stretch.machines).await;
        let nodes = stretch
            .machines
            .into_iter()
            .map(|machine| self.node(machine, &names));
        let is_there = |node: &Node| {
            node.state != cloudfarm_contract::model::NodeState::Terminated && query.matches(node)
        };
        Ok(Page {
            items: nodes.filter(is_there).collect(),
            next,
        })
    }

    /// Every machine.
    pub(super) async fn all_machines(&self, cx: &Context) -> Result<Vec<Machine>> {
        let call = call(&NodeQuery::all());
        let mut all = self.stretch(cx, &call, 0, PAGE_MAX as usize).await?;
        while all.more {
            let place = Place::read(&Place::marker(all.machines.len(), &all.machines))?;
            let next = self.after(cx, &call, &place, PAGE_MAX as usize).await?;
            all.more = next.more && !next.machines.is_empty();
            all.machines.extend(next.machines);
        }
        Ok(all.machines)
    }

    async fn after(
        &self,
        cx: &Context,
        call: &Call,
        place: &Place,
        limit: usize,
    ) -> Result<Stretch> {
        let begin = place.offset.saturating_sub(OVERLAP);
        let length = (limit + 2 * OVERLAP).min(PAGE_MAX as usize);
        let near = self.stretch(cx, call, begin, length).await?;
        if let Some(found) = near.behind(&place.ids, limit) {
            return Ok(found);
        }
        self.search(cx, call, &place.ids, limit).await
    }

    /// Looks through the whole list for where a page ended.
    async fn search(&self, cx: &Context, call: &Call, ids: &str, limit: usize) -> Result<Stretch> {
        let mut begin = 0;
        loop {
            cx.check_deadline()?;
            let stretch = self.stretch(cx, call, begin, PAGE_MAX as usize).await?;
            let (length, more) = (stretch.machines.len(), stretch.more);
            if let Some(found) = stretch.behind(ids, limit) {
                return Ok(found);
            }
            if !more || length <= OVERLAP {
                return Err(foreign());
            }
            begin += length - OVERLAP;
        }
    }

    async fn stretch(
        &self,
        cx: &Context,
        call: &Call,
        begin: usize,
        length: usize,
    ) -> Result<Stretch> {
        let call = call
            .clone()
            .query("limit", length.to_string())
            .query("offset", begin.to_string());
        let machines: Vec<Machine> = self.session.ask(cx, &call).await?.json()?;
        Ok(Stretch {
            begin,
            more: machines.len() >= length,
            machines,
        })
    }
}

impl Stretch {
    /// What follows the first of `ids` that is in it.
    fn behind(mut self, ids: &str, limit: usize) -> Option<Self> {
        let start = behind(&self.machines, |it| &it.id, ids)?;
        let mut machines = self.machines.split_off(start);
        let more = self.more || machines.len() > limit;
        // Where the anchor is the very last item of a full stretch, nothing of the page is here yet.
        if machines.is_empty() && self.more {
            return None;
        }
        machines.truncate(limit);
        Some(Self {
            begin: self.begin + start,
            machines,
            more,
        })
    }
}

/// The call that lists what may match. The rest of the query is applied to what comes.
fn call(query: &NodeQuery) -> Call {
    let mut call = Call::get(&["machines"]);
    if let Some(name) = exact_name(query.name.as_ref()) {
        call = call.query("name", name);
    }
    if let [state] = query.states[..]
        && let Some(state) = status::filter(state)
    {
        call = call.query("state", state);
    }
    // A star in a tag's value stands for anything; what is left out here is looked at afterwards.
    let is_plain = |value: &str| !value.is_empty() && !value.contains('*');
    for (name, value) in query.metadata.iter().filter(|(_, value)| is_plain(value)) {
        call = call.query(&format!("tag.{name}"), value.as_str());
    }
    match &query.mark {
        Some(MarkFilter::Is(mark)) => call.query(&format!("tag.{}", Mark::KEY), mark.as_str()),
        Some(MarkFilter::Any) => call.query(&format!("tag.{}", Mark::KEY), "*"),
        None => call,
    }
}
