//! Nodes in JSON, field by field: of all that is listed there is most of them.
//!
//! The bytes are those that `serde_json` writes of the same values, and tests hold them to that. What
//! most nodes do not have is left to the writer for everything else.

use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{
    AddressKind, AddressScope, Extra, ImageRef, IpVersion, Metadata, Node, NodeAction, NodeActions,
    NodeAddress, NodeState, SizeRef, TimeText,
};
use jiff::Timestamp;
use serde::Serialize;

use super::json::Json;
use super::json_text::{write_piece, write_text};
use super::list::{FarmListing, Listing};
use crate::leases::NodeView;

/// Bytes of an ordinary node: room for a little more spares copying a long answer.
const NODE_SIZE: usize = 896;

/// Writes names and values of fields. They begin with a brace or, after others, with a comma.
macro_rules! fields {
    ($out:ident; $start:literal $first:ident $(, $field:ident)*) => {
        $out.extend_from_slice(concat!($start, "\"", stringify!($first), "\":").as_bytes());
        $first.write_to($out);
        $(
        $out.extend_from_slice(concat!(",\"", stringify!($field), "\":").as_bytes());
        $field.write_to($out);
        )*
    };
}

/// The JSON of a node.
pub(super) fn node(node: &NodeView) -> Vec<u8> {
    let mut out = Vec::with_capacity(NODE_SIZE);
    Nodes::default().write(&mut out, node);
    out
}

/// The JSON of a page of a cloud's nodes.
pub(super) fn listing(list: &Listing<NodeView>) -> Vec<u8> {
    let Listing { items, next } = list;
    let mut out = Vec::with_capacity(256 + items.len() * NODE_SIZE);
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
    let size = 256 + items.len() * NODE_SIZE + clouds.len() * 64;
    let mut out = Vec::with_capacity(size);
    write_items(&mut out, items);
    out.extend_from_slice(b",\"clouds\":");
    write_any(&mut out, clouds);
    write_end(&mut out, next);
    out
}

fn write_items(out: &mut Vec<u8>, items: &[NodeView]) {
    let mut nodes = Nodes::default();
    out.extend_from_slice(b"{\"items\":");
    write_list(out, items, |out, node| nodes.write(out, node));
}

fn write_end(out: &mut Vec<u8>, next: &Option<String>) {
    fields!(out; "," next);
    out.push(b'}');
}

/// Writes the nodes of a page, which were all looked at in the same moment.
#[derive(Default)]
struct Nodes {
    observed: Option<(Timestamp, TimeText)>,
}

impl Nodes {
    fn write(&mut self, out: &mut Vec<u8>, view: &NodeView) {
        let NodeView { node, lease } = view;
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
        self.write_observed(out, *observed_at);
        fields!(out; "," extra);
        if let Some(lease) = lease {
            out.extend_from_slice(b",\"lease\":");
            write_any(out, lease);
        }
        out.push(b'}');
    }

    fn write_observed(&mut self, out: &mut Vec<u8>, at: Timestamp) {
        if self.observed.is_none_or(|(last, _)| last != at) {
            self.observed = TimeText::new(at).map(|text| (at, text));
        }
        match &self.observed {
            Some((_, text)) => write_time(out, text),
            None => write_any(out, &at),
        }
    }
}

/// The value of a field.
trait Value {
    fn write_to(&self, out: &mut Vec<u8>);
}

impl Value for Text {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_text(out, self);
    }
}

impl Value for String {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_text(out, self);
    }
}

impl Value for bool {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

/// Numbers of up to three digits, and how many they have.
const SMALL: [([u8; 3], usize); 256] = small_numbers();

const fn small_numbers() -> [([u8; 3], usize); 256] {
    let mut numbers = [([0; 3], 0); 256];
    let mut number = 0;
    while number < numbers.len() {
        let (hundreds, tens) = (number / 100, number / 10 % 10);
        let digits = [hundreds, tens, number % 10];
        let length = if hundreds > 0 {
            3
        } else if tens > 0 {
            2
        } else {
            1
        };
        let mut place = 0;
        while place < length {
            numbers[number].0[place] = b'0' + digits[3 - length + place] as u8;
            place += 1;
        }
        numbers[number].1 = length;
        number += 1;
    }
    numbers
}

impl Value for u64 {
    fn write_to(&self, out: &mut Vec<u8>) {
        if let Ok(small) = u8::try_from(*self) {
            let (digits, length) = &SMALL[usize::from(small)];
            write_piece(out, digits, *length);
        } else {
            out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
        }
    }
}

impl Value for u32 {
    fn write_to(&self, out: &mut Vec<u8>) {
        u64::from(*self).write_to(out);
    }
}

impl<T: Value> Value for Option<T> {
    fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write_to(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Value> Value for Vec<T> {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_list(out, self, |out, item| item.write_to(out));
    }
}

impl Value for Metadata {
    fn write_to(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            out.extend_from_slice(b"{}");
        } else {
            write_any(out, self);
        }
    }
}

impl Value for Extra {
    fn write_to(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            out.extend_from_slice(b"{}");
        } else {
            write_any(out, self);
        }
    }
}

