//! When tokens were last used: noted in memory, written down now and then (B2).

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::cache::KnownToken;
use crate::engine::Engine;
use crate::engine::error::Fault;
use crate::engine::table;
use crate::id::{Millis, TokenId};
use crate::port::{Change, Committed, Expect, Write};
use crate::record;
use crate::token::TokenUse;

/// How exact a last use is, in milliseconds: a token is noted, and written down, no more often than that.
const COARSE: i64 = 10 * 60 * 1_000;

/// How long what was noted waits to be written down, in milliseconds.
const WAIT: i64 = 60 * 1_000;

/// How many tokens wait to be written down at most; when there are as many, none waits any longer.
const MAX_WAITING: usize = 1_000;

/// Uses of tokens that are not written down yet. Bounded.
#[derive(Debug, Default)]
pub(super) struct TokenUses {
    flushed_at: AtomicI64,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    /// How many are writing right now.
    flushing: usize,
    /// What was revoked while somebody was writing.
    gone: Vec<TokenId>,
    waiting: HashMap<TokenId, Millis>,
}

impl TokenUses {
    /// Notes a use, and says whether what waits is to be written down now, by the one who is told so.
    pub(super) fn note(&self, token: &KnownToken, now: Millis) -> bool {
        let noted_at = &token.traces.noted_at;
        let is_due = |since: i64, wait: i64| !(0..wait).contains(&now.0.saturating_sub(since));
        if is_due(noted_at.load(Ordering::Relaxed), COARSE) {
            let mut noted = self.lock();
            if noted.waiting.len() < MAX_WAITING {
                noted.waiting.insert(token.id, now);
                noted_at.store(now.0, Ordering::Relaxed);
            }
            if noted.waiting.len() >= MAX_WAITING && noted.flushing == 0 {
                return true;
            }
        }
        let flushed_at = self.flushed_at.load(Ordering::Relaxed);
        is_due(flushed_at, WAIT)
            && self.flushed_at.compare_exchange(flushed_at, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Forgets a token that is gone.
    pub(super) fn forget(&self, token: TokenId) {
        let mut noted = self.lock();
        noted.waiting.remove(&token);
        if noted.flushing > 0 {
            noted.gone.push(token);
        }
    }

    fn begin(&self) -> Vec<(TokenId, Millis)> {
        let mut noted = self.lock();
        noted.flushing += 1;
        noted.waiting.drain().collect()
    }

    /// Ends what [`begin`](Self::begin) began; what was not written waits again. Returns what was revoked meanwhile.
    fn end(&self, unwritten: Vec<(TokenId, Millis)>) -> Vec<TokenId> {
        let mut noted = self.lock();
        noted.flushing = noted.flushing.saturating_sub(1);
        for (token, at) in unwritten {
            if noted.waiting.len() < MAX_WAITING && !noted.gone.contains(&token) {
                noted.waiting.entry(token).or_insert(at);
            }
        }
        if noted.flushing == 0 { std::mem::take(&mut noted.gone) } else { noted.gone.clone() }
    }

    fn waiting(&self, token: TokenId) -> Option<Millis> {
        self.lock().waiting.get(&token).copied()
    }

    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Writes down what otherwise waits for a minute or for the next request: when tokens were last used. To be called
    /// before a server ends.
    ///
    /// # Errors
    ///
    /// Storage failed; what was to be written waits on.
    pub async fn flush(&self) -> Result<(), Fault> {
        let taken = self.shared.tokens.uses.begin();
        let mut written = Vec::with_capacity(taken.len());
        let result = self.write_uses(&taken, &mut written).await;
        let gone = self.shared.tokens.uses.end(if result.is_err() { taken } else { Vec::new() });
        let mut orphans: Vec<_> = gone.into_iter().filter(|token| written.contains(token)).collect();
        orphans.sort_unstable();
        orphans.dedup();
        result?;
        if !orphans.is_empty() {
            let changes = orphans.into_iter().map(forgotten).collect();
            let (Committed::Applied | Committed::Conflict) = self.shared.ports.storage.commit(changes).await?;
        }
        Ok(())
    }

    async fn write_uses(&self, uses: &[(TokenId, Millis)], written: &mut Vec<TokenId>) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        let mut changes = Vec::with_capacity(uses.len());
        for (token, at) in uses {
            let old = table::get::<TokenUse>(storage, token.as_str().as_bytes()).await?;
            // Another node may have written it down just now.
            if old.is_some_and(|old| (0..COARSE).contains(&at.0.saturating_sub(old.kind.last_used_at.0))) {
                continue;
            }
            let body = record::encode(&TokenUse { last_used_at: *at }, &[])?;
            let write = Write::Put { body, index: Vec::new() };
            changes.push(Change { expect: Expect::Any, key: table::key::<TokenUse>(token.as_str().as_bytes()), write });
            written.push(*token);
        }
        if !changes.is_empty() {
            // Without expectations there is no conflict.
            let (Committed::Applied | Committed::Conflict) = storage.commit(changes).await?;
        }
        Ok(())
    }

    /// Writes down what waits. What goes wrong with that is no fault of the request that does it.
    pub(super) async fn flush_noted(&self) {
        if let Err(fault) = self.flush().await {
            self.observe_fault(&fault);
        }
    }

    /// Returns when a token was last used, to ten minutes. It asks for no permission: it is for those who have the token
    /// from a list.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub async fn last_use(&self, token: TokenId) -> Result<Option<Millis>, Fault> {
        let stored = table::get::<TokenUse>(&self.shared.ports.storage, token.as_str().as_bytes()).await?;
        Ok(stored.map(|stored| stored.kind.last_used_at).max(self.shared.tokens.uses.waiting(token)))
    }
}

