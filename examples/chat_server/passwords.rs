//! Passwords, kept as Argon2id hashes.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::ambient::random;
use crate::errors::Failure;

/// Hashes a password for storing.
pub(crate) async fn hash(password: String) -> Result<String, Failure> {
    run(move || {
        let salt = random()?;
        let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Failure::broken)
    })
    .await
}

/// Whether a password is the one that was hashed. Takes as long where there is no such account, so that nobody learns
/// from the time which names exist.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, Failure> {
    run(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        Ok(hasher()?.verify_password(password.as_bytes(), hash.as_str()).is_ok() && known)
    })
    .await
}

async fn run<T: Send + 'static>(job: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let _turn = TURNS.acquire().await.map_err(Failure::broken)?;
    spawn_blocking(job).await.map_err(Failure::broken)?
}

/// 19 MiB and two passes: what OWASP advises for interactive log-ins.
fn hasher() -> Result<Argon2<'static>, Failure> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| Failure::broken(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// How many are hashed at a time: each takes memory, and anybody may try to log in.
static TURNS: Semaphore = Semaphore::const_new(4);

/// A hash of nothing that anybody knows.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
