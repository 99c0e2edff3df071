use cloudfarm_contract::extensions::NodeSnapshots;
use cloudfarm_contract::model::{NodeAction, NodeSnapshot, NodeSnapshotCreate, SnapshotState};
use cloudfarm_contract::{ErrorKind, ListQuery, escape_glob};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    node_snapshot_is_listed: @node_snapshots;
    node_snapshot_of_unknown_id_is_not_found: @node_snapshots;
    node_snapshot_create_reaches_available: @node_snapshots;
    node_snapshot_restore_brings_the_node_back: @node_snapshots;
    node_snapshot_delete_twice_succeeds: @node_snapshots;
}

fn snapshots(bench: &Bench) -> Outcome<&dyn NodeSnapshots> {
    have(bench.driver().node_snapshots())
}

/// A snapshot that is ready. Its node is not used again: some providers remove snapshots only with
/// their node.
async fn new_snapshot(bench: &Bench) -> Outcome<NodeSnapshot> {
    let node = bench.node_that_allows(NodeAction::Snapshot).await?;
    bench.keep(&node.id);
    let request = NodeSnapshotCreate {
        node: node.id.clone(),
        name: bench.name(),
        mark: Some(bench.mark()),
    };
    let all = snapshots(bench)?;
    let made = all.create_node_snapshot(&bench.cx(), &request).await?;
    let ready = bench
        .until_changed("the snapshot is available", || async {
            let snapshot = all.get_node_snapshot(&bench.cx(), &made.id).await?;
            if snapshot.state == SnapshotState::Error {
                return Err(Failure::new(format!("the snapshot failed: {snapshot:?}")));
            }
            Ok((snapshot.state == SnapshotState::Available).then_some(snapshot))
        })
        .await?;
    ensure!(
        ready.node == node.id && ready.name == request.name,
        "asked for {request:?}, shown as {ready:?}"
    );
    bench.bring_to_running(&node.id).await?;
    Ok(ready)
}

async fn node_snapshot_is_listed(bench: &Bench) -> Outcome {
    let made = new_snapshot(bench).await?;
    let all = snapshots(bench)?;
    let name = &escape_glob(&made.name);
    bench
        .until_settled("the list shows the snapshot", || async {
            let found = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_node_snapshots(&bench.cx(), &query).await
            });
            Ok(found
                .await?
                .iter()
                .any(|found| found.id == made.id)
                .then_some(()))
        })
        .await
}

async fn node_snapshot_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = snapshots(bench)?;
    let page = all
        .list_node_snapshots(&bench.cx(), &ListQuery::default())
        .await?;
    let sample = page.items.first().map(|snapshot| snapshot.id.as_str());
    for id in unknown_ids(sample) {
        let snapshot = all.get_node_snapshot(&bench.cx(), &id).await;
        let what = format!("get_node_snapshot of {id:?}");
        refused(&what, snapshot, &[ErrorKind::NotFound])?;
    }
    Ok(())
}

async fn node_snapshot_create_reaches_available(bench: &Bench) -> Outcome {
    new_snapshot(bench).await?;
    Ok(())
}

async fn node_snapshot_restore_brings_the_node_back(bench: &Bench) -> Outcome {
    let snapshot = new_snapshot(bench).await?;
    let all = snapshots(bench)?;
    all.restore_node_snapshot(&bench.cx(), &snapshot.id).await?;
    bench.until_running(&snapshot.node).await?;
    let kept = all.get_node_snapshot(&bench.cx(), &snapshot.id).await?;
    ensure!(
        kept.state == SnapshotState::Available,
        "after the restore the snapshot is {}",
        kept.state
    );
    Ok(())
}

async fn node_snapshot_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let snapshot = new_snapshot(bench).await?;
    let all = snapshots(bench)?;
    all.delete_node_snapshot(&bench.cx(), &snapshot.id).await?;
    bench
        .until_changed("the snapshot is gone", || async {
            match all.get_node_snapshot(&bench.cx(), &snapshot.id).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(())),
                Ok(_) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    Ok(all.delete_node_snapshot(&bench.cx(), &snapshot.id).await?)
}
