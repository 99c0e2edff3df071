//! Key pairs.

use cloudfarm_contract::extensions::KeyPairs;
use cloudfarm_contract::model::{Extra, KeyPair, KeyPairCreate, KeyPairCreated};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, async_trait};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::openssh::{self, GeneratedKey};
use crate::records::KeyPairRecord;
use crate::usage::Usage;
use crate::view::View;
use crate::world::Change;

#[async_trait]
impl KeyPairs for DummyDriver {
    async fn list_key_pairs(&self, cx: &Context, query: &ListQuery) -> Result<Page<KeyPair>> {
        self.read(cx, Operation::ListKeyPairs, |view| {
            let table = &view.world.tables.key_pairs;
            view.table_page(Kind::KeyPair, &query.page, table, |_, key_pair| {
                let wanted = query.matches(&key_pair.name);
                wanted.then(|| view.show_key_pair(key_pair))
            })
        })
        .await
    }

    async fn get_key_pair(&self, cx: &Context, name: &str) -> Result<KeyPair> {
        self.read(cx, Operation::GetKeyPair, |view| {
            let (_, key_pair) = view
                .key_pair(name)
                .ok_or_else(|| Kind::KeyPair.not_found(name))?;
            Ok(view.show_key_pair(key_pair))
        })
        .await
    }

    async fn create_key_pair(
        &self,
        cx: &Context,
        request: &KeyPairCreate,
    ) -> Result<KeyPairCreated> {
        self.write(cx, Operation::CreateKeyPair, |draft| {
            check_name(&request.name)?;
            if draft.key_pair(&request.name).is_some() {
                let message = format!("there is a key pair {} already", request.name);
                return Err(Error::conflict(message).with_field("name"));
            }
            draft.check_room(&Usage {
                key_pairs: 1,
                ..Usage::default()
            })?;
            let (public_key, private_key) = match &request.public_key {
                Some(text) => (text.trim().to_owned(), None),
                None => {
                    let key = GeneratedKey::new(&request.name)?;
                    (key.public, Some(key.private))
                }
            };
            let record = KeyPairRecord {
                name: request.name.clone(),
                fingerprint: openssh::fingerprint(&public_key)?,
                public_key,
                mark: request.mark.clone(),
                created_at: draft.now,
            };
            let key_pair = draft.show_key_pair(&record);
            let ordinal = draft.new_ordinal();
            draft.put(ordinal, record);
            Ok(KeyPairCreated {
                key_pair,
                private_key,
            })
        })
        .await
    }

    async fn delete_key_pair(&self, cx: &Context, name: &str) -> Result<()> {
        self.write(cx, Operation::DeleteKeyPair, |draft| {
            if let Some((ordinal, _)) = draft.key_pair(name) {
                draft.push(Change::KeyPair(ordinal, None));
            }
            Ok(())
        })
        .await
    }
}

impl<'a> View<'a> {
    pub(crate) fn key_pair(&self, name: &str) -> Option<(u64, &'a KeyPairRecord)> {
        let mut key_pairs = self.world.tables.key_pairs.iter();
        key_pairs
            .find(|(_, key_pair)| key_pair.name == *name)
            .map(|(ordinal, key_pair)| (*ordinal, key_pair))
    }

    fn show_key_pair(&self, key_pair: &KeyPairRecord) -> KeyPair {
        KeyPair {
            cloud: self.cloud(),
            name: key_pair.name.clone(),
            fingerprint: Some(key_pair.fingerprint.clone()),
            public_key: Some(key_pair.public_key.clone()),
            created_at: Some(key_pair.created_at),
            extra: Extra::new(),
        }
    }
}
