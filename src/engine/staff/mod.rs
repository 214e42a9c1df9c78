//! Who works at the console: people with a name, a password and a role.
//!
//! A password is only ever kept as its hash, a session as the hash of its secret. Attempts to sign in are counted in the store, so that
//! every node counts alike.

mod password;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Engine, EngineError};
use crate::domain::catalog::SellerId;
use crate::ports::store::{
    CountedTry, StaffRole, StaffRow, StaffSessionRow, StaffUpdate, StoreError, Written,
};

/// How long a session at the console goes on: a working day.
const SESSION: SignedDuration = SignedDuration::from_hours(10);

/// Over which time attempts to sign in, and openings of a mailed link, are counted.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// How many there may be under one name.
const TRIES_MAX: u32 = 8;

/// The longest name.
const LOGIN_MAX: usize = 40;

/// The fewest characters of a password. Source: NIST SP 800-63B, 3.1.1.2: 15 where a password is all that there is.
pub const PASSWORD_MIN: usize = 15;

/// The most characters of a password: each is hashed.
pub const PASSWORD_MAX: usize = 200;

/// How many passwords are hashed at once: each takes 19 MiB, and a core for some hundredths of a second.
const HASHED_AT_ONCE: usize = 2;

/// Lets few passwords be hashed at once.
pub(super) struct Hashing(Arc<Semaphore>);

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(HASHED_AT_ONCE)))
    }
}

/// Somebody who works at the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    /// Their id.
    pub id: Uuid,
    /// The name that histories know them by.
    pub login: String,
    /// What they may do.
    pub role: StaffRole,
    /// The one seller whose customers they see; those of all where none is named.
    pub seller: Option<SellerId>,
    /// Who added them.
    pub added_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When they were disabled, and by whom.
    pub disabled: Option<(Timestamp, String)>,
}

/// Somebody to add.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The name that they sign in with.
    pub login: String,
    /// What they may do.
    pub role: StaffRole,
    /// The one seller whose customers they see.
    pub seller: Option<SellerId>,
    /// Their first password.
    pub password: String,
}

/// Why somebody's entry was not written.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The name cannot be one.
    #[error(
        "a name is 1 to {LOGIN_MAX} small letters, digits, `-`, `_` and `.`; it stays in histories for good, so that it is no real name"
    )]
    Login,
    /// The password is too short or too long.
    #[error("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")]
    Password,
    /// The name is somebody's, or was.
    #[error("this name is taken, or was: it never becomes somebody else's")]
    Taken,
    /// The seller is not served here.
    #[error("this seller is not served here")]
    Seller,
    /// There is no such person.
    #[error("there is nobody of this name")]
    Nobody,
    /// It could not be done.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for StaffError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// What an attempt to sign in comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// They are in: the secret for their cookie, and when the session ends.
    Done {
        /// The secret.
        secret: String,
        /// When it ends.
        until: Timestamp,
    },
    /// The name, the password, or both are wrong.
    Wrong,
    /// There were too many attempts under this name.
    Wait(Timestamp),
}

impl StaffMember {
    fn of(row: StaffRow) -> Self {
        Self {
            id: row.id,
            login: row.login,
            role: row.role,
            seller: row.seller,
            added_by: row.added_by,
            created_at: row.created_at,
            disabled: row.disabled,
        }
    }

    /// Whether they may manage staff and erase people's data.
    pub fn leads(&self) -> bool {
        self.role == StaffRole::Lead
    }

    /// Whether they see what belongs to this seller.
    pub fn sees(&self, seller: &SellerId) -> bool {
        self.seller.as_ref().is_none_or(|own| own == seller)
    }
}

impl Engine {
    /// Adds somebody.
    pub async fn add_staff(&self, new: NewStaff, by: &str) -> Result<StaffMember, StaffError> {
        check_login(&new.login)?;
        check_password(&new.password)?;
        if let Some(seller) = &new.seller {
            self.sellers().get(seller).map_err(|_| StaffError::Seller)?;
        }
        let now = self.now();
        let row = StaffRow {
            id: self.parts.ids.new_id(now),
            login: new.login,
            role: new.role,
            seller: new.seller,
            password: self.hashed(new.password).await?,
            added_by: by.to_owned(),
            created_at: now,
            disabled: None,
        };
        match self.store().add_staff(row.clone()).await? {
            Written::Done => Ok(StaffMember::of(row)),
            _ => Err(StaffError::Taken),
        }
    }

    /// Everybody, also who is disabled.
    pub async fn staff(&self) -> Result<Vec<StaffMember>, EngineError> {
        let all = self.store().staff().await?;
        Ok(all.into_iter().map(StaffMember::of).collect())
    }

