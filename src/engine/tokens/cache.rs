//! What authentication remembers of personal access tokens, so that most requests need no storage.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::id::{Millis, SessionId, TokenId};
use crate::port::{Session, SessionKind};
use crate::security::SecretDigest;
use crate::token::{AccessToken, Standing, TokenLimits};

/// A token as authentication needs it.
#[derive(Debug)]
pub(in crate::engine) struct KnownToken {
    /// The key of its limit.
    pub(super) bucket: [u8; 16],
    pub(in crate::engine) id: TokenId,
    /// None for most: what is not limited pays nothing for limits.
    pub(in crate::engine) limits: Option<TokenLimits>,
    pub(in crate::engine) session: Session,
    pub(in crate::engine) standing: Standing,
    pub(super) traces: Arc<Traces>,
    read_at: Millis,
}

/// What is known of a token beyond its record, and stays when that is read anew.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Whether the host was told that the token has ended.
    pub(super) ended: AtomicBool,
    /// When a use was noted last, in milliseconds.
    pub(super) noted_at: AtomicI64,
}

impl KnownToken {
    pub(super) fn new(token: AccessToken, read_at: Millis, traces: Arc<Traces>) -> Arc<Self> {
        let bucket = SecretDigest::of(token.id.as_str()).as_bytes().first_chunk().copied().unwrap_or_default();
        let session = Session::new(SessionId::from(token.id), token.user_id, SessionKind::PersonalAccessToken);
        let standing = token.standing();
        let limits = (!token.limits.is_unlimited()).then_some(token.limits);
        Arc::new(Self { bucket, id: token.id, limits, read_at, session, standing, traces })
    }
}

/// How many tokens are remembered: at least the first number, at most twice as many.
const GENERATION: usize = 10_000;

/// How long what was read counts, in milliseconds: so late are changes seen that other nodes made.
const FRESH: i64 = 2_000;

/// The tokens that were used last, by the digests of their secrets. Bounded.
///
/// What a change on this node touches is forgotten before the change is answered, and what was read before that is not
/// remembered after it.
pub(super) struct TokenCache {
    changes: AtomicU64,
    limit: usize,
    tokens: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    old: Table,
    young: Table,
}

type Table = HashMap<SecretDigest, Arc<KnownToken>, BuildHasherDefault<DigestHasher>>;

/// What is remembered of a secret.
#[derive(Clone, Debug)]
pub(super) enum Remembered {
    /// It counts.
    Fresh(Arc<KnownToken>),
    /// Nothing.
    Nothing,
    /// It is to be read again.
    Stale(Arc<KnownToken>),
}

/// How many changes there were when something was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Moment(u64);

impl TokenCache {
    fn new(limit: usize) -> Self {
        Self { changes: AtomicU64::new(0), limit, tokens: Mutex::default() }
    }

    /// To be asked for before what is remembered, or read, is looked at.
    pub(super) fn moment(&self) -> Moment {
        Moment(self.changes.load(Ordering::Acquire))
    }

    pub(super) fn get(&self, digest: &SecretDigest, now: Millis) -> Remembered {
        let mut tokens = self.lock();
        let known = match tokens.young.get(digest) {
            Some(known) => known.clone(),
            None => match tokens.old.remove(digest) {
                Some(known) => {
                    tokens.put(self.limit, *digest, known.clone());
                    known
                }
                None => return Remembered::Nothing,
            },
        };
        // A time to come is from before the clock jumped back.
        let is_fresh = (0..FRESH).contains(&now.0.saturating_sub(known.read_at.0));
        if is_fresh { Remembered::Fresh(known) } else { Remembered::Stale(known) }
    }

    /// Remembers what was read since a moment, unless something changed in between.
    pub(super) fn put(&self, since: Moment, digest: SecretDigest, known: Arc<KnownToken>) {
        let mut tokens = self.lock();
        if self.moment() == since {
            tokens.put(self.limit, digest, known);
        }
    }

    /// Forgets what a change touched; what was read before is not remembered any more.
    pub(super) fn forget<'a>(&self, digests: impl IntoIterator<Item = &'a SecretDigest>) {
        let mut tokens = self.lock();
        self.changes.fetch_add(1, Ordering::AcqRel);
        for digest in digests {
            tokens.young.remove(digest);
            tokens.old.remove(digest);
        }
    }

    /// Forgets a secret that storage does not know any more.
    pub(super) fn drop_gone(&self, digest: &SecretDigest) {
        let mut tokens = self.lock();
        tokens.young.remove(digest);
        tokens.old.remove(digest);
    }

    // Nothing below panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new(GENERATION)
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

impl Generations {
    fn put(&mut self, limit: usize, digest: SecretDigest, known: Arc<KnownToken>) {
        if self.young.len() >= limit && !self.young.contains_key(&digest) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(digest, known);
    }
}

