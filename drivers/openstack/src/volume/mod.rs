//! Cinder: volumes and their snapshots.

mod attachments;
pub(crate) mod snapshots;
pub(crate) mod wire;

use std::sync::Arc;

use cloudfarm_contract::extensions::Volumes;
use cloudfarm_contract::model::{Volume, VolumeAttach, VolumeCreate, VolumeState};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait, exact_name,
};
use serde_json::{Value, json};

use self::wire::{CinderVolume, VolumeReply};
use crate::call::Call;
use crate::catalog::ServiceKind::Volume as VOLUME;
use crate::compute::Compute;
use crate::errors::{about_field, again, as_conflict, gone_is_fine, not_found_if_malformed, says};
use crate::list::{self, Collection, Listed};
use crate::marks::with_mark;
use crate::session::Session;

pub(crate) const VOLUMES: Collection = Collection {
    service: VOLUME,
    key: "volumes",
};

/// The block storage service of one cloud.
#[derive(Debug, Clone)]
pub struct Storage {
    session: Arc<Session>,
    compute: Compute,
    /// Whether version 1 is spoken, which old clouds and Rackspace have.
    old: bool,
}

impl Storage {
    /// The block storage service that `session` leads to; `compute` attaches its volumes.
    pub fn new(session: Arc<Session>, compute: Compute) -> Self {
        Self {
            session,
            compute,
            old: false,
        }
    }

    /// The same service in its version 1, which says `display_name` for the name, and gives its
    /// lists whole.
    #[must_use]
    pub fn version_1(self) -> Self {
        Self { old: true, ..self }
    }

    /// How the service calls the name of what it keeps.
    fn name_key(&self) -> &'static str {
        if self.old { "display_name" } else { "name" }
    }

    /// One page of what the service keeps, each thing turned into the contract's.
    async fn page<T: Listed, U>(
        &self,
        cx: &Context,
        of: Collection,
        query: &ListQuery,
        read: impl Fn(T) -> U,
        names: fn(&U) -> (&Text, &Text),
    ) -> Result<Page<U>> {
        let call = Call::get(&[of.key, "detail"])
            .query_if(self.name_key(), exact_name(query.name.as_ref()));
        let is_wanted = |item: &U| query.matches(names(item).1);
        if self.old {
            let all = list::whole::<T>(&self.session, cx, of, &call).await?;
            let wanted = all.into_iter().map(read).filter(is_wanted).collect();
            return list::cut(wanted, |item| names(item).0, &query.page);
        }
        let page = list::page::<T>(&self.session, cx, of, &call, &query.page).await?;
        let mut page = page.map(read);
        page.items.retain(is_wanted);
        Ok(page)
    }

    async fn volume(&self, cx: &Context, id: &str) -> Result<Volume> {
        let call = Call::get(&["volumes", id]);
        let asked = self.session.ask(cx, VOLUME, &call).await;
        let reply: VolumeReply = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.volume.into_volume(self.session.cloud()))
    }
}

#[async_trait]
impl Volumes for Storage {
    async fn list_volumes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Volume>> {
        let read = |volume: CinderVolume| volume.into_volume(self.session.cloud());
        self.page(cx, VOLUMES, query, read, |volume| {
            (&volume.id, &volume.name)
        })
        .await
    }

    async fn get_volume(&self, cx: &Context, id: &str) -> Result<Volume> {
        self.volume(cx, id).await
    }

    async fn create_volume(&self, cx: &Context, request: &VolumeCreate) -> Result<Volume> {
        let mut volume = json!({
            self.name_key(): request.name.as_str(),
            "size": request.size_gb,
            "metadata": with_mark(&request.metadata, request.mark.as_ref()),
        });
        let chosen = [
            ("volume_type", &request.kind),
            ("availability_zone", &request.location),
            ("snapshot_id", &request.snapshot),
            ("imageRef", &request.image),
        ];
        for (key, value) in chosen {
            if let Some(value) = value {
                volume[key] = Value::from(value.as_str());
            }
        }
        let call = Call::post(&["volumes"], Effect::Once, json!({"volume": volume}));
        let made = self.session.ask(cx, VOLUME, &call).await;
        let reply: VolumeReply = made.map_err(create_refused)?.json()?;
        Ok(reply.volume.into_volume(self.session.cloud()))
    }

    async fn delete_volume(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["volumes", id]);
        let deleted = gone_is_fine(self.session.ask(cx, VOLUME, &call).await);
        let Err(error) = deleted else {
            return Ok(());
        };
        // Cinder says 400 for a volume in the wrong state, also for one that is being deleted.
        if error.kind() != ErrorKind::Invalid {
            return Err(error);
        }
        match self.volume(cx, id).await {
            Ok(volume) if volume.state == VolumeState::Deleting => Ok(()),
            Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(()),
            _ => Err(as_conflict(&error)),
        }
    }

    async fn extend_volume(&self, cx: &Context, id: &str, size_gb: &u64) -> Result<()> {
        let body = json!({"os-extend": {"new_size": size_gb}});
        let call = Call::post(&["volumes", id, "action"], Effect::Idempotent, body);
        let Err(error) = self.session.ask(cx, VOLUME, &call).await else {
            return Ok(());
        };
        if error.kind() != ErrorKind::Invalid {
            return Err(error);
        }
        let volume = self.volume(cx, id).await?;
        match volume.size_gb.cmp(size_gb) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(again(
                &error,
                ErrorKind::Invalid,
                format!("volume {id} has {} GB and cannot shrink", volume.size_gb),
            )
            .with_field("size_gb")),
            std::cmp::Ordering::Less => Err(as_conflict(&error)),
        }
    }

    async fn attach_volume(&self, cx: &Context, id: &str, to: &VolumeAttach) -> Result<()> {
        self.attach(cx, id, to).await
    }

    async fn detach_volume(&self, cx: &Context, id: &str, node: &str) -> Result<()> {
        self.detach(cx, id, node).await
    }
}

/// Cinder says in words alone what is wrong.
fn create_refused(error: Error) -> Error {
    if !matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound) {
        return error;
    }
    let fields = [
        (&["snapshot"][..], "snapshot"),
        (&["volume type"], "kind"),
        (&["availability zone"], "location"),
        (&["availability_zone"], "location"),
        (&["metadata"], "metadata"),
        (&["size"], "size_gb"),
        (&["image"], "image"),
        (&["name"], "name"),
    ];
    match fields.iter().find(|(words, _)| says(&error, words)) {
        Some((_, field)) if error.kind() == ErrorKind::Invalid => about_field(&error, field),
        Some((_, field)) => error.with_field(*field),
        None => error,
    }
}
