use cloudfarm_contract::extensions::VolumeSnapshots;
use cloudfarm_contract::model::{SnapshotState, Volume, VolumeSnapshot, VolumeSnapshotCreate};
use cloudfarm_contract::{ErrorKind, ListQuery, escape_glob};

use super::unknown_ids;
use super::volumes::{new_volume, new_volume_with};
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    volume_snapshot_is_listed: @volume_snapshots;
    volume_snapshot_of_unknown_id_is_not_found: @volume_snapshots;
    volume_snapshot_create_reaches_available: @volume_snapshots;
    volume_snapshot_delete_twice_succeeds: @volume_snapshots;
}

fn snapshots(bench: &Bench) -> Outcome<&dyn VolumeSnapshots> {
    have(bench.driver().volume_snapshots())
}

/// A snapshot that is ready, and its volume.
async fn new_snapshot(bench: &Bench) -> Outcome<(VolumeSnapshot, Volume)> {
    let volume = new_volume(bench).await?;
    let request = VolumeSnapshotCreate {
        volume: volume.id.clone(),
        name: bench.name(),
        mark: Some(bench.mark()),
        ..VolumeSnapshotCreate::default()
    };
    let all = snapshots(bench)?;
    let made = all.create_volume_snapshot(&bench.cx(), &request).await?;
    let ready = bench
        .until_changed("the snapshot is available", || async {
            let snapshot = all.get_volume_snapshot(&bench.cx(), &made.id).await?;
            if snapshot.state == SnapshotState::Error {
                return Err(Failure::new(format!("the snapshot failed: {snapshot:?}")));
            }
            Ok((snapshot.state == SnapshotState::Available).then_some(snapshot))
        })
        .await?;
    ensure!(
        ready.name == request.name,
        "the snapshot is called {:?} instead of {:?}",
        ready.name,
        request.name
    );
    Ok((ready, volume))
}

async fn volume_snapshot_is_listed(bench: &Bench) -> Outcome {
    let (made, _) = new_snapshot(bench).await?;
    let all = snapshots(bench)?;
    let name = &escape_glob(&made.name);
    bench
        .until_settled("the list shows the snapshot", || async {
            let found = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_volume_snapshots(&bench.cx(), &query).await
            });
            Ok(found
                .await?
                .iter()
                .any(|found| found.id == made.id)
                .then_some(()))
        })
        .await
}

async fn volume_snapshot_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = snapshots(bench)?;
    let page = all
        .list_volume_snapshots(&bench.cx(), &ListQuery::default())
        .await?;
    let sample = page.items.first().map(|snapshot| snapshot.id.as_str());
    for id in unknown_ids(sample) {
        let snapshot = all.get_volume_snapshot(&bench.cx(), &id).await;
        let what = format!("get_volume_snapshot of {id:?}");
        refused(&what, snapshot, &[ErrorKind::NotFound])?;
    }
    Ok(())
}

async fn volume_snapshot_create_reaches_available(bench: &Bench) -> Outcome {
    let (snapshot, volume) = new_snapshot(bench).await?;
    ensure!(
        snapshot.volume.as_ref() == Some(&volume.id) && snapshot.size_gb == volume.size_gb,
        "taken of {volume:?}, shown as {snapshot:?}"
    );
    if bench.can().volume_create_with_snapshot {
        let copy = new_volume_with(bench, |request| {
            request.snapshot = Some(snapshot.id.clone());
        })
        .await?;
        ensure!(
            copy.snapshot.as_ref() == Some(&snapshot.id),
            "made from snapshot {}, shown as from {:?}",
            snapshot.id,
            copy.snapshot
        );
    }
    Ok(())
}

async fn volume_snapshot_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let (snapshot, _) = new_snapshot(bench).await?;
    let all = snapshots(bench)?;
    all.delete_volume_snapshot(&bench.cx(), &snapshot.id)
        .await?;
    bench
        .until_changed("the snapshot is gone", || async {
            match all.get_volume_snapshot(&bench.cx(), &snapshot.id).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(())),
                Ok(_) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    Ok(all
        .delete_volume_snapshot(&bench.cx(), &snapshot.id)
        .await?)
}