/// Takes the eight bytes that a digest gives for its hash.
#[derive(Clone, Copy, Debug, Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Never called: a digest gives a number.
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use super::*;
    use crate::id::UserId;
    use crate::token::TokenRequest;
    use crate::token::manage::create;

    const NOW: Millis = Millis(1_700_000_000_000);

    fn known(read_at: Millis) -> Arc<KnownToken> {
        let (id, user) = (TokenId::from_random([1; 16]), UserId::from_random([2; 16]));
        let token = create(TokenRequest::default(), (id, user, user), NOW).unwrap();
        KnownToken::new(token, read_at, Arc::default())
    }

    fn digest(number: usize) -> SecretDigest {
        SecretDigest::of(&number.to_string())
    }

    fn is_fresh(cache: &TokenCache, number: usize, at: i64) -> Option<bool> {
        match cache.get(&digest(number), Millis(at)) {
            Remembered::Fresh(_) => Some(true),
            Remembered::Stale(_) => Some(false),
            Remembered::Nothing => None,
        }
    }

    #[test]
    fn what_was_read_counts_for_two_seconds() {
        let cache = TokenCache::default();
        assert_eq!(is_fresh(&cache, 1, NOW.0), None);
        cache.put(cache.moment(), digest(1), known(NOW));
        let cases = [(-1, false), (0, true), (1_999, true), (2_000, false)];
        for (after, want) in cases {
            assert_eq!(is_fresh(&cache, 1, NOW.0 + after), Some(want), "{after}");
        }
        assert_eq!(is_fresh(&cache, 2, NOW.0), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let cache = TokenCache::default();
        let before = cache.moment();
        cache.put(before, digest(1), known(NOW));
        cache.forget([&digest(1)]);
        assert_ne!(cache.moment(), before);
        assert_eq!(is_fresh(&cache, 1, NOW.0), None);
        cache.put(before, digest(1), known(NOW));
        assert_eq!(is_fresh(&cache, 1, NOW.0), None);
        let after = cache.moment();
        cache.put(after, digest(1), known(NOW));
        assert_eq!(is_fresh(&cache, 1, NOW.0), Some(true));
        cache.drop_gone(&digest(1));
        assert_eq!((is_fresh(&cache, 1, NOW.0), cache.moment()), (None, after));
    }

    #[test]
    fn remembers_the_tokens_that_are_used_and_a_bounded_number_of_them() {
        let cache = TokenCache::new(10);
        for number in 0..100 {
            cache.put(cache.moment(), digest(number), known(NOW));
            assert_eq!(is_fresh(&cache, 0, NOW.0), Some(true), "{number}");
            let tokens = cache.lock();
            assert!(tokens.young.len() <= 10 && tokens.old.len() <= 10, "{number}");
        }
        assert_eq!(is_fresh(&cache, 99, NOW.0), Some(true));
        assert_eq!(is_fresh(&cache, 50, NOW.0), None);
        // What stands in the older half is forgotten too.
        let old = *cache.lock().old.keys().next().unwrap();
        cache.forget([&old]);
        assert!(matches!(cache.get(&old, NOW), Remembered::Nothing));
    }

    #[test]
    fn a_generation_is_full_before_it_ages() {
        let cache = TokenCache::new(3);
        let cases = [(1, 1, 0), (2, 2, 0), (2, 2, 0), (3, 3, 0), (3, 3, 0), (1, 3, 0), (4, 1, 3), (5, 2, 3), (6, 3, 3)];
        for (row, (number, young, old)) in cases.into_iter().enumerate() {
            cache.put(cache.moment(), digest(number), known(NOW));
            let tokens = cache.lock();
            assert_eq!((tokens.young.len(), tokens.old.len()), (young, old), "row {row}");
        }
    }

    #[test]
    fn a_digest_is_its_own_hash() {
        let hash = |number| BuildHasherDefault::<DigestHasher>::default().hash_one(digest(number));
        for number in 0..3 {
            assert_eq!(hash(number).to_le_bytes(), digest(number).as_bytes()[..8], "{number}");
        }
        let mut hasher = DigestHasher::default();
        hasher.write(&[0xFF, 0, 0, 0, 0, 0, 0, 0, 0x01]);
        assert_eq!(hasher.finish(), 0xFE);
    }

    #[test]
    fn secrets_are_not_shown() {
        let cache = TokenCache::default();
        cache.put(cache.moment(), digest(1), known(NOW));
        assert_eq!(format!("{cache:?}"), "TokenCache { .. }");
    }

    #[test]
    fn limits_are_kept_of_limited_tokens_alone() {
        let plain = known(NOW);
        assert!(plain.limits.is_none());
        assert_eq!(plain.session.id.as_str(), plain.id.as_str());
        assert_eq!(plain.session.kind, SessionKind::PersonalAccessToken);
        assert_ne!(plain.bucket, [0; 16]);
        let (mut token, user) = (TokenRequest::default(), UserId::from_random([2; 16]));
        token.scopes = vec!["create_post".into()];
        let token = create(token, (plain.id, user, user), NOW).unwrap();
        assert!(KnownToken::new(token, NOW, Arc::default()).limits.is_some());
    }
}
