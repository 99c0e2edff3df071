use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::extensions::KeyPairs;
use cloudfarm_contract::model::{KeyPair, KeyPairCreate, KeyPairCreated};
use cloudfarm_contract::{ErrorKind, ListQuery, Text, escape_glob};

use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    key_pair_is_listed: @key_pairs;
    key_pair_of_unknown_name_is_not_found: @key_pairs;
    key_pair_import_keeps_the_key: @key_pairs key_pair_create_imported;
    key_pair_generate_gives_the_private_key_once: @key_pairs key_pair_create_generated;
    key_pair_duplicate_is_a_conflict: @key_pairs;
    key_pair_delete_twice_succeeds: @key_pairs;
}

fn key_pairs(bench: &Bench) -> Outcome<&dyn KeyPairs> {
    have(bench.driver().key_pairs())
}

/// A public key that nobody has the private one of. Each is another, for some providers take a key
/// only once.
fn some_public_key() -> String {
    let mut modulus = vec![0_u8; 257];
    fastrand::fill(&mut modulus[1..]);
    // The leading zero keeps the number positive, the bits set its length and make it odd.
    modulus[1] |= 0x80;
    modulus[256] |= 1;
    let mut blob = Vec::new();
    for part in [b"ssh-rsa".as_slice(), &[1, 0, 1], &modulus] {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        blob.extend(length.to_be_bytes());
        blob.extend(part);
    }
    format!("ssh-rsa {} conformance", BASE64_STANDARD.encode(blob))
}

fn request(bench: &Bench) -> KeyPairCreate {
    let imported = bench.can().key_pair_create_imported;
    KeyPairCreate {
        name: bench.name(),
        public_key: imported.then(some_public_key),
        mark: Some(bench.mark()),
    }
}

async fn create(bench: &Bench, request: &KeyPairCreate) -> Outcome<KeyPairCreated> {
    Ok(key_pairs(bench)?
        .create_key_pair(&bench.cx(), request)
        .await?)
}

/// The name of a key pair to make a node with.
pub(super) async fn some_key_pair(bench: &Bench) -> Outcome<Text> {
    let created = create(bench, &request(bench)).await?;
    Ok(created.key_pair.name)
}

async fn listed(bench: &Bench, name: &str) -> Outcome<Vec<KeyPair>> {
    let pairs = key_pairs(bench)?;
    let name = escape_glob(name);
    let name = &name;
    read_all(None, |page| async move {
        let query = ListQuery {
            page,
            name: Some(name.clone()),
        };
        pairs.list_key_pairs(&bench.cx(), &query).await
    })
    .await
}

async fn key_pair_is_listed(bench: &Bench) -> Outcome {
    let made = create(bench, &request(bench)).await?.key_pair;
    let found = bench
        .until_settled("the list shows the key pair", || async {
            Ok(listed(bench, &made.name).await?.pop())
        })
        .await?;
    ensure!(
        found.fingerprint == made.fingerprint,
        "made with the fingerprint {:?}, listed with {:?}",
        made.fingerprint,
        found.fingerprint
    );
    Ok(())
}

async fn key_pair_of_unknown_name_is_not_found(bench: &Bench) -> Outcome {
    let name = bench.name();
    let pair = key_pairs(bench)?.get_key_pair(&bench.cx(), &name).await;
    refused(
        "get_key_pair of an unknown name",
        pair,
        &[ErrorKind::NotFound],
    )?;
    Ok(())
}

async fn key_pair_import_keeps_the_key(bench: &Bench) -> Outcome {
    let request = request(bench);
    let created = create(bench, &request).await?;
    ensure!(
        created.private_key.is_none(),
        "an imported key comes with a private key"
    );
    let shown = key_pairs(bench)?
        .get_key_pair(&bench.cx(), &request.name)
        .await?;
    ensure!(
        shown.fingerprint.is_some() || shown.public_key.is_some(),
        "the key pair shows neither its key nor its fingerprint"
    );
    let body = |key: &str| key.split_whitespace().nth(1).map(str::to_owned);
    if let (Some(shown), Some(sent)) = (&shown.public_key, &request.public_key) {
        ensure!(body(shown) == body(sent), "sent {sent}, shown {shown}");
    }
    Ok(())
}

async fn key_pair_generate_gives_the_private_key_once(bench: &Bench) -> Outcome {
    let request = KeyPairCreate {
        public_key: None,
        ..request(bench)
    };
    let created = create(bench, &request).await?;
    let Some(private_key) = &created.private_key else {
        return Err(Failure::new(
            "a generated pair comes without its private key",
        ));
    };
    ensure!(
        private_key.expose().contains("PRIVATE KEY"),
        "the private key is not in PEM's form"
    );
    let shown = key_pairs(bench)?
        .get_key_pair(&bench.cx(), &request.name)
        .await?;
    let json = serde_json::to_string(&shown).map_err(|error| Failure::new(error.to_string()))?;
    ensure!(
        !json.contains("PRIVATE KEY"),
        "the private key is shown a second time"
    );
    Ok(())
}

async fn key_pair_duplicate_is_a_conflict(bench: &Bench) -> Outcome {
    let first = request(bench);
    create(bench, &first).await?;
    let second = KeyPairCreate {
        name: first.name.clone(),
        ..request(bench)
    };
    let again = key_pairs(bench)?
        .create_key_pair(&bench.cx(), &second)
        .await;
    refused(
        "a second key pair of the same name",
        again,
        &[ErrorKind::Conflict],
    )?;
    Ok(())
}

async fn key_pair_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let name = create(bench, &request(bench)).await?.key_pair.name;
    let pairs = key_pairs(bench)?;
    pairs.delete_key_pair(&bench.cx(), &name).await?;
    pairs.delete_key_pair(&bench.cx(), &name).await?;
    let pair = pairs.get_key_pair(&bench.cx(), &name).await;
    refused(
        "get_key_pair of a deleted one",
        pair,
        &[ErrorKind::NotFound],
    )?;
    Ok(())
}
