//! What reads the answers of the query API, without anybody to ask: for fuzzers and for tests
//! against recorded answers. It is no part of the crate's API.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use cloudfarm_contract::{CloudConfig, Error, Result, Secret, SystemClock, Text};
use cloudfarm_http::Response;
use jiff::Timestamp;
use serde_json::json;

use crate::compute::console::Console;
use crate::compute::instance;
use crate::compute::wire::{Instances, Started};
use crate::driver::Ec2Driver;
use crate::list::Listing;
use crate::network::Vpcs;
use crate::network::addresses::Described as Addresses;
use crate::network::groups::Groups;
use crate::network::subnets::Subnets;
use crate::quotas::Attributes;
use crate::volume::Described as Volumes;
use crate::volume::snapshots::Described as Snapshots;
use crate::{Flavour, errors, images, key_pairs, locations, sizes, xml};

/// What an answer is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what it reads")]
pub enum Reply {
    Refusal,
    Done,
    Nodes,
    NodeCreated,
    Images,
    Sizes,
    Locations,
    KeyPairs,
    Volumes,
    VolumeSnapshots,
    Networks,
    Subnets,
    SecurityGroups,
    Addresses,
    Console,
    Quotas,
}

impl Reply {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::Refusal,
        Self::Done,
        Self::Nodes,
        Self::NodeCreated,
        Self::Images,
        Self::Sizes,
        Self::Locations,
        Self::KeyPairs,
        Self::Volumes,
        Self::VolumeSnapshots,
        Self::Networks,
        Self::Subnets,
        Self::SecurityGroups,
        Self::Addresses,
        Self::Console,
        Self::Quotas,
    ];

    /// Reads an answer as a call would, and gives what was made of it for the eye.
    ///
    /// # Errors
    ///
    /// What the call would fail with.
    pub fn read(self, response: &Response) -> Result<String> {
        let at = Timestamp::UNIX_EPOCH;
        let driver = driver()?;
        match self {
            Self::Refusal => Ok(shown(&errors::refusal(response, at))),
            Self::Done => xml::read::<xml::Done>(response, "StopInstances").map(|it| shown(&it)),
            Self::Nodes => many::<Instances, _>(response, "DescribeInstances", |it| {
                instance::node(driver, it, &HashMap::new(), at)
            }),
            Self::NodeCreated => {
                let started: Started = xml::read(response, "RunInstances")?;
                let made = started.into_instance();
                Ok(shown(
                    &made.map(|it| instance::node(driver, it, &HashMap::new(), at)),
                ))
            }
            Self::Images => {
                many::<images::Images, _>(response, "DescribeImages", |it| driver.read_image(it))
            }
            Self::Sizes => many::<sizes::Types, _>(response, "DescribeInstanceTypes", |it| {
                sizes::size(driver.cloud(), it)
            }),
            Self::Volumes => {
                many::<Volumes, _>(response, "DescribeVolumes", |it| driver.volume(it))
            }
            Self::VolumeSnapshots => {
                many::<Snapshots, _>(response, "DescribeSnapshots", |it| driver.snapshot(it))
            }
            Self::Networks => many::<Vpcs, _>(response, "DescribeVpcs", |it| {
                driver.network(it, Vec::new())
            }),
            Self::Subnets => {
                many::<Subnets, _>(response, "DescribeSubnets", |it| driver.read_subnet(it))
            }
            Self::SecurityGroups => {
                many::<Groups, _>(response, "DescribeSecurityGroups", |it| driver.group(it))
            }
            _ => self.read_whole(response, driver),
        }
    }

    /// Lists that have no pages, and what is no list.
    fn read_whole(self, response: &Response, driver: &Ec2Driver) -> Result<String> {
        match self {
            Self::Locations => {
                let zones: locations::Zones = xml::read(response, "DescribeAvailabilityZones")?;
                Ok(shown(&zones))
            }
            Self::KeyPairs => {
                let keys: key_pairs::Keys = xml::read(response, "DescribeKeyPairs")?;
                let keys = keys.keys.items.into_iter();
                Ok(shown(
                    &keys.map(|key| driver.key_pair(key)).collect::<Vec<_>>(),
                ))
            }
            Self::Addresses => {
                let all: Addresses = xml::read(response, "DescribeAddresses")?;
                let all = all.addresses.items.into_iter();
                let read = all.map(|it| driver.address(it));
                Ok(shown(&read.collect::<Vec<_>>()))
            }
            Self::Console => {
                let console: Console = xml::read(response, "GetConsoleOutput")?;
                Ok(shown(&console.read("i-1", Some(10))?))
            }
            _ => {
                let attributes: Attributes = xml::read(response, "DescribeAccountAttributes")?;
                Ok(shown(&attributes.quotas(&driver.cloud())))
            }
        }
    }
}

fn many<L: Listing, U: Debug>(
    response: &Response,
    action: &str,
    read: impl FnMut(L::Item) -> U,
) -> Result<String> {
    let (items, next) = xml::read::<L>(response, action)?.split();
    let items: Vec<U> = items.into_iter().map(read).collect();
    Ok(shown(&(items, next)))
}

/// One that is never asked anything.
fn driver() -> Result<&'static Ec2Driver> {
    static DRIVER: OnceLock<Result<Ec2Driver>> = OnceLock::new();
    let made = DRIVER.get_or_init(|| {
        let parameters = json!({"host": "recorded.invalid", "secure": false, "region": "lab-1"});
        let config = CloudConfig {
            name: Text::from_static("recorded"),
            engine: Text::from_static("ec2"),
            user: Some("AKID".to_owned()),
            password: Some(Secret::new("secret")),
            extra_params: parameters.as_object().cloned().unwrap_or_default(),
            clock: Arc::new(SystemClock),
        };
        Ec2Driver::connect(Flavour::Ec2, &config)
    });
    made.as_ref().map_err(Error::clone)
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}")
}
