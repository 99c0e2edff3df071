use cloudfarm_contract::extensions::Routers;
use cloudfarm_contract::model::{Router, RouterCreate, RouterGateway, RouterUpdate};
use cloudfarm_contract::{ErrorKind, ListQuery, Text, escape_glob};

use super::networks::{self, new_network, new_subnet};
use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    router_is_listed: @routers;
    router_of_unknown_id_is_not_found: @routers;
    router_create_with_external_network: @routers;
    router_update_changes_name_and_gateway: @routers;
    router_attaches_and_detaches_a_subnet: @routers network_create;
    router_delete_twice_succeeds: @routers;
}

fn routers(bench: &Bench) -> Outcome<&dyn Routers> {
    have(bench.driver().routers())
}

/// A network that leads out, where the cloud has one.
async fn way_out(bench: &Bench) -> Outcome<Option<Text>> {
    if !bench.can().extensions.networks {
        return Ok(None);
    }
    let mut all = networks::listed(bench, None).await?.into_iter();
    Ok(all.find(|network| network.external).map(|out| out.id))
}

async fn new_router(bench: &Bench, external_network: Option<Text>) -> Outcome<Router> {
    let request = RouterCreate {
        name: bench.name(),
        external_network,
        mark: Some(bench.mark()),
    };
    let made = routers(bench)?.create_router(&bench.cx(), &request).await?;
    ensure!(
        made.name == request.name
            && made.external_network == request.external_network
            && made.subnets.is_empty(),
        "asked for {request:?}, made {made:?}"
    );
    Ok(made)
}

/// Waits until the router is shown as wanted.
async fn until_shown(
    bench: &Bench,
    what: &str,
    id: &str,
    wanted: impl Fn(&Router) -> bool,
) -> Outcome {
    let all = routers(bench)?;
    let wanted = &wanted;
    bench
        .until_settled(what, || async move {
            let shown = all.get_router(&bench.cx(), id).await?;
            Ok(wanted(&shown).then_some(()))
        })
        .await
}

async fn router_is_listed(bench: &Bench) -> Outcome {
    let made = new_router(bench, None).await?;
    let all = routers(bench)?;
    let name = &escape_glob(&made.name);
    bench
        .until_settled("the list shows the router with its mark", || async {
            let found = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_routers(&bench.cx(), &query).await
            })
            .await?;
            let is_it = |router: &Router| router.id == made.id && router.mark == made.mark;
            Ok(found.iter().any(is_it).then_some(()))
        })
        .await
}

async fn router_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = routers(bench)?;
    let page = all.list_routers(&bench.cx(), &ListQuery::default()).await?;
    let sample = page.items.first().map(|router| router.id.as_str());
    for id in unknown_ids(sample) {
        let router = all.get_router(&bench.cx(), &id).await;
        let what = format!("get_router of {id:?}");
        refused(&what, router, &[ErrorKind::NotFound])?;
    }
    Ok(())
}

async fn router_create_with_external_network(bench: &Bench) -> Outcome {
    let external = way_out(bench).await?;
    let made = new_router(bench, external.clone()).await?;
    let shown = routers(bench)?.get_router(&bench.cx(), &made.id).await?;
    ensure!(
        shown.external_network == external,
        "asked for a gateway to {external:?}, shown as {shown:?}"
    );
    let unknown = RouterCreate {
        name: bench.name(),
        external_network: Some(unknown_ids(external.as_deref())[0].clone().into()),
        mark: Some(bench.mark()),
    };
    let nowhere = routers(bench)?.create_router(&bench.cx(), &unknown).await;
    let kinds = [ErrorKind::NotFound, ErrorKind::Invalid];
    refused("a gateway to an unknown network", nowhere, &kinds)?;
    Ok(())
}

async fn router_update_changes_name_and_gateway(bench: &Bench) -> Outcome {
    let made = new_router(bench, None).await?;
    let all = routers(bench)?;
    let mut updates = vec![RouterUpdate {
        name: Some(bench.name()),
        gateway: None,
    }];
    if let Some(out) = way_out(bench).await? {
        updates.extend(
            [RouterGateway::Network(out), RouterGateway::Off].map(|gateway| RouterUpdate {
                name: None,
                gateway: Some(gateway),
            }),
        );
    }
    for update in updates {
        all.update_router(&bench.cx(), &made.id, &update).await?;
        let what = format!("the router is as {update:?} asks");
        until_shown(bench, &what, &made.id, |shown| {
            update.is_met(shown) && shown.mark == made.mark
        })
        .await?;
    }
    Ok(())
}

async fn router_attaches_and_detaches_a_subnet(bench: &Bench) -> Outcome {
    let router = new_router(bench, None).await?;
    let (network, second) = new_network(bench).await?;
    let subnet = new_subnet(bench, &network, second).await?;
    let all = routers(bench)?;
    for _ in 0..2 {
        all.attach_router_subnet(&bench.cx(), &router.id, &subnet.id)
            .await?;
    }
    until_shown(bench, "the subnet is attached", &router.id, |shown| {
        shown.subnets == [subnet.id.clone()]
    })
    .await?;
    let deleted = all.delete_router(&bench.cx(), &router.id).await;
    let what = "delete_router with a subnet";
    refused(what, deleted, &[ErrorKind::Conflict])?;
    for _ in 0..2 {
        all.detach_router_subnet(&bench.cx(), &router.id, &subnet.id)
            .await?;
    }
    until_shown(bench, "the subnet is detached", &router.id, |shown| {
        shown.subnets.is_empty()
    })
    .await
}

async fn router_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let made = new_router(bench, None).await?;
    let all = routers(bench)?;
    all.delete_router(&bench.cx(), &made.id).await?;
    all.delete_router(&bench.cx(), &made.id).await?;
    let shown = all.get_router(&bench.cx(), &made.id).await;
    refused("get_router of a deleted one", shown, &[ErrorKind::NotFound])?;
    Ok(())
}
