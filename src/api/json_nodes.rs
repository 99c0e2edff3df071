//! Nodes in JSON, field by field: of all that is listed there is most of them.
//!
//! The bytes are those that `serde_json` writes of the same values, and tests hold them to that. What
//! most nodes do not have is left to the writer for everything else.

use std::ops::Range;

use cloudfarm_contract::model::Node;
use jiff::Timestamp;

use super::etag::Etag;
use super::json_text::write_text;
use super::json_values::{Value, fields, write_any, write_list};
use super::list::{FarmListing, Listing};
use super::reply::ITEM_SIZE;
use crate::leases::{Lease, NodeView};

/// What is shown as a node.
pub(super) trait Shown {
    /// The node, and its lease if it has one.
    fn parts(&self) -> (&Node, Option<&Lease>);
}

impl Shown for Node {
    fn parts(&self) -> (&Node, Option<&Lease>) {
        (self, None)
    }
}

impl Shown for NodeView {
    fn parts(&self) -> (&Node, Option<&Lease>) {
        (&self.node, self.lease.as_deref())
    }
}

/// The JSON of a node, and its ETag.
pub(super) fn node(node: &NodeView) -> (Vec<u8>, Etag) {
    let mut out = Vec::with_capacity(ITEM_SIZE);
    let observed_at = Nodes::default().write(&mut out, node);
    let tag = Etag::of_all_but(&out, observed_at);
    (out, tag)
}

/// The JSON of a page of a cloud's nodes.
pub(super) fn listing<N: Shown>(list: &Listing<N>) -> Vec<u8> {
    let Listing { items, next } = list;
    let mut out = Vec::with_capacity(256 + items.len() * ITEM_SIZE);
    write_items(&mut out, items);
    write_end(&mut out, next);
    out
}

/// The JSON of a page of the nodes of many clouds.
pub(super) fn farm_listing(list: &FarmListing<NodeView>) -> Vec<u8> {
    let FarmListing {
        items,
        clouds,
        next,
    } = list;
    let size = 256 + items.len() * ITEM_SIZE + clouds.len() * 64;
    let mut out = Vec::with_capacity(size);
    write_items(&mut out, items);
    out.extend_from_slice(b",\"clouds\":");
    write_any(&mut out, clouds);
    write_end(&mut out, next);
    out
}

fn write_items<N: Shown>(out: &mut Vec<u8>, items: &[N]) {
    let mut nodes = Nodes::default();
    out.extend_from_slice(b"{\"items\":");
    write_list(out, items, |out, node| {
        nodes.write(out, node);
    });
}

fn write_end(out: &mut Vec<u8>, next: &Option<String>) {
    fields!(out; "," next);
    out.push(b'}');
}

/// Writes the nodes of a page, which were all looked at in the same moment.
#[derive(Default)]
struct Nodes {
    /// When they were looked at, and where that stands.
    observed: Option<(Timestamp, Range<usize>)>,
}

impl Nodes {
    /// Gives where the time of the look stands.
    fn write<N: Shown>(&mut self, out: &mut Vec<u8>, shown: &N) -> Range<usize> {
        let (node, lease) = shown.parts();
        let Node {
            cloud,
            id,
            name,
            state,
            native_state,
            busy,
            image,
            size,
            location,
            addresses,
            public_ips,
            private_ips,
            key_pair,
            security_groups,
            volumes,
            metadata,
            mark,
            fault,
            created_at,
            actions,
            observed_at,
            extra,
        } = node;
        fields!(out; "{" cloud, id, name, state, native_state, busy, image, size, location);
        fields!(out; "," addresses, public_ips, private_ips, key_pair, security_groups, volumes);
        fields!(out; "," metadata);
        if let Some(mark) = mark {
            out.extend_from_slice(b",\"mark\":");
            write_text(out, mark.as_str());
        }
        if let Some(fault) = fault {
            out.extend_from_slice(b",\"fault\":");
            write_any(out, fault);
        }
        fields!(out; "," created_at, actions);
        out.extend_from_slice(b",\"observed_at\":");
        let observed_at = self.write_observed(out, *observed_at);
        fields!(out; "," extra);
        if let Some(lease) = lease {
            out.extend_from_slice(b",\"lease\":");
            write_any(out, lease);
        }
        out.push(b'}');
        observed_at
    }

    fn write_observed(&mut self, out: &mut Vec<u8>, at: Timestamp) -> Range<usize> {
        let start = out.len();
        match &self.observed {
            Some((last, written)) if *last == at => out.extend_from_within(written.clone()),
            _ => {
                at.write_to(out);
                self.observed = Some((at, start..out.len()));
            }
        }
        start..out.len()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use cloudfarm_contract::Text;
    use cloudfarm_contract::model::{
        AddressKind, Fault, ImageRef, Mark, Node, NodeAction, NodeActions, NodeAddress, NodeState,
        SizeRef,
    };
    use jiff::Timestamp;
    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::{Strategy, any, proptest};
    use proptest::sample::select;

    use super::{farm_listing, listing, node};
    use crate::Problem;
    use crate::api::list::{CloudRow, CloudRowStatus, FarmListing, Listing};
    use crate::leases::{Lease, LeaseState, NodeView};

    fn text() -> impl Strategy<Value = Text> {
        "[ -~\u{0}-\u{1f}\"\\\\äß€😀]{0,40}".prop_map(Text::from)
    }

    fn time() -> impl Strategy<Value = Timestamp> {
        let ever = Timestamp::MIN.as_second()..Timestamp::MAX.as_second();
        (ever, 0..1_000_000_000_i32)
            .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap_or_default())
    }

