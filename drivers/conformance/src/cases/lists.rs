use std::collections::BTreeSet;

use cloudfarm_contract::model::{Image, Location, Size};
use cloudfarm_contract::{ErrorKind, ImageQuery, ListQuery, Text, escape_glob};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, refused};
use crate::paging::{limit_for, read_all};

cases! {
    list_images_pages_without_gap_or_double;
    list_images_filters_by_name;
    get_image_shows_what_is_listed;
    get_image_of_unknown_id_is_not_found;
    list_sizes_gives_plausible_units;
    list_locations_gives_one_at_least;
}

pub(super) async fn images(
    bench: &Bench,
    name: Option<&str>,
    limit: Option<u32>,
) -> Outcome<Vec<Image>> {
    read_all(limit, |page| async move {
        let query = ImageQuery {
            page,
            name: name.map(Text::from),
            owner: None,
        };
        bench.driver().list_images(&bench.cx(), &query).await
    })
    .await
}

/// Other cases make and delete images meanwhile, so only those count that are there before and
/// after.
async fn list_images_pages_without_gap_or_double(bench: &Bench) -> Outcome {
    let ids = |images: &[Image]| -> BTreeSet<Text> {
        images.iter().map(|image| image.id.clone()).collect()
    };
    let before = images(bench, None, None).await?;
    ensure!(!before.is_empty(), "the cloud lists no image");
    let limit = limit_for(before.len());
    let paged = images(bench, None, Some(limit)).await?;
    let after = images(bench, None, None).await?;
    let paged_ids = ids(&paged);
    ensure!(
        paged_ids.len() == paged.len(),
        "in pages of {limit} the list gives {} images, {} of them twice",
        paged.len(),
        paged.len() - paged_ids.len()
    );
    let stayed = &ids(&before) & &ids(&after);
    let missing: Vec<_> = stayed.difference(&paged_ids).collect();
    ensure!(
        missing.is_empty(),
        "in pages of {limit} the list misses {missing:?}"
    );
    Ok(())
}

async fn list_images_filters_by_name(bench: &Bench) -> Outcome {
    let image = &bench.picks().await?.image;
    let has = |listed: Vec<Image>| listed.iter().any(|other| other.id == image.id);
    let exact = escape_glob(&image.name);
    ensure!(
        has(images(bench, Some(&exact), None).await?),
        "the list by {exact:?} misses image {}",
        image.id
    );
    let start: String = image.name.chars().take(2).collect();
    let glob = format!("{}*", escape_glob(&start));
    ensure!(
        has(images(bench, Some(&glob), None).await?),
        "the list by {glob:?} misses image {} ({})",
        image.id,
        image.name
    );
    let other = format!("{exact}-{}", bench.name());
    let listed = images(bench, Some(&other), None).await?;
    ensure!(listed.is_empty(), "the list by {other:?} shows {listed:?}");
    Ok(())
}

async fn get_image_shows_what_is_listed(bench: &Bench) -> Outcome {
    let image = &bench.picks().await?.image;
    let listed = images(bench, Some(&escape_glob(&image.name)), None).await?;
    let Some(listed) = listed.into_iter().find(|other| other.id == image.id) else {
        return Err(crate::failure::Failure::new(format!(
            "the list misses image {}",
            image.id
        )));
    };
    let shown = bench.driver().get_image(&bench.cx(), &image.id).await?;
    let core = |image: &Image| {
        (
            image.id.clone(),
            image.name.clone(),
            image.version.clone(),
            image.state,
            image.os.clone(),
            image.architecture.clone(),
            (image.min_ram_mb, image.min_disk_gb, image.public),
        )
    };
    ensure!(
        core(&shown) == core(&listed),
        "listed as {listed:?}, shown as {shown:?}"
    );
    Ok(())
}

async fn get_image_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let sample = &bench.picks().await?.image.id;
    for id in unknown_ids(Some(sample)) {
        let image = bench.driver().get_image(&bench.cx(), &id).await;
        refused(
            &format!("get_image of {id:?}"),
            image,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

/// Megabytes taken for bytes, or gigabytes for megabytes, show as sizes that no machine has.
async fn list_sizes_gives_plausible_units(bench: &Bench) -> Outcome {
    let sizes: Vec<Size> = read_all(None, |page| async move {
        let query = ListQuery {
            page,
            ..ListQuery::default()
        };
        bench.driver().list_sizes(&bench.cx(), &query).await
    })
    .await?;
    ensure!(
        sizes.iter().any(|size| size.available),
        "no size is available"
    );
    for size in &sizes {
        ensure!(
            (16..=64_000_000).contains(&size.ram_mb),
            "size {} has {} MB of memory",
            size.id,
            size.ram_mb
        );
        ensure!(
            size.disk_gb <= 1_000_000,
            "size {} has {} GB of disk",
            size.id,
            size.disk_gb
        );
        ensure!(
            size.vcpus.is_none_or(|vcpus| (1..=8192).contains(&vcpus)),
            "size {} has {:?} processors",
            size.id,
            size.vcpus
        );
    }
    distinct("size", sizes.iter().map(|size| &size.id))
}

async fn list_locations_gives_one_at_least(bench: &Bench) -> Outcome {
    let locations: Vec<Location> = read_all(None, |page| async move {
        let query = ListQuery {
            page,
            ..ListQuery::default()
        };
        bench.driver().list_locations(&bench.cx(), &query).await
    })
    .await?;
    ensure!(
        locations.iter().any(|location| location.available),
        "no location is available"
    );
    distinct("location", locations.iter().map(|location| &location.id))
}

fn distinct<'t>(what: &str, ids: impl Iterator<Item = &'t Text>) -> Outcome {
    let mut seen = BTreeSet::new();
    for id in ids {
        ensure!(seen.insert(id), "{what} {id} is listed twice");
    }
    Ok(())
}