    /// Gives somebody another password, and ends their sessions.
    pub async fn set_staff_password(&self, login: &str, password: String) -> Result<(), StaffError> {
        check_password(&password)?;
        let update = StaffUpdate::Password(self.hashed(password).await?);
        known(self.store().update_staff(login, update).await?)
    }

    /// Keeps somebody from signing in, and ends their sessions.
    pub async fn disable_staff(&self, login: &str, by: &str) -> Result<(), StaffError> {
        let update = StaffUpdate::Disabled {
            at: self.now(),
            by: by.to_owned(),
        };
        known(self.store().update_staff(login, update).await?)
    }

    /// Lets somebody in, or not. It takes equally long whether or not there is anybody of this name.
    pub async fn sign_in(&self, login: &str, password: String) -> Result<SignIn, EngineError> {
        let now = self.now();
        let hash = hash_of(login);
        let attempt = CountedTry {
            of: hash,
            now,
            window: WINDOW,
            tries_max: TRIES_MAX,
        };
        if let Some(again_at) = self.store().count_try(attempt).await? {
            return Ok(SignIn::Wait(again_at));
        }
        let found = self.store().staff_member(login).await?;
        let known = found.filter(|person| person.disabled.is_none());
        let kept = known.as_ref().map(|person| person.password.clone());
        let fits = password.chars().count() <= PASSWORD_MAX && self.fits(password, kept).await?;
        let Some(person) = known.filter(|_| fits) else {
            return Ok(SignIn::Wrong);
        };
        let secret = hex::encode(self.parts.ids.secret());
        let until = now.checked_add(SESSION).unwrap_or(Timestamp::MAX);
        let session = StaffSessionRow {
            hash: hash_of(&secret),
            staff: person.id,
            created_at: now,
            expires_at: until,
        };
        self.store().keep_staff_session(session, hash).await?;
        Ok(SignIn::Done { secret, until })
    }

    /// Who is signed in with this secret, while the session goes on.
    pub async fn staff_on_duty(&self, secret: &str) -> Result<Option<StaffMember>, EngineError> {
        let found = self.store().staff_session(hash_of(secret)).await?;
        let now = self.now();
        Ok(found
            .filter(|(session, person)| now < session.expires_at && person.disabled.is_none())
            .map(|(_, person)| StaffMember::of(person)))
    }

    /// Ends the session of this secret.
    pub async fn sign_out(&self, secret: &str) -> Result<(), EngineError> {
        Ok(self.store().end_staff_session(hash_of(secret)).await?)
    }

    async fn hashed(&self, password: String) -> Result<String, EngineError> {
        let salt = self.parts.ids.secret();
        self.hashing(move || password::hash(&password, &salt)).await?
    }

    /// Whether a password is the one that is kept. Where nothing is kept, as much is reckoned.
    async fn fits(&self, password: String, kept: Option<String>) -> Result<bool, EngineError> {
        self.hashing(move || password::fits(&password, kept.as_deref()))
            .await
    }

    /// Reckons beside those who wait for nothing but the network.
    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        // It is never closed. The place is held until the work is done, also when nobody waits for it any more: else whoever hangs up
        // at once could have any number of passwords hashed at the same time.
        let place = self.hashing.0.clone().acquire_owned().await.ok();
        let held = move || {
            let _place = place;
            work()
        };
        let broken = |_| StoreError::Unavailable("a password could not be hashed".to_owned());
        Ok(tokio::task::spawn_blocking(held).await.map_err(broken)?)
    }
}

fn known(is_known: bool) -> Result<(), StaffError> {
    is_known.then_some(()).ok_or(StaffError::Nobody)
}

fn check_login(login: &str) -> Result<(), StaffError> {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    let fits = (1..=LOGIN_MAX).contains(&login.len()) && login.bytes().all(plain);
    fits.then_some(()).ok_or(StaffError::Login)
}

fn check_password(password: &str) -> Result<(), StaffError> {
    let fits = (PASSWORD_MIN..=PASSWORD_MAX).contains(&password.chars().count());
    fits.then_some(()).ok_or(StaffError::Password)
}

pub(super) fn hash_of(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_address_and_a_password_no_word() {
        assert!(check_login("agent-7").is_ok() && check_login("ana.s").is_ok());
        for bad in ["", "Ana", "ana@example.com", "ana souza", &"a".repeat(41)] {
            assert!(matches!(check_login(bad), Err(StaffError::Login)), "{bad}");
        }
        assert!(check_password("a long sentence").is_ok());
        assert!(check_password("fourteen chars").is_err());
        assert!(check_password(&"x".repeat(PASSWORD_MAX + 1)).is_err());
    }
}
