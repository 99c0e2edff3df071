//! Whose keys sign: given ones, those of the environment, or those of a profile.

mod find;
mod process;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use cloudfarm_contract::{Context, Result};
use cloudfarm_http::{self as http, TokenSource};

pub(crate) use self::find::{Found, find};
use self::process::ProfileKeys;
use crate::sign::Keys;

/// The keys of one connection.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// They stay as they are.
    Given(Arc<Keys>),
    /// They come from a profile, and may be renewed there.
    Profile(Box<TokenSource<ProfileKeys>>),
}

/// Keys in use.
pub(crate) enum Held {
    Given(Arc<Keys>),
    Profile(http::Held<Keys>),
}

impl Credentials {
    /// Keys that are good for now.
    ///
    /// # Errors
    ///
    /// `provider_auth` where a profile gives none.
    pub(crate) async fn get(&self, cx: &Context) -> Result<Held> {
        match self {
            Self::Given(keys) => Ok(Held::Given(Arc::clone(keys))),
            Self::Profile(source) => Ok(Held::Profile(source.get(cx).await?)),
        }
    }

    /// Forgets keys that were refused; false where there can be no others.
    pub(crate) fn drop_stale(&self, generation: Option<u64>) -> bool {
        match (self, generation) {
            (Self::Profile(source), Some(generation)) => {
                source.invalidate(generation);
                true
            }
            _ => false,
        }
    }
}

impl Held {
    pub(crate) fn generation(&self) -> Option<u64> {
        match self {
            Self::Given(_) => None,
            Self::Profile(held) => Some(held.generation()),
        }
    }

    /// Whether these are the same keys, so that a second try would fare no better.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let token = |keys: &Keys| keys.session_token.as_ref().map(|t| t.expose().to_owned());
        self.access_key == other.access_key
            && self.secret_key.expose() == other.secret_key.expose()
            && token(self) == token(other)
    }
}

impl Deref for Held {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        match self {
            Self::Given(keys) => keys,
            Self::Profile(held) => held,
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}