    fn address() -> impl Strategy<Value = NodeAddress> {
        let kind = select(AddressKind::ALL);
        (any::<IpAddr>(), option::of(text()), kind)
            .prop_map(|(ip, network, kind)| NodeAddress::new(ip, network, kind))
    }

    fn size() -> impl Strategy<Value = SizeRef> {
        let numbers = (
            any::<Option<u32>>(),
            any::<Option<u64>>(),
            any::<Option<u64>>(),
        );
        let texts = (option::of(text()), option::of(text()));
        (texts, numbers).prop_map(|((id, name), (vcpus, ram_mb, disk_gb))| SizeRef {
            id,
            name,
            vcpus,
            ram_mb,
            disk_gb,
        })
    }

    fn actions() -> impl Strategy<Value = NodeActions> {
        vec(select(NodeAction::ALL), 0..30).prop_map(|actions| actions.into_iter().collect())
    }

    fn fault() -> impl Strategy<Value = Fault> {
        (option::of(text()), text(), option::of(time())).prop_map(|(code, message, at)| Fault {
            code,
            message,
            at,
        })
    }

    fn lease() -> impl Strategy<Value = Lease> {
        let whose = (option::of(text()), option::of(text()));
        (option::of(time()), any::<bool>(), whose).prop_map(
            |(expires_at, protected, (assigned_to, purpose))| Lease {
                state: LeaseState::Noticed,
                expires_at,
                protected,
                assigned_to,
                purpose,
                assigned_at: expires_at,
                job: None,
            },
        )
    }

    fn view() -> impl Strategy<Value = NodeView> {
        let names = (
            text(),
            text(),
            text(),
            select(NodeState::ALL),
            text(),
            any::<bool>(),
        );
        let image = (text(), option::of(text())).prop_map(|(id, name)| ImageRef { id, name });
        let made_of = (option::of(image), option::of(size()), option::of(text()));
        let around = (
            vec(address(), 0..4),
            option::of(text()),
            vec(text(), 0..3),
            vec(text(), 0..3),
        );
        let kept = (
            btree_map(text(), text(), 0..3),
            option::of(text()),
            option::of(fault()),
        );
        let times = (option::of(time()), time(), actions());
        let extra = btree_map("[a-z\"]{0,8}", any::<i64>(), 0..3);
        let rest = (extra, option::of(lease()));
        (names, made_of, around, kept, times, rest).prop_map(
            |(names, made_of, around, kept, times, (extra, lease))| {
                let mut node = Node {
                    cloud: names.0,
                    id: names.1,
                    name: names.2,
                    state: names.3,
                    native_state: names.4,
                    busy: names.5,
                    image: made_of.0,
                    size: made_of.1,
                    location: made_of.2,
                    addresses: Vec::new(),
                    public_ips: Vec::new(),
                    private_ips: Vec::new(),
                    key_pair: around.1,
                    security_groups: around.2,
                    volumes: around.3,
                    metadata: kept.0,
                    mark: kept.1.map(Mark::new),
                    fault: kept.2,
                    created_at: times.0,
                    actions: times.2,
                    observed_at: times.1,
                    extra: extra
                        .into_iter()
                        .map(|(key, value)| (key, value.into()))
                        .collect(),
                };
                node.set_addresses(around.0);
                let lease = lease.map(Box::new);
                NodeView { node, lease }
            },
        )
    }

    fn row() -> impl Strategy<Value = CloudRow> {
        (text(), any::<u16>(), option::of(text())).prop_map(|(cloud, took, error)| CloudRow {
            cloud,
            status: CloudRowStatus::Ok,
            took_ms: Duration::from_millis(took.into()).as_secs(),
            error: error.map(|error| {
                let error = cloudfarm_contract::Error::unavailable(error.to_string());
                Problem::new(&error, None)
            }),
        })
    }

    fn same(ours: Vec<u8>, value: &impl serde::Serialize) {
        assert_eq!(
            String::from_utf8(ours).unwrap(),
            serde_json::to_string(value).unwrap()
        );
    }

    proptest! {
        #[test]
        fn a_node_is_as_serde_json_writes_it(view in view()) {
            same(node(&view).0, &view);
        }

        #[test]
        fn an_etag_is_the_same_whenever_a_node_is_looked_at(view in view(), at in time(), name in text()) {
            let (_, tag) = node(&view);
            let mut other = view.clone();
            other.node.observed_at = at;
            assert_eq!(node(&other).1, tag);
            other.node.metadata.insert("observed_at".into(), name);
            assert_ne!(node(&other).1, tag);
        }

        #[test]
        fn pages_are_as_serde_json_writes_them(
            items in vec(view(), 0..4),
            clouds in vec(row(), 0..3),
            next in option::of("[a-zA-Z0-9_-]{0,20}"),
        ) {
            let list = Listing { items, next };
            same(listing(&list), &list);
            let Listing { items, next } = list;
            let plain = items.iter().map(|view| view.node.clone()).collect();
            let list = Listing { items: plain, next };
            same(listing(&list), &list);
            let next = list.next;
            let list = FarmListing { items, clouds, next };
            same(farm_listing(&list), &list);
        }
    }
}
