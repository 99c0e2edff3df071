//! Ids or exact names, wherever an id is expected.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Network, NetworkAttachment, SecurityGroup};
use cloudfarm_contract::{
    Candidate, Context, Driver, Error, ErrorKind, ListQuery, Page, PageRequest, Result, Text,
    escape_glob,
};

use super::validate;
use crate::farm::Resource;

/// The thing of this id or, if there is none, of this name.
///
/// # Errors
///
/// `not_found`; `conflict` with the candidates if several have the name.
pub(super) async fn find<R: Resource>(
    driver: &Layered,
    cx: &Context,
    reference: &str,
) -> Result<R> {
    validate::reference(R::KIND, reference)?;
    match R::get(driver, cx, reference).await {
        Err(error) if is_no_id(&error) => {}
        result => return result,
    }
    // Boxed: most references are ids, and each look-up would carry the room for this.
    Box::pin(find_named(driver, cx, reference)).await
}

async fn find_named<R: Resource>(driver: &Layered, cx: &Context, reference: &str) -> Result<R> {
    let named = collect(async |page| {
        let name = Some(escape_glob(reference));
        R::list(driver, cx, &ListQuery { page, name }).await
    })
    .await?;
    one(R::NOUN, reference, named, |item| {
        (item.id().clone(), item.name())
    })
    .map_err(|error| error.with_cloud(driver.info().cloud.clone()))
}

/// The thing that a field of a request names, by id or name.
///
/// # Errors
///
/// `invalid`, naming the field, if there is none; `conflict` with the candidates if several have
/// the name.
pub(super) async fn find_for<R: Resource>(
    driver: &Layered,
    cx: &Context,
    field: &'static str,
    reference: &str,
) -> Result<R> {
    validate::reference(field, reference)?;
    find(driver, cx, reference).await.map_err(|error| {
        let error = if error.kind() == ErrorKind::NotFound {
            Error::invalid(error.message().to_owned()).with_cloud(driver.info().cloud.clone())
        } else {
            error
        };
        error.with_field(field)
    })
}

/// Whether a look-up by id says that the reference is not an id of anything. Some providers find
/// fault with its form instead.
pub(super) fn is_no_id(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Invalid)
}

/// Every item of a list.
pub(super) async fn collect<T>(
    list: impl AsyncFn(PageRequest) -> Result<Page<T>>,
) -> Result<Vec<T>> {
    let mut items = Vec::new();
    let mut request = PageRequest::default();
    loop {
        let page = list(request).await?;
        items.extend(page.items);
        match page.next {
            Some(marker) => {
                request = PageRequest {
                    limit: None,
                    marker: Some(marker),
                }
            }
            None => return Ok(items),
        }
    }
}

/// The only one of the things that have the name.
///
/// # Errors
///
/// `not_found` if there is none; `conflict` with the candidates if there are several.
pub(super) fn one<T>(
    kind: &str,
    reference: &str,
    mut found: Vec<T>,
    id_and_name: impl Fn(&T) -> (Text, Text),
) -> Result<T> {
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => Err(Error::not_found(format!(
            "there is no {kind} {reference:?}"
        ))),
        count => {
            let candidates = found
                .iter()
                .map(|item| {
                    let (id, name) = id_and_name(item);
                    Candidate { id, name }
                })
                .collect();
            let plural = if kind.ends_with('s') { "es" } else { "s" };
            Err(Error::conflict(format!(
                "{reference:?} is the name of {count} {kind}{plural}"
            ))
            .with_hint("use the id")
            .with_candidates(candidates))
        }
    }
}

/// The networks of a new node, by id or name.
///
/// # Errors
///
/// `invalid`, naming the field, for one that is not there; `conflict` with the candidates.
pub(super) async fn networks(
    driver: &Layered,
    cx: &Context,
    mut wanted: Vec<NetworkAttachment>,
) -> Result<Vec<NetworkAttachment>> {
    if driver.networks().is_none() || wanted.is_empty() {
        return Ok(wanted);
    }
    let known: Vec<Network> = all(driver, cx).await?;
    for (index, attachment) in wanted.iter_mut().enumerate() {
        let field = format!("networks.{index}.network");
        attachment.network =
            pick(&attachment.network, &known).map_err(|error| error.with_field(field))?;
    }
    Ok(wanted)
}

/// The security groups of a new node, by id or name.
///
/// # Errors
///
/// `invalid`, naming the field, for one that is not there; `conflict` with the candidates.
pub(super) async fn security_groups(
    driver: &Layered,
    cx: &Context,
    wanted: Vec<Text>,
) -> Result<Vec<Text>> {
    if driver.security_groups().is_none() || wanted.is_empty() {
        return Ok(wanted);
    }
    let known: Vec<SecurityGroup> = all(driver, cx).await?;
    let pick = |(index, wanted)| {
        pick(wanted, &known).map_err(|error| error.with_field(format!("security_groups.{index}")))
    };
    wanted.iter().enumerate().map(pick).collect()
}

async fn all<R: Resource>(driver: &Layered, cx: &Context) -> Result<Vec<R>> {
    collect(async |page| R::list(driver, cx, &ListQuery { page, name: None }).await).await
}

/// The id of the thing with this id or name, out of all there are.
fn pick<R: Resource>(wanted: &Text, known: &[R]) -> Result<Text> {
    if known.iter().any(|item| item.id() == wanted) {
        return Ok(wanted.clone());
    }
    let named: Vec<&R> = known.iter().filter(|item| item.name() == *wanted).collect();
    if named.is_empty() {
        let names: Vec<String> = known
            .iter()
            .take(20)
            .map(|item| item.name().into())
            .collect();
        return Err(
            Error::invalid(format!("there is no {} {:?}", R::NOUN, wanted.as_str()))
                .with_hint(format!("there are: {}", names.join(", "))),
        );
    }
    one(R::NOUN, wanted, named, |item| {
        (item.id().clone(), item.name())
    })
    .map(|item| item.id().clone())
}
