//! What the capabilities say in numbers, and the options of a node that take more than one call to
//! try out.

use std::net::{IpAddr, Ipv4Addr};

use cloudfarm_contract::model::{
    IpVersion, Metadata, NetworkAttachment, NodeCreate, RootVolume, Subnet,
};
use cloudfarm_contract::{Capabilities, ErrorKind, ListQuery, Secret, Text};

use super::networks;
use super::node_create::makes_nothing;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have};
use crate::paging::read_all;

cases! {
    create_node_takes_the_wished_address: @networks node_create_with_fixed_ip;
    create_node_boots_from_a_volume: @volumes node_create_with_root_volume;
    create_node_up_to_the_limits;
    create_node_past_a_limit_makes_nothing;
}

/// How many addresses are tried: somebody else may have one.
const WISHES: usize = 5;

async fn create_node_takes_the_wished_address(bench: &Bench) -> Outcome {
    let subnet = usual_subnet(bench).await?;
    for _ in 0..WISHES {
        let ip = random_ip(&subnet)?;
        let mut request = bench.request().await?;
        request.networks = vec![NetworkAttachment {
            network: subnet.network.clone(),
            subnet: Some(subnet.id.clone()),
            ip: Some(ip),
        }];
        let created = match bench.driver().create_node(&bench.cx(), &request).await {
            Ok(created) => created.node,
            Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict) => {
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let node = bench.until_running(&created.id).await?;
        ensure!(
            node.addresses.iter().any(|address| address.ip == ip),
            "node {} was to have {ip}, its addresses are {:?}",
            node.id,
            node.addresses
        );
        return Ok(());
    }
    Err(Failure::new(format!(
        "none of {WISHES} addresses out of {} could be had",
        subnet.cidr
    )))
}

/// A subnet with room on the network that nodes are usually on.
async fn usual_subnet(bench: &Bench) -> Outcome<Subnet> {
    let network = networks::usual(bench)
        .await?
        .ok_or_else(|| Failure::new("there is no network to put a node on"))?;
    let all = have(bench.driver().networks())?;
    let subnets = read_all(None, |page| async move {
        let query = ListQuery { page, name: None };
        all.list_subnets(&bench.cx(), &query).await
    })
    .await?;
    let mut fitting = subnets.into_iter().filter(|subnet| {
        subnet.network == network.id && subnet.version == IpVersion::V4 && bits(subnet) <= 28
    });
    fitting.next().ok_or_else(|| {
        Failure::new(format!(
            "network {} has no subnet of version 4 with room",
            network.name
        ))
    })
}

fn bits(subnet: &Subnet) -> u32 {
    let bits = subnet.cidr.rsplit('/').next();
    bits.and_then(|bits| bits.parse().ok()).unwrap_or(32)
}

/// An address out of the upper half of the range: from below most providers give theirs.
fn random_ip(subnet: &Subnet) -> Outcome<IpAddr> {
    let base = subnet.cidr.split('/').next().unwrap_or_default();
    let base: Ipv4Addr = base
        .parse()
        .map_err(|_| Failure::new(format!("{} is no range of addresses", subnet.cidr)))?;
    let half = 1_u32 << (31 - bits(subnet));
    let offset = half + fastrand::u32(0..half - 2);
    Ok(IpAddr::V4(Ipv4Addr::from(u32::from(base) + offset)))
}

async fn create_node_boots_from_a_volume(bench: &Bench) -> Outcome {
    let least = bench.picks().await?.image.min_disk_gb.unwrap_or(0);
    let size_gb = least.max(1);
    let node = bench
        .new_node(|request| {
            request.root_volume = Some(RootVolume {
                size_gb,
                kind: None,
                delete_with_node: true,
            });
        })
        .await?;
    let [volume] = &node.volumes[..] else {
        return Err(Failure::new(format!(
            "node {} boots from a volume and shows {:?}",
            node.id, node.volumes
        )));
    };
    let volumes = have(bench.driver().volumes())?;
    let root = volumes.get_volume(&bench.cx(), volume).await?;
    ensure!(
        root.size_gb == size_gb,
        "a root volume of {size_gb} GB was asked for, volume {volume} has {}",
        root.size_gb
    );
    bench.driver().destroy_node(&bench.cx(), &node.id).await?;
    bench.until_gone(&node.id).await?;
    bench
        .until_changed("the root volume goes with its node", || async {
            match volumes.get_volume(&bench.cx(), volume).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(())),
                Ok(_) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
}

async fn create_node_up_to_the_limits(bench: &Bench) -> Outcome {
    let can = bench.can();
    let mut wanted = bench.request().await?;
    wanted.name = lengthened(&wanted.name, can.node_name_length_max);
    if can.node_create_with_metadata {
        wanted.metadata = longest_metadata(can);
    }
    if let (true, Some(max)) = (can.node_create_with_user_data, can.node_user_data_bytes_max) {
        wanted.user_data = Some(script(max as usize));
    }
    let node = bench.new_node(|request| *request = wanted.clone()).await?;
    ensure!(
        node.name == wanted.name,
        "a name of {} characters comes back as one of {}",
        wanted.name.chars().count(),
        node.name.chars().count()
    );
    ensure!(
        node.metadata == wanted.metadata,
        "metadata up to the limits comes back as {:?}",
        node.metadata
    );
    Ok(())
}

/// What makes an ordinary request one that no cloud of these limits takes.
type Wish = Box<dyn FnOnce(&mut NodeCreate) + Send>;

async fn create_node_past_a_limit_makes_nothing(bench: &Bench) -> Outcome {
    let can = bench.can();
    let mut past: Vec<Wish> = Vec::new();
    if let Some(max) = can.node_name_length_max {
        past.push(Box::new(move |request| {
            request.name = lengthened(&request.name, Some(max + 1));
        }));
    }
    if can.node_create_with_metadata {
        if let Some(max) = can.node_metadata_key_length_max {
            past.push(with_item(text(max + 1), Text::from("value")));
        }
        if let Some(max) = can.node_metadata_value_length_max {
            past.push(with_item(Text::from("key"), text(max + 1)));
        }
        if let Some(max) = can.node_metadata_items_max {
            past.push(Box::new(move |request| request.metadata = items(max + 1)));
        }
    }
    if let (true, Some(max)) = (can.node_create_with_user_data, can.node_user_data_bytes_max) {
        past.push(Box::new(move |request| {
            request.user_data = Some(script(max as usize + 1));
        }));
    }
    for change in past {
        makes_nothing(bench, change).await?;
    }
    Ok(())
}

fn with_item(key: Text, value: Text) -> Wish {
    Box::new(move |request| request.metadata = Metadata::from([(key, value)]))
}

/// One item with the longest key and the longest value, and as many as there may be.
fn longest_metadata(can: &Capabilities) -> Metadata {
    let key = can
        .node_metadata_key_length_max
        .map_or(Text::from("key"), text);
    let value = can
        .node_metadata_value_length_max
        .map_or(Text::from("value"), text);
    let mut metadata = items(can.node_metadata_items_max.map_or(0, |max| max - 1));
    metadata.insert(key, value);
    metadata
}

fn items(count: u32) -> Metadata {
    let item = |number| (Text::from(format!("key-{number}")), Text::from("value"));
    (0..count).map(item).collect()
}

fn text(length: u32) -> Text {
    Text::from("k".repeat(length as usize))
}

/// The name at its full length.
fn lengthened(name: &Text, length: Option<u32>) -> Text {
    let missing = length.map_or(0, |length| {
        (length as usize).saturating_sub(name.chars().count())
    });
    Text::from(format!("{name}{}", "x".repeat(missing)))
}

/// A script of so many bytes.
fn script(bytes: usize) -> Secret {
    let start = "#!/bin/sh\n#";
    let rest = bytes.saturating_sub(start.len());
    Secret::new(format!("{start}{}", "x".repeat(rest)))
}
