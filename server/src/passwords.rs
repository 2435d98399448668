//! New passwords, which nobody else should have had or guess soon, and hashes of them.

mod breached;
mod guessing;

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::audit::Actor;
use domain::fields::FieldProblem;
use domain::password::{NewPassword, PasswordNote};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

pub use breached::BreachedPasswords;
pub use domain::password::Strength;
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

/// A new password that is in no list of breached ones, and not guessed soon.
pub struct SoundPassword {
    password: NewPassword,
    strength: Strength,
}

impl SoundPassword {
    /// How many characters it has, as far as that is noted.
    pub(crate) fn length(&self) -> u16 {
        self.password.noted_length()
    }

    /// How hard it is to guess.
    pub(crate) fn strength(&self) -> Strength {
        self.strength
    }
}

/// A password as it is kept: its hash, and what is noted of it. Nothing is noted of one that was kept before that was.
#[derive(Clone)]
pub struct KeptPassword {
    pub(crate) hash: String,
    pub(crate) length: Option<i16>,
    pub(crate) score: Option<i16>,
}

impl fmt::Debug for KeptPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptPassword(…)")
    }
}

/// What was noted of a password, by its row; nothing for somebody who has none.
pub(crate) fn noted(
    length: Option<i16>,
    score: Option<i16>,
    changed_at: Option<OffsetDateTime>,
) -> Option<PasswordNote> {
    changed_at.map(|changed_at| PasswordNote {
        length: length.and_then(|length| u16::try_from(length).ok()),
        strength: score.map(Strength::of_score),
        changed_at,
    })
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

    /// A new password as it is kept, with the PHC string of its hash.
    ///
    /// # Errors
    /// No memory.
    pub async fn hash(&self, sound: SoundPassword, salt: [u8; 16]) -> Result<KeptPassword, Error> {
        let (length, score) = (i16::try_from(sound.length()).ok(), Some(sound.strength().score()));
        let argon2 = self.argon2.clone();
        let hash = self.run(move || hash(&argon2, sound.password.expose(), salt)).await??;
        Ok(KeptPassword { hash, length, score })
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