impl Value for Timestamp {
    fn write_to(&self, out: &mut Vec<u8>) {
        match TimeText::new(*self) {
            Some(text) => write_time(out, &text),
            None => write_any(out, self),
        }
    }
}

impl Value for IpAddr {
    fn write_to(&self, out: &mut Vec<u8>) {
        let Self::V4(ip) = self else {
            write_any(out, self);
            return;
        };
        let mut text = [b'"'; 20];
        let mut end = 1;
        for octet in ip.octets() {
            let (digits, length) = &SMALL[usize::from(octet)];
            text[end..end + 3].copy_from_slice(digits);
            text[end + length] = b'.';
            end += length + 1;
        }
        text[end - 1] = b'"';
        write_piece(out, &text, end);
    }
}

impl Value for ImageRef {
    fn write_to(&self, out: &mut Vec<u8>) {
        let Self { id, name } = self;
        fields!(out; "{" id, name);
        out.push(b'}');
    }
}

impl Value for SizeRef {
    fn write_to(&self, out: &mut Vec<u8>) {
        let Self {
            id,
            name,
            vcpus,
            ram_mb,
            disk_gb,
        } = self;
        fields!(out; "{" id, name, vcpus, ram_mb, disk_gb);
        out.push(b'}');
    }
}

impl Value for NodeAddress {
    fn write_to(&self, out: &mut Vec<u8>) {
        let Self {
            ip,
            version,
            scope,
            network,
            kind,
        } = self;
        fields!(out; "{" ip, version, scope, network, kind);
        out.push(b'}');
    }
}

impl Value for IpVersion {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::V4 => b'4',
            Self::V6 => b'6',
        });
    }
}

/// A word in quotes, with commas after it; and how long it is without those.
type Word = ([u8; 24], usize);

const fn word(name: &str) -> Word {
    let mut word = [b','; 24];
    word[0] = b'"';
    let mut index = 0;
    while index < name.len() {
        word[index + 1] = name.as_bytes()[index];
        index += 1;
    }
    word[index + 1] = b'"';
    (word, index + 2)
}

/// The words of a type of which each value is one, put together when this is compiled.
macro_rules! words {
    ($($type:ident: $words:ident;)*) => {$(
        const $words: [Word; $type::ALL.len()] = {
            let mut words = [word(""); $type::ALL.len()];
            let mut index = 0;
            while index < words.len() {
                words[index] = word($type::ALL[index].as_str());
                index += 1;
            }
            words
        };
    )*};
}

words! {
    NodeAction: ACTIONS;
    NodeState: STATES;
    AddressKind: KINDS;
    AddressScope: SCOPES;
}

macro_rules! named_values {
    ($($type:ident: $words:ident;)*) => {$(
        impl Value for $type {
            fn write_to(&self, out: &mut Vec<u8>) {
                let (word, length) = &$words[*self as usize];
                write_piece(out, word, *length);
            }
        }
    )*};
}

named_values! {
    NodeState: STATES;
    AddressKind: KINDS;
    AddressScope: SCOPES;
}

impl Value for NodeActions {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        let start = out.len();
        for action in self.iter() {
            let (word, length) = &ACTIONS[action as usize];
            write_piece(out, word, *length + 1);
        }
        // The end takes the place of the last comma.
        out.truncate(start.max(out.len() - 1));
        out.push(b']');
    }
}

fn write_time(out: &mut Vec<u8>, text: &TimeText) {
    let (bytes, length) = text.parts();
    out.push(b'"');
    write_piece(out, bytes, length);
    out.push(b'"');
}

/// Writes what is rare as everything else is written.
fn write_any<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let written = value.serialize(Json(out));
    debug_assert!(written.is_ok(), "every key in it is a text");
}

fn write_list<T>(out: &mut Vec<u8>, items: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    let mut before = b'[';
    for item in items {
        out.push(before);
        write(out, item);
        before = b',';
    }
    if items.is_empty() {
        out.push(before);
    }
    out.push(b']');
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
            same(node(&view), &view);
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
            let list = FarmListing { items, clouds, next };
            same(farm_listing(&list), &list);
        }
    }
}
