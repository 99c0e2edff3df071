//! Of nodes and what they say.

use std::collections::BTreeSet;

use cloudfarm_contract::extensions::{ConsoleOutput, ConsoleUrl};
use cloudfarm_contract::model::{
    AddressScope, IpVersion, Node, NodeCreated, NodeSecrets, NodeState,
};
use jiff::Timestamp;

use super::{Answer, Rules, identity, native, no_mark};

impl Answer for Node {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("node", &self.cloud, &self.id, rules, found);
        let what = format!("node {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
        address_problems(self, &what, found);
        time_problems(self, &what, rules, found);
        let legal = rules.capabilities.actions(self.state, self.busy);
        for action in self.actions.iter() {
            hold!(
                found,
                legal.contains(action),
                "{what} offers {action} in state {} (busy: {}), the capabilities do not",
                self.state,
                self.busy
            );
        }
        hold!(
            found,
            self.fault.is_none() || self.state == NodeState::Error,
            "{what} has a fault in state {}",
            self.state
        );
        if let Some(image) = &self.image {
            hold!(
                found,
                !image.id.is_empty(),
                "{what} has an image with an empty id"
            );
        }
        if let Some(id) = self.size.as_ref().and_then(|size| size.id.as_ref()) {
            hold!(found, !id.is_empty(), "{what} has a size with an empty id");
        }
    }
}

fn address_problems(node: &Node, what: &str, found: &mut Vec<String>) {
    let of = |scope| -> BTreeSet<_> {
        let scoped = node.addresses.iter().filter(|a| a.scope == scope);
        scoped.map(|address| address.ip).collect()
    };
    let public: BTreeSet<_> = node.public_ips.iter().copied().collect();
    let private: BTreeSet<_> = node.private_ips.iter().copied().collect();
    hold!(
        found,
        public == of(AddressScope::Public),
        "{what} has public_ips {public:?}, its addresses say {:?}",
        of(AddressScope::Public)
    );
    hold!(
        found,
        private == of(AddressScope::Private),
        "{what} has private_ips {private:?}, its addresses say {:?}",
        of(AddressScope::Private)
    );
    for address in &node.addresses {
        hold!(
            found,
            address.version == IpVersion::of(address.ip),
            "{what} calls {} version {:?}",
            address.ip,
            address.version
        );
    }
    let distinct: BTreeSet<_> = node.addresses.iter().map(|a| (a.ip, &a.network)).collect();
    hold!(
        found,
        distinct.len() == node.addresses.len(),
        "{what} shows an address twice"
    );
}

fn time_problems(node: &Node, what: &str, rules: &Rules, found: &mut Vec<String>) {
    let now = rules.clock.now();
    let off = |at: Timestamp| now.duration_since(at).unsigned_abs();
    hold!(
        found,
        off(node.observed_at) <= rules.tolerance,
        "{what} was observed at {}, which is {} s off",
        node.observed_at,
        off(node.observed_at).as_secs()
    );
    if let Some(created_at) = node.created_at {
        hold!(
            found,
            created_at <= now || off(created_at) <= rules.tolerance,
            "{what} was made at {created_at}, which is to come"
        );
    }
}

impl Answer for NodeCreated {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        self.node.problems(rules, found);
    }
}

impl Answer for NodeSecrets {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        let empty = self.admin_password.as_ref().is_some_and(|p| p.is_empty());
        hold!(found, !empty, "the administrator's password is empty");
    }
}

impl Answer for ConsoleOutput {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        hold!(
            found,
            !self.output.contains('\0'),
            "the console output holds a NUL"
        );
    }
}

impl Answer for ConsoleUrl {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        hold!(found, !self.kind.is_empty(), "the console says no kind");
    }
}
