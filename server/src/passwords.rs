//! New passwords, which nobody else should have had or guess soon, and hashes of them.

mod breached;
mod guessing;

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::audit::Actor;
use domain::fields::FieldProblem;
use domain::password::NewPassword;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

pub use breached::BreachedPasswords;
pub use guessing::About;

use crate::error::Error;
use crate::limits;
use crate::request::RequestContext;

/// Memory in KiB, passes and lanes of Argon2id: the first choice of OWASP's cheat sheet for
/// password storage (19 MiB, 2, 1). The one place where they are set; hashes that were made with others are renewed when
/// their owners sign in.
const PARAMETERS: (u32, u32, u32) = (19 * 1024, 2, 1);

/// How many hashes are computed at once; the rest wait. A bound on memory and on the other work.
const AT_ONCE: usize = 4;

/// How hard a password is to guess that can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Hard enough.
    Fair,
    /// Harder than that.
    Strong,
}

/// A new password that is in no list of breached ones, and not guessed soon.
pub struct SoundPassword {
    password: NewPassword,
    strength: Strength,
}

/// Judges a password while it is typed, exactly as it will be when it is sent. Nobody has to be signed in, and nothing is
/// kept of it.
///
/// # Errors
/// Too many from one network; a list of breached passwords that cannot be read.
pub async fn strength(
    request: &RequestContext,
    raw: &str,
    about: &About,
) -> Result<Result<Strength, FieldProblem>, Error> {
    let portal = request.portal();
    if let Some(ip) = request.ip {
        portal.limits().password_strength.count(request, Actor::stranger(), &limits::network(ip)).await?;
    }
    Ok(portal.hasher().judge(raw, about).await?.map(|sound| sound.strength))
}

/// Hashes passwords with Argon2id, away from the threads that serve requests.
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    breached: Arc<BreachedPasswords>,
    /// The hash of a password that nobody has: checked when there is no account, so that the answer
    /// takes as long as when there is one.
    decoy: Arc<str>,
}

impl PasswordHasher {
    /// A hasher with the parameters that passwords deserve, which takes no breached one for a new one.
    ///
    /// # Errors
    /// Never with these parameters.
    pub fn new(decoy_salt: [u8; 16], breached: BreachedPasswords) -> Result<Self, Error> {
        Self::with_cost(PARAMETERS, decoy_salt, breached)
    }

    /// A hasher for tests, which sign in all the time.
    ///
    /// # Errors
    /// Never with these parameters.
    #[cfg(feature = "testing")]
    pub fn cheap(decoy_salt: [u8; 16]) -> Result<Self, Error> {
        Self::with_cost((8, 1, 1), decoy_salt, BreachedPasswords::common())
    }

    fn with_cost(
        (memory, passes, lanes): (u32, u32, u32),
        decoy_salt: [u8; 16],
        breached: BreachedPasswords,
    ) -> Result<Self, Error> {
        let parameters =
            Params::new(memory, passes, lanes, None).map_err(|error| Error::internal(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let decoy = hash(&argon2, "nobody has this one", decoy_salt)?;
        Ok(Self { argon2, turns: Arc::new(Semaphore::new(AT_ONCE)), breached: Arc::new(breached), decoy: decoy.into() })
    }

    /// Judges what somebody wants for a password, so that it can be said with what else is wrong in a form.
    ///
    /// # Errors
    /// A list of breached passwords that cannot be read.
    pub async fn judge(&self, raw: &str, about: &About) -> Result<Result<SoundPassword, FieldProblem>, Error> {
        let password = match NewPassword::parse(raw) {
            Ok(password) => password,
            Err(problem) => return Ok(Err(problem)),
        };
        let (breached, about) = (Arc::clone(&self.breached), about.clone());
        self.run(move || {
            if breached.hold(&password).map_err(Error::internal)? {
                return Ok(Err(FieldProblem::Breached));
            }
            Ok(match guessing::judge(&password, &about) {
                Ok(is_strong) => {
                    let strength = if is_strong { Strength::Strong } else { Strength::Fair };
                    Ok(SoundPassword { password, strength })
                }
                Err(weakness) => Err(FieldProblem::Guessable(weakness)),
            })
        })
        .await?
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// No memory.
    pub async fn hash(&self, SoundPassword { password, .. }: SoundPassword, salt: [u8; 16]) -> Result<String, Error> {
        let argon2 = self.argon2.clone();
        self.run(move || hash(&argon2, password.expose(), salt)).await?
    }

    /// The PHC string of a password that was right just now, if the stored one was made in another way than new ones
    /// are.
    ///
    /// # Errors
    /// No memory.
    pub(crate) async fn renew(&self, password: &str, stored: &str, salt: [u8; 16]) -> Result<Option<String>, Error> {
        // Algorithm, version and parameters come before salt and hash.
        let way = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        if way(stored) == way(&self.decoy) {
            return Ok(None);
        }
        let (argon2, password) = (self.argon2.clone(), Zeroizing::new(password.to_owned()));
        self.run(move || hash(&argon2, &password, salt)).await?.map(Some)
    }

    /// Whether the password belongs to the hash. Without a hash it takes as long, and is wrong.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Error> {
        let argon2 = self.argon2.clone();
        let password = Zeroizing::new(password.to_owned());
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        self.run(move || {
            let parsed = PasswordHash::new(&stored).map_err(|error| Error::internal(error.to_string()))?;
            Ok(argon2.verify_password(password.as_bytes(), &parsed).is_ok() && known)
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str, salt: [u8; 16]) -> Result<String, Error> {
    argon2
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| Error::internal(error.to_string()))
}
