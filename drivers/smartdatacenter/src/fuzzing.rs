//! What reads the answers of CloudAPI, without anybody to ask: for fuzzers and for tests against
//! recorded answers. It is no part of the crate's API.

use std::fmt::Debug;

use cloudfarm_contract::{Capabilities, Error, Extensions, Result, Text};
use cloudfarm_http::{Response, Url};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::capabilities::capabilities;
use crate::catalogue::Names;
use crate::images::WireImage;
use crate::key_pairs::AccountKey;
use crate::keys::{PrivateKey, PublicKey};
use crate::machines::{Machine, WireSnapshot, end_of_reboot};
use crate::network::{RuleText, WireNetwork, WireRule, groups};
use crate::{errors, locations, quotas, sizes};

const CLOUD: Text = Text::from_static("fuzz");

/// What an answer is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what it reads")]
pub enum Reply {
    Refusal,
    Machine,
    Machines,
    History,
    Snapshots,
    Packages,
    Images,
    Keys,
    Networks,
    Subnets,
    Rules,
    Datacenters,
    Limits,
}

impl Reply {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::Refusal,
        Self::Machine,
        Self::Machines,
        Self::History,
        Self::Snapshots,
        Self::Packages,
        Self::Images,
        Self::Keys,
        Self::Networks,
        Self::Subnets,
        Self::Rules,
        Self::Datacenters,
        Self::Limits,
    ];

    /// Reads an answer, and gives what was made of it for the eye.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with it.
    pub fn read(self, response: &Response) -> Result<String> {
        match self {
            Self::Refusal => Ok(format!("{:?}", errors::refusal(response))),
            Self::Machine => Ok(shown(&node(response.json()?))),
            Self::Machines => all::<Machine, _>(response, node),
            Self::History => Ok(shown(&end_of_reboot(response)?)),
            Self::Snapshots => all::<WireSnapshot, _>(response, |it| it.into_snapshot(&CLOUD, "m")),
            Self::Packages => Ok(shown(&sizes::read(response, &CLOUD)?)),
            Self::Images => all::<WireImage, _>(response, |it| it.into_image(&CLOUD)),
            Self::Keys => all::<AccountKey, _>(response, |it| it.into_key_pair(&CLOUD)),
            Self::Networks => all::<WireNetwork, _>(response, |it| it.into_network(&CLOUD)),
            Self::Subnets => all::<WireNetwork, _>(response, |it| it.into_subnet(&CLOUD)),
            Self::Rules => {
                let rules: Vec<WireRule> = response.json()?;
                Ok(shown(&groups(&rules, &CLOUD)))
            }
            Self::Datacenters => {
                let base = Url::parse("https://cloudapi.invalid/")
                    .map_err(|error| Error::internal("no base").with_internal(error))?;
                Ok(shown(&locations::read(response, &base, &CLOUD)?))
            }
            Self::Limits => Ok(shown(&quotas::read(response, &CLOUD)?)),
        }
    }
}

/// Reads a private key, and a public one from the same bytes.
pub fn key(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let passphrase = cloudfarm_contract::Secret::new("correct-horse");
    // Whether it is a key does not matter here, only that nothing worse happens.
    drop(PrivateKey::parse(&text, Some(&passphrase)));
    drop(PublicKey::from_blob(bytes));
}

/// Reads the text of a firewall rule.
pub fn rule(text: &str) {
    drop(RuleText(text).read());
}

fn all<T: DeserializeOwned, U: Debug>(
    response: &Response,
    read: impl FnMut(T) -> U,
) -> Result<String> {
    let items: Vec<T> = response.json()?;
    Ok(shown(&items.into_iter().map(read).collect::<Vec<_>>()))
}

fn node(machine: Machine) -> cloudfarm_contract::model::Node {
    let can: Capabilities = capabilities(Extensions::default());
    machine.into_node(&CLOUD, &can, &Names::default(), Timestamp::UNIX_EPOCH)
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}")
}
