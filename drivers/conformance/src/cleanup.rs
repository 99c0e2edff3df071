//! Removes what cases made.

use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{
    Context, Driver, Error, ErrorKind, ImageQuery, Judgement, ListQuery, NodeQuery, Page,
    PageRequest, Result, Text, escape_glob,
};
use tokio::time::{Instant, timeout_at};

use crate::failure::Outcome;
use crate::journal::{Kind, Made};
use crate::paging::read_all;
use crate::shared::Shared;
use crate::things::Thing;

/// Removes everything, and says what could not be removed.
pub(crate) async fn remove_all(shared: &Shared, made: Vec<Made>) -> Vec<String> {
    let deadline = Instant::now() + shared.target.timeouts.cleanup;
    let mut left = Vec::new();
    for thing in made {
        let name = describe(&thing);
        match timeout_at(deadline, remove(shared, &thing)).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => left.push(format!("{name} is left behind: {failure}")),
            Err(_) => left.push(format!("{name} is left behind: no time left to remove it")),
        }
    }
    left
}

fn describe(made: &Made) -> String {
    let id = made.id.as_ref().map_or("of unknown id", Text::as_str);
    format!("{:?} {id} ({})", made.kind, made.name)
}

async fn remove(shared: &Shared, made: &Made) -> Outcome {
    let cx = shared.cx(shared.target.timeouts.cleanup, "conformance-cleanup");
    let ids = match &made.id {
        Some(id) => vec![id.clone()],
        None => find(shared, &cx, made).await?,
    };
    for id in ids {
        remove_one(shared, &cx, made.kind, &id).await?;
    }
    Ok(())
}

/// Removes one thing, patiently: it may be busy, or held by something that is still going.
async fn remove_one(shared: &Shared, cx: &Context, kind: Kind, id: &str) -> Outcome {
    loop {
        match delete(shared.target.driver.as_ref(), cx, kind, id).await {
            Ok(()) => break,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.is_retryable() || error.kind() == ErrorKind::Conflict => {
                shared.pause(shared.target.policy.longest).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if kind == Kind::Node {
        let driver = shared.target.driver.as_ref();
        let judge = Judgement::for_gone();
        shared.wait_node(driver, cx, id, judge).await?;
    }
    Ok(())
}

async fn delete(driver: &dyn Driver, cx: &Context, kind: Kind, id: &str) -> Result<()> {
    match kind {
        Kind::Node => driver.destroy_node(cx, id).await,
        Kind::Address => {
            let addresses = there(driver.addresses())?;
            addresses.disassociate_address(cx, id).await?;
            addresses.release_address(cx, id).await
        }
        Kind::NodeSnapshot => {
            let snapshots = there(driver.node_snapshots())?;
            snapshots.delete_node_snapshot(cx, id).await
        }
        Kind::Image => there(driver.node_images())?.delete_image(cx, id).await,
        Kind::VolumeSnapshot => {
            let snapshots = there(driver.volume_snapshots())?;
            snapshots.delete_volume_snapshot(cx, id).await
        }
        Kind::Volume => there(driver.volumes())?.delete_volume(cx, id).await,
        Kind::SecurityGroup => {
            let groups = there(driver.security_groups())?;
            groups.delete_security_group(cx, id).await
        }
        Kind::Router => {
            let routers = there(driver.routers())?;
            for subnet in routers.get_router(cx, id).await?.subnets {
                routers.detach_router_subnet(cx, id, &subnet).await?;
            }
            routers.delete_router(cx, id).await
        }
        Kind::Subnet => there(driver.networks())?.delete_subnet(cx, id).await,
        Kind::Network => there(driver.networks())?.delete_network(cx, id).await,
        Kind::KeyPair => there(driver.key_pairs())?.delete_key_pair(cx, id).await,
    }
}

/// What a call may have made whose reply was lost.
async fn find(shared: &Shared, cx: &Context, made: &Made) -> Outcome<Vec<Text>> {
    let driver = shared.target.driver.as_ref();
    let name = escape_glob(&made.name);
    let list = |page| ListQuery {
        page,
        name: (!name.is_empty()).then(|| name.clone()),
    };
    let list = &list;
    match made.kind {
        Kind::Node => {
            let query = NodeQuery::named(&made.name);
            let query = &query;
            ids(None, |page| async move {
                let query = NodeQuery {
                    page,
                    ..query.clone()
                };
                driver.list_nodes(cx, &query).await
            })
            .await
        }
        Kind::Image => {
            let name = &name;
            ids(None, |page| async move {
                let query = ImageQuery {
                    page,
                    name: Some(name.clone()),
                    owner: None,
                };
                driver.list_images(cx, &query).await
            })
            .await
        }
        Kind::Address => {
            let Some(mark) = &made.mark else {
                return Ok(Vec::new());
            };
            let all = there(driver.addresses())?;
            ids(Some(mark), |page| async move {
                all.list_addresses(cx, &list(page)).await
            })
            .await
        }
        Kind::NodeSnapshot => {
            let all = there(driver.node_snapshots())?;
            ids(None, |page| async move {
                all.list_node_snapshots(cx, &list(page)).await
            })
            .await
        }
        Kind::VolumeSnapshot => {
            let all = there(driver.volume_snapshots())?;
            ids(None, |page| async move {
                all.list_volume_snapshots(cx, &list(page)).await
            })
            .await
        }
        Kind::Volume => {
            let all = there(driver.volumes())?;
            ids(None, |page| async move {
                all.list_volumes(cx, &list(page)).await
            })
            .await
        }
        Kind::SecurityGroup => {
            let all = there(driver.security_groups())?;
            ids(None, |page| async move {
                all.list_security_groups(cx, &list(page)).await
            })
            .await
        }
        Kind::Router => {
            let all = there(driver.routers())?;
            ids(None, |page| async move {
                all.list_routers(cx, &list(page)).await
            })
            .await
        }
        Kind::Subnet => {
            let all = there(driver.networks())?;
            ids(None, |page| async move {
                all.list_subnets(cx, &list(page)).await
            })
            .await
        }
        Kind::Network => {
            let all = there(driver.networks())?;
            ids(None, |page| async move {
                all.list_networks(cx, &list(page)).await
            })
            .await
        }
        Kind::KeyPair => {
            let all = there(driver.key_pairs())?;
            ids(None, |page| async move {
                all.list_key_pairs(cx, &list(page)).await
            })
            .await
        }
    }
}

/// The ids of what a list gives. The name that it was asked for is the run's own; addresses have
/// none, so of them only the marked one counts.
async fn ids<T: Thing, F>(
    only: Option<&Mark>,
    fetch: impl Fn(PageRequest) -> F,
) -> Outcome<Vec<Text>>
where
    F: Future<Output = Result<Page<T>>>,
{
    let mut things = read_all(None, fetch).await?;
    things.retain(|thing| only.is_none() || thing.mark() == only);
    Ok(things.iter().map(Thing::id).collect())
}

fn there<T: ?Sized>(extension: Option<&T>) -> Result<&T> {
    extension.ok_or_else(|| Error::internal("the extension that it was made with is gone"))
}
