//! The image and the sizes that a run works with.

use cloudfarm_contract::model::{Image, ImageState, Size};
use cloudfarm_contract::{Context, Driver, ImageQuery, ListQuery, name_matches};

use crate::failure::{Failure, Outcome};
use crate::paging::read_all;
use crate::target::{Pick, Target};

#[derive(Debug, Clone)]
pub(crate) struct Picks {
    pub(crate) image: Image,
    pub(crate) size: Size,
    /// The size for a resize; `None` where no larger one is there.
    pub(crate) larger: Option<Size>,
}

impl Picks {
    pub(crate) async fn make(target: &Target, cx: &Context) -> Outcome<Self> {
        let images = candidates_of_images(target, cx).await?;
        let sizes = sizes(target, cx).await?;
        for image in images {
            let fitting = || sizes.iter().filter(|size| fits(size, &image));
            let Some(size) = fitting().find(|size| wanted(&target.size, &size.id, &size.name))
            else {
                continue;
            };
            let larger = fitting()
                .filter(|other| is_larger(other, size))
                .find(|other| wanted(&target.resize_to, &other.id, &other.name));
            return Ok(Self {
                size: size.clone(),
                larger: larger.cloned(),
                image,
            });
        }
        Err(Failure::new(format!(
            "no available image and size fit {:?} and {:?}",
            target.image, target.size
        )))
    }
}

/// The images that may be taken, least demanding first.
async fn candidates_of_images(target: &Target, cx: &Context) -> Outcome<Vec<Image>> {
    let driver = target.driver.as_ref();
    if let Pick::Id(id) = &target.image {
        return Ok(vec![driver.get_image(cx, id).await?]);
    }
    let name = match &target.image {
        Pick::Name(glob) => Some(glob.clone()),
        Pick::Smallest | Pick::Id(_) => None,
    };
    let query = ImageQuery {
        name,
        ..ImageQuery::default()
    };
    let mut images = read_all(None, |page| list_images(driver, cx, &query, page)).await?;
    images.retain(|image| image.state == ImageState::Available);
    images.sort_by_key(|image| {
        (
            image.min_ram_mb.unwrap_or(0),
            image.min_disk_gb.unwrap_or(0),
            image.size_bytes.unwrap_or(0),
            image.name.clone(),
        )
    });
    Ok(images)
}

async fn list_images(
    driver: &dyn Driver,
    cx: &Context,
    query: &ImageQuery,
    page: cloudfarm_contract::PageRequest,
) -> cloudfarm_contract::Result<cloudfarm_contract::Page<Image>> {
    let query = ImageQuery {
        page,
        ..query.clone()
    };
    driver.list_images(cx, &query).await
}

/// The sizes of which nodes can be made, smallest first.
async fn sizes(target: &Target, cx: &Context) -> Outcome<Vec<Size>> {
    let driver = target.driver.as_ref();
    let mut sizes = read_all(None, |page| async move {
        let query = ListQuery {
            page,
            ..ListQuery::default()
        };
        driver.list_sizes(cx, &query).await
    })
    .await?;
    sizes.retain(|size| size.available);
    sizes.sort_by_key(|size| (size.ram_mb, size.disk_gb, size.vcpus.unwrap_or(0)));
    Ok(sizes)
}

fn wanted(pick: &Pick, id: &str, name: &str) -> bool {
    match pick {
        Pick::Smallest => true,
        Pick::Id(wanted) => wanted.as_str() == id,
        Pick::Name(glob) => name_matches(glob, name),
    }
}

fn fits(size: &Size, image: &Image) -> bool {
    size.ram_mb >= image.min_ram_mb.unwrap_or(0)
        && (size.disk_gb == 0 || size.disk_gb >= image.min_disk_gb.unwrap_or(0))
}

fn is_larger(other: &Size, size: &Size) -> bool {
    other.id != size.id && other.ram_mb >= size.ram_mb && other.disk_gb >= size.disk_gb
}
