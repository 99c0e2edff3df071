//! Key pairs: list, show, create, delete.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{KeyPair, KeyPairCreate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;

/// List the key pairs of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/key-pairs",
    tag = "key-pairs",
    operation_id = "list_key_pairs",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of key pairs", body = Listing<KeyPair>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<KeyPair>(params).await
}

/// Show a key pair
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/key-pairs/{key_pair}",
    tag = "key-pairs",
    operation_id = "get_key_pair",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("key_pair" = String, Path, description = "the name of the key pair"),
    ),
    responses(
        (status = 200, description = "The key pair", body = KeyPair),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<KeyPair>().await
}

/// A key pair to be imported or generated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyPairCreate)]
pub struct KeyPairCreateBody {
    /// The name, which is unique on its cloud.
    #[schema(min_length = 1, max_length = 255, example = "me")]
    pub name: Text,
    /// The public key to import, in OpenSSH's form; `null` lets the cloud generate a pair.
    #[serde(default)]
    #[schema(
        example = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE8hxLB4n1KjCQKsGqHnZ0DdeE9aJ9D1n4qdBpUWUc9L me@desk"
    )]
    pub public_key: Option<String>,
}

impl From<KeyPairCreateBody> for KeyPairCreate {
    fn from(body: KeyPairCreateBody) -> Self {
        Self {
            name: body.name,
            public_key: body.public_key,
            mark: None,
        }
    }
}

/// Import or generate a key pair
///
/// The private key of a generated pair stands in the job's `result` once, under
/// `secrets.private_key`.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/key-pairs",
    tag = "key-pairs",
    operation_id = "create_key_pair",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = KeyPairCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<KeyPairCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_key_pair(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete a key pair
///
/// Nodes that were made with it keep the key. With `If-Match` only if it is still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/key-pairs/{key_pair}",
    tag = "key-pairs",
    operation_id = "delete_key_pair",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("key_pair" = String, Path, description = "the name of the key pair"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<KeyPair>().await
}
