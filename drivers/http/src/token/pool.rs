//! One token source per credential, however many clouds use it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::{CredentialKey, FetchToken, TokenSource};

/// Token sources by credential. An engine owns one, so that clouds which differ only in their
/// region log in once. A source goes when the last cloud that uses it goes.
pub struct TokenPool<F: FetchToken>(Mutex<HashMap<CredentialKey, Weak<TokenSource<F>>>>);

impl<F: FetchToken> TokenPool<F> {
    /// An empty pool.
    pub fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The source of `key`, made with `make` if there is none.
    pub fn get(
        &self,
        key: CredentialKey,
        make: impl FnOnce() -> TokenSource<F>,
    ) -> Arc<TokenSource<F>> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = sources.get(&key).and_then(Weak::upgrade) {
            return source;
        }
        sources.retain(|_, source| source.strong_count() > 0);
        let source = Arc::new(make());
        sources.insert(key, Arc::downgrade(&source));
        source
    }
}

impl<F: FetchToken> Default for TokenPool<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: FetchToken> fmt::Debug for TokenPool<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPool").finish_non_exhaustive()
    }
}
