//! Images and sizes as people think of them: an id, a name, a glob, a need.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Image, ImageState, Size};
use cloudfarm_contract::{
    Context, Driver, Error, ImageQuery, ListQuery, Result, escape_glob, is_glob,
};

use super::{resolve, validate};

/// The image of this id or name, or the newest that matches a glob.
///
/// # Errors
///
/// `invalid` if there is none; `conflict` with the candidates if several have the exact name.
pub(super) async fn image(driver: &Layered, cx: &Context, wanted: &str) -> Result<Image> {
    validate::reference("image", wanted)?;
    let glob = is_glob(wanted);
    if !glob {
        match driver.get_image(cx, wanted).await {
            Err(error) if resolve::is_no_id(&error) => {}
            result => return result,
        }
    }
    let name = if glob {
        wanted.into()
    } else {
        escape_glob(wanted)
    };
    let images = resolve::collect(async |page| {
        let query = ImageQuery {
            page,
            name: Some(name.clone()),
            owner: None,
        };
        driver.list_images(cx, &query).await
    })
    .await?;
    if glob {
        return newest(images).ok_or_else(|| no_image(wanted));
    }
    if images.is_empty() {
        return Err(no_image(wanted));
    }
    resolve::one("image", wanted, images, |image| {
        (image.id.clone(), image.name.clone())
    })
    .map_err(|error| {
        error
            .with_field("image")
            .with_hint(format!("use an id, or \"{wanted}*\" for the newest"))
    })
}

fn newest(images: Vec<Image>) -> Option<Image> {
    images
        .into_iter()
        .filter(|image| image.state == ImageState::Available)
        .max_by(|one, other| {
            let key = |image: &Image| (image.created_at, image.version.clone(), image.name.clone());
            key(one).cmp(&key(other))
        })
}

fn no_image(wanted: &str) -> Error {
    Error::invalid(format!("there is no image {wanted:?} on this cloud"))
        .with_field("image")
        .with_hint("GET .../images lists the images there are")
}

/// The size of this id or name, or the smallest that meets a need as `ram>=2048,vcpus>=2`.
///
/// # Errors
///
/// `invalid` if there is none, or the need cannot be read; `conflict` with the candidates if
/// several have the exact name.
pub(super) async fn size(driver: &Layered, cx: &Context, wanted: &str) -> Result<Size> {
    validate::reference("size", wanted)?;
    let need = wanted
        .contains(['<', '>', '='])
        .then(|| Need::parse(wanted))
        .transpose()?;
    let glob = need.is_none() && is_glob(wanted);
    let sizes =
        resolve::collect(async |page| driver.list_sizes(cx, &ListQuery { page, name: None }).await)
            .await?;
    let available = || sizes.iter().filter(|size| size.available);
    let found = if let Some(need) = &need {
        smallest(available().filter(|size| need.is_met_by(size)))
    } else if glob {
        smallest(available().filter(|size| cloudfarm_contract::name_matches(wanted, &size.name)))
    } else if let Some(size) = sizes.iter().find(|size| size.id == wanted) {
        Some(size)
    } else {
        let named: Vec<Size> = sizes
            .iter()
            .filter(|size| size.name == wanted)
            .cloned()
            .collect();
        if !named.is_empty() {
            return resolve::one("size", wanted, named, |size| {
                (size.id.clone(), size.name.clone())
            })
            .map_err(|error| error.with_field("size"));
        }
        None
    };
    found.cloned().ok_or_else(|| no_size(wanted, &sizes))
}

fn smallest<'a>(sizes: impl Iterator<Item = &'a Size>) -> Option<&'a Size> {
    sizes.min_by_key(|size| (size.ram_mb, size.vcpus, size.disk_gb, size.id.clone()))
}

fn no_size(wanted: &str, sizes: &[Size]) -> Error {
    let largest = sizes.iter().max_by_key(|size| (size.ram_mb, size.vcpus));
    let hint = largest.map_or_else(
        || "the cloud has no sizes".to_owned(),
        |size| {
            format!(
                "GET .../sizes lists the sizes there are; the largest is {:?} with {} MB of memory",
                size.name.as_str(),
                size.ram_mb
            )
        },
    );
    Error::invalid(format!("there is no size {wanted:?} on this cloud"))
        .with_field("size")
        .with_hint(hint)
}

/// Asked for by its own path, what does not exist is `not_found` and not a wrong field. A need that
/// cannot be read stays `invalid`.
pub(super) fn as_not_found(error: Error) -> Error {
    if error.kind() == cloudfarm_contract::ErrorKind::Invalid
        && error.message().starts_with("there is no ")
    {
        return Error::not_found(error.message().to_owned());
    }
    error
}

/// What a size must have.
#[derive(Debug, PartialEq)]
struct Need(Vec<Bound>);

#[derive(Debug, PartialEq)]
struct Bound {
    property: Property,
    relation: Relation,
    number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Property {
    Ram,
    Vcpus,
    Disk,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Relation {
    AtLeast,
    AtMost,
    More,
    Less,
    Equal,
}

impl Need {
    fn parse(text: &str) -> Result<Self> {
        text.split(',')
            .map(|part| Bound::parse(part.trim()))
            .collect::<Result<_>>()
            .map(Self)
    }

    fn is_met_by(&self, size: &Size) -> bool {
        self.0.iter().all(|bound| bound.is_met_by(size))
    }
}

impl Bound {
    fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid(format!("the need {text:?} cannot be read"))
                .with_field("size")
                .with_hint("write it as ram>=2048,vcpus>=2,disk>=20 (ram in MB, disk in GB)")
        };
        let relations = [
            (">=", Relation::AtLeast),
            ("<=", Relation::AtMost),
            (">", Relation::More),
            ("<", Relation::Less),
            ("=", Relation::Equal),
        ];
        let (property, relation, number) = relations
            .into_iter()
            .find_map(|(sign, relation)| {
                text.split_once(sign)
                    .map(|(property, number)| (property, relation, number))
            })
            .ok_or_else(wrong)?;
        let property = match property.trim() {
            "ram" | "ram_mb" => Property::Ram,
            "vcpus" | "cpus" => Property::Vcpus,
            "disk" | "disk_gb" => Property::Disk,
            _ => return Err(wrong()),
        };
        let number = number.trim().parse().map_err(|_| wrong())?;
        Ok(Self {
            property,
            relation,
            number,
        })
    }

    fn is_met_by(&self, size: &Size) -> bool {
        let given = match self.property {
            Property::Ram => size.ram_mb,
            Property::Vcpus => size.vcpus.map_or(0, u64::from),
            Property::Disk => size.disk_gb,
        };
        match self.relation {
            Relation::AtLeast => given >= self.number,
            Relation::AtMost => given <= self.number,
            Relation::More => given > self.number,
            Relation::Less => given < self.number,
            Relation::Equal => given == self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Need, Property, Relation};

    #[test]
    fn needs_are_read() {
        let need = Need::parse("ram>=2048, vcpus>2").unwrap();
        assert_eq!(
            need,
            Need(vec![
                Bound {
                    property: Property::Ram,
                    relation: Relation::AtLeast,
                    number: 2048
                },
                Bound {
                    property: Property::Vcpus,
                    relation: Relation::More,
                    number: 2
                },
            ])
        );
        for wrong in ["ram>=", "colour=3", "ram", "ram>=2G"] {
            assert!(
                Need::parse(wrong)
                    .unwrap_err()
                    .hint()
                    .unwrap()
                    .contains("ram>=2048")
            );
        }
    }
}
