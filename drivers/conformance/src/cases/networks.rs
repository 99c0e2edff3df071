use cloudfarm_contract::extensions::Networks;
use cloudfarm_contract::model::{Network, NetworkCreate, Subnet, SubnetCreate};
use cloudfarm_contract::{Error, ErrorKind, ListQuery, Text, escape_glob};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    network_is_listed: @networks;
    network_of_unknown_id_is_not_found: @networks;
    network_create_with_subnet: @networks network_create;
    network_delete_twice_succeeds: @networks network_create;
    subnet_of_unknown_id_is_not_found: @networks;
    subnet_delete_twice_succeeds: @networks network_create subnet_create;
}

fn networks(bench: &Bench) -> Outcome<&dyn Networks> {
    have(bench.driver().networks())
}

pub(super) async fn listed(bench: &Bench, name: Option<&str>) -> Outcome<Vec<Network>> {
    let all = networks(bench)?;
    let name = &name.map(escape_glob);
    read_all(None, |page| async move {
        let query = ListQuery {
            page,
            name: name.clone(),
        };
        all.list_networks(&bench.cx(), &query).await
    })
    .await
}

/// The network that a node would be put on: the first that is not made by this run and does not lead
/// out; `None` where there is none.
pub(super) async fn usual(bench: &Bench) -> Outcome<Option<Network>> {
    if !bench.can().extensions.networks {
        return Ok(None);
    }
    let prefix = bench.shared().target.prefix.as_str();
    let mut inner = listed(bench, None).await?.into_iter();
    Ok(inner.find(|network| {
        !network.external && !network.subnets.is_empty() && !network.name.starts_with(prefix)
    }))
}

/// A network with room for the subnets of `10.{second}.0.0/16`, so that those of several cases do
/// not overlap. It is made without a range, and with one where the provider wants that.
pub(super) async fn new_network(bench: &Bench) -> Outcome<(Network, u8)> {
    let second = fastrand::u8(16..240);
    let mut request = NetworkCreate {
        name: bench.name(),
        cidr: None,
        mark: Some(bench.mark()),
    };
    let all = networks(bench)?;
    let mut result = all.create_network(&bench.cx(), &request).await;
    if result.as_ref().is_err_and(wants_a_range) {
        request.cidr = Some(Text::from(format!("10.{second}.0.0/16")));
        result = all.create_network(&bench.cx(), &request).await;
    }
    let made = result?;
    ensure!(
        made.name == request.name,
        "the network is called {:?} instead of {:?}",
        made.name,
        request.name
    );
    Ok((made, second))
}

fn wants_a_range(error: &Error) -> bool {
    error.kind() == ErrorKind::Invalid && error.field().is_some_and(|field| *field == *"cidr")
}

pub(super) async fn new_subnet(bench: &Bench, network: &Network, second: u8) -> Outcome<Subnet> {
    let request = SubnetCreate {
        network: network.id.clone(),
        name: bench.name(),
        cidr: Text::from(format!("10.{second}.7.0/24")),
        mark: Some(bench.mark()),
        ..SubnetCreate::default()
    };
    let made = networks(bench)?
        .create_subnet(&bench.cx(), &request)
        .await?;
    ensure!(
        made.network == request.network && made.cidr == request.cidr && made.name == request.name,
        "asked for {request:?}, made {made:?}"
    );
    Ok(made)
}

/// A subnet of the network: one that is made, or the range that the network was made with where it
/// takes no other.
async fn some_subnet(bench: &Bench, network: &Network, second: u8) -> Outcome<Subnet> {
    if bench.can().subnet_create {
        return new_subnet(bench, network, second).await;
    }
    let [only] = network.subnets.as_slice() else {
        return Err(Failure::new(format!(
            "the network takes no subnet and was made with {:?} instead of one",
            network.subnets
        )));
    };
    let all = networks(bench)?;
    Ok(all.get_subnet(&bench.cx(), only).await?)
}

async fn network_is_listed(bench: &Bench) -> Outcome {
    let all = networks(bench)?;
    if bench.can().network_create {
        let (made, _) = new_network(bench).await?;
        return bench
            .until_settled("the list shows the network", || async {
                let found = listed(bench, Some(&made.name)).await?;
                Ok(found.iter().any(|found| found.id == made.id).then_some(()))
            })
            .await;
    }
    let found = listed(bench, None).await?;
    ensure!(!found.is_empty(), "the cloud lists no network");
    let shown = all.get_network(&bench.cx(), &found[0].id).await?;
    ensure!(
        shown.name == found[0].name && shown.external == found[0].external,
        "listed as {:?}, shown as {shown:?}",
        found[0]
    );
    Ok(())
}

async fn network_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = networks(bench)?;
    let page = all
        .list_networks(&bench.cx(), &ListQuery::default())
        .await?;
    let sample = page.items.first().map(|network| network.id.as_str());
    for id in unknown_ids(sample) {
        let network = all.get_network(&bench.cx(), &id).await;
        refused(
            &format!("get_network of {id:?}"),
            network,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

async fn network_create_with_subnet(bench: &Bench) -> Outcome {
    let (network, second) = new_network(bench).await?;
    let subnet = some_subnet(bench, &network, second).await?;
    let all = networks(bench)?;
    let shown = all.get_subnet(&bench.cx(), &subnet.id).await?;
    ensure!(
        shown.cidr == subnet.cidr && shown.network == network.id,
        "made as {subnet:?}, shown as {shown:?}"
    );
    bench
        .until_settled("the network and the list show the subnet", || async {
            let network = all.get_network(&bench.cx(), &network.id).await?;
            let name = &escape_glob(&subnet.name);
            let subnets = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_subnets(&bench.cx(), &query).await
            })
            .await?;
            let is_listed = subnets.iter().any(|listed| listed.id == subnet.id);
            Ok((is_listed && network.subnets.contains(&subnet.id)).then_some(()))
        })
        .await
}

async fn network_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let (network, second) = new_network(bench).await?;
    some_subnet(bench, &network, second).await?;
    let all = networks(bench)?;
    all.delete_network(&bench.cx(), &network.id).await?;
    all.delete_network(&bench.cx(), &network.id).await?;
    let shown = all.get_network(&bench.cx(), &network.id).await;
    refused(
        "get_network of a deleted one",
        shown,
        &[ErrorKind::NotFound],
    )?;
    Ok(())
}

async fn subnet_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = networks(bench)?;
    let page = all.list_subnets(&bench.cx(), &ListQuery::default()).await?;
    let sample = page.items.first().map(|subnet| subnet.id.as_str());
    for id in unknown_ids(sample) {
        let subnet = all.get_subnet(&bench.cx(), &id).await;
        refused(
            &format!("get_subnet of {id:?}"),
            subnet,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

async fn subnet_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let (network, second) = new_network(bench).await?;
    let subnet = new_subnet(bench, &network, second).await?;
    let all = networks(bench)?;
    all.delete_subnet(&bench.cx(), &subnet.id).await?;
    all.delete_subnet(&bench.cx(), &subnet.id).await?;
    let shown = all.get_subnet(&bench.cx(), &subnet.id).await;
    refused("get_subnet of a deleted one", shown, &[ErrorKind::NotFound])?;
    Ok(())
}