/// Removes what is written down of a token's uses.
pub(super) fn forgotten(token: TokenId) -> Change {
    Change { expect: Expect::Any, key: table::key::<TokenUse>(token.as_str().as_bytes()), write: Write::Delete }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::UserId;
    use crate::token::TokenRequest;
    use crate::token::manage::create;

    const NOW: i64 = 1_700_000_000_000;

    fn token(number: usize) -> Arc<KnownToken> {
        let (id, user) = (TokenId::from_random((number as u128).to_be_bytes()), UserId::from_random([2; 16]));
        let token = create(TokenRequest::default(), (id, user, user), Millis(NOW)).unwrap();
        KnownToken::new(token, Millis(NOW), Arc::default())
    }

    /// Uses that were flushed a moment ago.
    fn uses() -> TokenUses {
        TokenUses { flushed_at: AtomicI64::new(NOW), noted: Mutex::default() }
    }

    #[test]
    fn a_token_is_noted_every_ten_minutes() {
        let (uses, token) = (uses(), token(1));
        let noted = |after: i64| {
            uses.note(&token, Millis(NOW + after));
            uses.waiting(token.id).map(|at| at.0 - NOW)
        };
        assert_eq!([noted(0), noted(599_999), noted(600_000)], [Some(0), Some(0), Some(600_000)]);
        // A clock that was set back notes anew.
        assert_eq!(noted(-5), Some(-5));
    }

    #[test]
    fn one_request_a_minute_writes_down_what_waits() {
        let (uses, token) = (uses(), token(1));
        let told = |after: i64| uses.note(&token, Millis(NOW + after));
        assert_eq!([told(0), told(59_999), told(60_000), told(60_001)], [false, false, true, false]);
        assert_eq!([told(119_999), told(120_000)], [false, true]);
    }

    #[test]
    fn a_bounded_number_waits_and_no_longer_when_it_is_reached() {
        let uses = uses();
        for number in 0..MAX_WAITING - 1 {
            assert!(!uses.note(&token(number), Millis(NOW)), "{number}");
        }
        assert!(uses.note(&token(MAX_WAITING), Millis(NOW)));
        let late = token(MAX_WAITING + 1);
        assert!(uses.note(&late, Millis(NOW)));
        assert_eq!(uses.waiting(late.id), None);
        let taken = uses.begin();
        assert_eq!(taken.len(), MAX_WAITING);
        assert!(!uses.note(&late, Millis(NOW)));
        assert_eq!(uses.waiting(late.id), Some(Millis(NOW)));
        uses.end(taken);
        assert_eq!(uses.lock().waiting.len(), MAX_WAITING);
    }

    #[test]
    fn what_was_revoked_meanwhile_does_not_come_back() {
        let (uses, token) = (uses(), token(1));
        uses.note(&token, Millis(NOW));
        let taken = uses.begin();
        assert_eq!((taken.as_slice(), uses.waiting(token.id)), (&[(token.id, Millis(NOW))][..], None));
        uses.forget(token.id);
        assert_eq!(uses.end(taken), [token.id]);
        assert_eq!(uses.waiting(token.id), None);
        uses.forget(token.id);
        assert!(uses.begin().is_empty() && uses.end(Vec::new()).is_empty());
    }

    #[test]
    fn what_was_not_written_waits_on_unless_it_was_used_since() {
        let (uses, token) = (uses(), token(1));
        uses.note(&token, Millis(NOW));
        let taken = uses.begin();
        assert_eq!(uses.end(taken), []);
        assert_eq!(uses.waiting(token.id), Some(Millis(NOW)));
        let taken = uses.begin();
        uses.note(&token, Millis(NOW + COARSE));
        uses.end(taken);
        assert_eq!(uses.waiting(token.id), Some(Millis(NOW + COARSE)));
    }
}
