//! The pool of clouds, swapped in one step at a reload.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::Arc;

use arc_swap::ArcSwap;
use cloudfarm_contract::layers::{NoObserver, Observer, RateLimit, Stack};
use cloudfarm_contract::{Driver, Error, Result, Text, nearest};

use super::cloud::Cloud;
use super::engines::engine;
use crate::settings::{CloudEntry, CloudSettings, FarmSettings};

/// The name of the cloud that is used when a request names none.
pub const DEFAULT_CLOUD: &str = "default";

/// Makes the observer of each cloud.
pub trait Observers: Send + Sync + Debug {
    /// The observer of the cloud of this name.
    fn of(&self, cloud: &Text) -> Arc<dyn Observer>;
}

impl Observers for NoObserver {
    fn of(&self, _: &Text) -> Arc<dyn Observer> {
        Arc::new(Self)
    }
}

/// The named clouds.
#[derive(Debug, Default)]
pub struct Farm {
    clouds: BTreeMap<Text, Arc<Cloud>>,
}

impl Farm {
    /// Connects every entry. Nobody is asked over the network, and a broken entry does not stop
    /// the others.
    pub fn connect(settings: FarmSettings, observers: &dyn Observers) -> Self {
        let mut limits = HashMap::new();
        let clouds = settings
            .clouds
            .into_iter()
            .map(|entry| {
                let cloud = connect_entry(entry, observers, &mut limits);
                (cloud.name().clone(), Arc::new(cloud))
            })
            .collect();
        Self { clouds }
    }

    /// A farm of these clouds.
    pub fn of(clouds: impl IntoIterator<Item = Cloud>) -> Self {
        let named = |cloud: Cloud| (cloud.name().clone(), Arc::new(cloud));
        Self {
            clouds: clouds.into_iter().map(named).collect(),
        }
    }

    /// Every cloud, in the order of their names.
    pub fn clouds(&self) -> impl ExactSizeIterator<Item = &Arc<Cloud>> {
        self.clouds.values()
    }

    /// The cloud of this name.
    ///
    /// # Errors
    ///
    /// `not_found`, naming the nearest cloud.
    pub fn get(&self, name: &str) -> Result<&Arc<Cloud>> {
        self.clouds.get(name).ok_or_else(|| self.unknown(name))
    }

    /// The clouds of these names, or all.
    ///
    /// # Errors
    ///
    /// `not_found` for the first name that is not there.
    pub fn select(&self, names: Option<&[Text]>) -> Result<Vec<Arc<Cloud>>> {
        match names {
            None => Ok(self.clouds.values().cloned().collect()),
            Some(names) => names.iter().map(|name| self.get(name).cloned()).collect(),
        }
    }

    fn unknown(&self, name: &str) -> Error {
        let hint = match nearest(name, self.clouds.keys().map(Text::as_str)) {
            Some(known) => format!("did you mean {known:?}?"),
            None => "GET /api/v1/clouds lists the clouds there are".to_owned(),
        };
        Error::not_found(format!("there is no cloud {name:?}")).with_hint(hint)
    }
}

/// Clouds that speak to the same provider with the same credential share its patience.
type Limits = HashMap<(Text, Option<Text>, Option<Text>), Arc<RateLimit>>;

fn connect_entry(entry: CloudEntry, observers: &dyn Observers, limits: &mut Limits) -> Cloud {
    let CloudEntry {
        name,
        engine: engine_name,
        settings,
    } = entry;
    let settings: CloudSettings = match settings {
        Ok(settings) => settings,
        Err(error) => return Cloud::broken(name, engine_name, error),
    };
    let engine = match engine(&engine_name) {
        Ok(engine) => engine,
        Err(error) => return Cloud::broken(name, engine_name, error),
    };
    let layers = settings.layers.clone();
    let observer = observers.of(&name);
    let cloud = name.clone();
    Cloud::connect(name, engine, settings, |driver: &dyn Driver| {
        let info = driver.info();
        let new_limit = || Arc::new(RateLimit::new(layers.for_rate_limit()));
        // Without an endpoint and an identity there is nothing that two clouds could share.
        let limit = if info.endpoint.is_some() && info.identity.is_some() {
            let key = (
                info.engine.clone(),
                info.endpoint.clone(),
                info.identity.clone(),
            );
            Arc::clone(limits.entry(key).or_insert_with(new_limit))
        } else {
            new_limit()
        };
        Stack::new(cloud, layers.for_stack(), limit, observer)
    })
}

/// The farm that serves now.
#[derive(Debug, Clone)]
pub struct FarmHandle(Arc<ArcSwap<Farm>>);

impl FarmHandle {
    /// Serves `farm`.
    pub fn new(farm: Farm) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(farm)))
    }

    /// The farm; a request keeps the one it began with.
    pub fn load(&self) -> Arc<Farm> {
        self.0.load_full()
    }

    /// Serves `farm` from now on.
    pub fn swap(&self, farm: Farm) {
        self.0.store(Arc::new(farm));
    }
}
