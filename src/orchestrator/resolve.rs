//! Ids or exact names, wherever an id is expected.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{NetworkAttachment, Node};
use cloudfarm_contract::{
    Candidate, Context, Driver, Error, ErrorKind, ListQuery, NodeQuery, Page, PageRequest, Result,
    Text,
};

use super::validate;

/// The node of this id or, if there is none, of this name.
///
/// # Errors
///
/// `not_found`; `conflict` with the candidates if several nodes have the name.
pub(super) async fn node(driver: &Layered, cx: &Context, reference: &str) -> Result<Node> {
    validate::reference("node", reference)?;
    match driver.get_node(cx, reference).await {
        Err(error) if is_no_id(&error) => {}
        result => return result,
    }
    let nodes = collect(async |page| {
        let query = NodeQuery {
            page,
            ..NodeQuery::named(reference)
        };
        driver.list_nodes(cx, &query).await
    })
    .await?;
    one("node", reference, nodes, |node| (&node.id, &node.name))
        .map_err(|error| error.with_cloud(driver.info().cloud.clone()))
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
    id_and_name: impl Fn(&T) -> (&Text, &Text),
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
                    Candidate {
                        id: id.clone(),
                        name: name.clone(),
                    }
                })
                .collect();
            Err(
                Error::conflict(format!("{reference:?} is the name of {count} {kind}s"))
                    .with_hint("use the id")
                    .with_candidates(candidates),
            )
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
    let Some(networks) = driver.networks().filter(|_| !wanted.is_empty()) else {
        return Ok(wanted);
    };
    let known = collect(async |page| {
        networks
            .list_networks(cx, &ListQuery { page, name: None })
            .await
    })
    .await?;
    for (index, attachment) in wanted.iter_mut().enumerate() {
        let field = format!("networks.{index}.network");
        let network = pick("network", &attachment.network, &known, |network| {
            (&network.id, &network.name)
        });
        attachment.network = network.map_err(|error| error.with_field(field))?;
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
    let Some(groups) = driver.security_groups().filter(|_| !wanted.is_empty()) else {
        return Ok(wanted);
    };
    let known = collect(async |page| {
        groups
            .list_security_groups(cx, &ListQuery { page, name: None })
            .await
    })
    .await?;
    let pick = |(index, wanted): (usize, &Text)| {
        pick("security group", wanted, &known, |group| {
            (&group.id, &group.name)
        })
        .map_err(|error| error.with_field(format!("security_groups.{index}")))
    };
    wanted.iter().enumerate().map(pick).collect()
}

/// The id of the item with this id or name, out of all there are.
fn pick<T>(
    kind: &str,
    wanted: &Text,
    known: &[T],
    id_and_name: impl Fn(&T) -> (&Text, &Text),
) -> Result<Text> {
    if known.iter().any(|item| id_and_name(item).0 == wanted) {
        return Ok(wanted.clone());
    }
    let named: Vec<&T> = known
        .iter()
        .filter(|item| id_and_name(item).1 == wanted)
        .collect();
    if named.is_empty() {
        let names: Vec<&str> = known
            .iter()
            .take(20)
            .map(|item| id_and_name(item).1.as_str())
            .collect();
        return Err(
            Error::invalid(format!("there is no {kind} {:?}", wanted.as_str()))
                .with_hint(format!("there are: {}", names.join(", "))),
        );
    }
    one(kind, wanted, named, |item| id_and_name(item)).map(|item| id_and_name(item).0.clone())
}
