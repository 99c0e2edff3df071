//! Automation that goes on after Nova calls a server active: RackConnect puts it on the customer's
//! own network, a managed service level installs what Rackspace's people need.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Fault, Node, NodeState};
use jiff::SignedDuration;

use crate::params::Params;

/// What is waited for before a node counts as ready.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Readiness {
    rackconnect: bool,
    managed: bool,
}

/// How far an automation is with a node.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    Through,
    AtWork,
    Failed,
}

/// An automation: the item of metadata in which it tells how far it is.
struct Automation {
    name: &'static str,
    item: &'static str,
    through: &'static [&'static str],
    failed: &'static [&'static str],
}

/// An automation that is to come has begun by then.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_hours(1);

const RACKCONNECT: Automation = Automation {
    name: "RackConnect",
    item: "rackconnect_automation_status",
    // What cannot be processed stays as it is, and can be used.
    through: &["DEPLOYED", "UNPROCESSABLE"],
    failed: &["FAILED"],
};

const MANAGED: Automation = Automation {
    name: "the managed service level",
    item: "rax_service_level_automation",
    through: &["Complete", "Unprocessable"],
    failed: &["Build Error"],
};

impl Automation {
    fn progress(&self, node: &Node) -> Progress {
        let Some(told) = node.metadata.get(self.item) else {
            // It has not begun; of an old node it never will, for it came without automation.
            let age = node
                .created_at
                .map(|made| node.observed_at.duration_since(made));
            return match age {
                Some(age) if age > BEGINS_WITHIN => Progress::Through,
                _ => Progress::AtWork,
            };
        };
        let is = |words: &[&str]| words.iter().any(|word| told.eq_ignore_ascii_case(word));
        if is(self.through) {
            Progress::Through
        } else if is(self.failed) {
            Progress::Failed
        } else {
            Progress::AtWork
        }
    }
}

impl Readiness {
    pub(crate) fn read(params: &Params) -> Self {
        Self {
            rackconnect: params.rackconnect,
            managed: params.managed,
        }
    }

    /// Whether Nova's word for the state of a node is not the last one.
    pub(crate) fn is_asked_for(self) -> bool {
        self.rackconnect || self.managed
    }

    /// Makes a node busy while an automation is at work on it, and failed where one has failed.
    pub(crate) fn apply(self, node: &mut Node) {
        let asked = [(self.rackconnect, RACKCONNECT), (self.managed, MANAGED)];
        for (_, automation) in asked.iter().filter(|(asked, _)| *asked) {
            if node.state != NodeState::Running {
                return;
            }
            match automation.progress(node) {
                Progress::Through => {}
                Progress::AtWork => node.busy = true,
                Progress::Failed => {
                    node.state = NodeState::Error;
                    node.fault = Some(fault(automation));
                }
            }
        }
    }
}

fn fault(automation: &Automation) -> Fault {
    Fault {
        code: Some(Text::from_static(automation.item)),
        message: Text::from(format!("the automation of {} failed", automation.name)),
        at: None,
    }
}
