use cloudfarm_contract::extensions::Addresses;
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, AddressKind, Node, NodeAction,
};
use cloudfarm_contract::{ErrorKind, ListQuery, Text};

use super::{networks, unknown_ids};
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    address_is_listed: @addresses;
    address_of_unknown_id_is_not_found: @addresses;
    address_allocate_and_release: @addresses;
    address_associate_shows_on_the_node: @addresses;
    address_disassociate_twice_succeeds: @addresses;
    address_release_twice_succeeds: @addresses;
}

fn addresses(bench: &Bench) -> Outcome<&dyn Addresses> {
    have(bench.driver().addresses())
}

async fn new_address(bench: &Bench) -> Outcome<Address> {
    let request = AddressAllocate {
        network: network(bench).await?,
        mark: Some(bench.mark()),
    };
    let made = addresses(bench)?
        .allocate_address(&bench.cx(), &request)
        .await?;
    ensure!(
        made.node.is_none(),
        "a new address leads to node {:?}",
        made.node
    );
    Ok(made)
}

/// The network to allocate from: the target's, or the first that leads out.
async fn network(bench: &Bench) -> Outcome<Option<Text>> {
    let given = &bench.shared().target.address_network;
    if given.is_some() || !bench.can().extensions.networks {
        return Ok(given.clone());
    }
    let mut external = networks::listed(bench, None).await?;
    external.retain(|network| network.external);
    Ok(external.into_iter().next().map(|network| network.id))
}

async fn address_is_listed(bench: &Bench) -> Outcome {
    let made = new_address(bench).await?;
    let all = addresses(bench)?;
    let name = &Text::from(made.ip.to_string());
    bench
        .until_settled("the list shows the address", || async {
            let found = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_addresses(&bench.cx(), &query).await
            });
            Ok(found
                .await?
                .iter()
                .any(|address| address.id == made.id)
                .then_some(()))
        })
        .await
}

async fn address_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = addresses(bench)?;
    let page = all
        .list_addresses(&bench.cx(), &ListQuery::default())
        .await?;
    let sample = page.items.first().map(|address| address.id.as_str());
    for id in unknown_ids(sample) {
        let address = all.get_address(&bench.cx(), &id).await;
        refused(
            &format!("get_address of {id:?}"),
            address,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

async fn address_allocate_and_release(bench: &Bench) -> Outcome {
    let made = new_address(bench).await?;
    let all = addresses(bench)?;
    let shown = all.get_address(&bench.cx(), &made.id).await?;
    ensure!(
        shown.ip == made.ip && shown.node.is_none(),
        "allocated as {made:?}, shown as {shown:?}"
    );
    all.release_address(&bench.cx(), &made.id).await?;
    let shown = all.get_address(&bench.cx(), &made.id).await;
    refused(
        "get_address of a released one",
        shown,
        &[ErrorKind::NotFound],
    )?;
    Ok(())
}

/// Leads the address to a node, and sees it there.
async fn associate(bench: &Bench, address: &Address) -> Outcome<Node> {
    let node = bench.node_that_allows(NodeAction::AssociateAddress).await?;
    let to = AddressAssociate {
        node: node.id.clone(),
        fixed_ip: None,
    };
    let all = addresses(bench)?;
    all.associate_address(&bench.cx(), &address.id, &to).await?;
    let shown = all.get_address(&bench.cx(), &address.id).await?;
    ensure!(
        shown.node.as_ref() == Some(&node.id),
        "led to node {}, shown as {shown:?}",
        node.id
    );
    until_node_shows(bench, &node, address, true).await?;
    Ok(node)
}

async fn until_node_shows(
    bench: &Bench,
    node: &Node,
    address: &Address,
    is_there: bool,
) -> Outcome {
    let verb = if is_there { "shows" } else { "shows no more" };
    let what = format!(
        "node {} {verb} the floating address {}",
        node.id, address.ip
    );
    bench
        .until_settled(&what, || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            let floating = shown
                .addresses
                .iter()
                .any(|shown| shown.ip == address.ip && shown.kind == AddressKind::Floating);
            Ok((floating == is_there).then_some(()))
        })
        .await
}

async fn address_associate_shows_on_the_node(bench: &Bench) -> Outcome {
    let address = new_address(bench).await?;
    let node = associate(bench, &address).await?;
    let all = addresses(bench)?;
    all.disassociate_address(&bench.cx(), &address.id).await?;
    until_node_shows(bench, &node, &address, false).await
}

async fn address_disassociate_twice_succeeds(bench: &Bench) -> Outcome {
    let address = new_address(bench).await?;
    let all = addresses(bench)?;
    // It leads nowhere yet.
    all.disassociate_address(&bench.cx(), &address.id).await?;
    let node = associate(bench, &address).await?;
    all.disassociate_address(&bench.cx(), &address.id).await?;
    all.disassociate_address(&bench.cx(), &address.id).await?;
    until_node_shows(bench, &node, &address, false).await
}

async fn address_release_twice_succeeds(bench: &Bench) -> Outcome {
    let address = new_address(bench).await?;
    let all = addresses(bench)?;
    all.release_address(&bench.cx(), &address.id).await?;
    all.release_address(&bench.cx(), &address.id).await?;
    for id in unknown_ids(Some(&address.id)) {
        all.release_address(&bench.cx(), &id).await?;
    }
    Ok(())
}
