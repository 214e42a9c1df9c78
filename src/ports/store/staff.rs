//! What the console keeps: who works there, who is signed in, and what support has done.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Departure, NamedAccount, StoreResult, Written};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::domain::change::{ChangeId, Reference};

/// The most people that an installation has at its console, those who have left included.
pub const STAFF_MAX: u32 = 1000;

/// What somebody may do at the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffRole {
    /// Reads, and acts on changes.
    Agent,
    /// The same; adds and disables staff, and erases people's data.
    Lead,
}

impl StaffRole {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Agent, Self::Lead];

    /// The word itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Lead => "lead",
        }
    }
}

/// Somebody who works at the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Their id.
    pub id: Uuid,
    /// The name that they sign in with, and that histories know them by. No real name, and no mail address.
    pub login: String,
    /// What they may do.
    pub role: StaffRole,
    /// The one seller whose customers they see; those of all where none is named.
    pub seller: Option<SellerId>,
    /// Their password, as a PHC string of its hash.
    pub password: String,
    /// Who added them.
    pub added_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When they were disabled, and by whom.
    pub disabled: Option<(Timestamp, String)>,
}

/// What becomes of somebody's entry. Every session of theirs ends with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffUpdate {
    /// Another password, as a PHC string.
    Password(String),
    /// They can no longer sign in.
    Disabled {
        /// When.
        at: Timestamp,
        /// By whom.
        by: String,
    },
}

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSessionRow {
    /// A hash of the secret in their cookie.
    pub hash: [u8; 32],
    /// Who.
    pub staff: Uuid,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Something that may not be done any number of times: an attempt to sign in, or the opening of a mailed link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedTry {
    /// A hash of what is counted: the name that was typed, or the link's change.
    pub of: [u8; 32],
    /// When.
    pub now: Timestamp,
    /// Over which time tries are counted, from the first. The same for all: what is older is forgotten with any of them.
    pub window: SignedDuration,
    /// How many there may be in it.
    pub tries_max: u32,
}

/// Which lines of what support has done to list: the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActsAsk {
    /// Of changes of this seller.
    pub seller: Option<SellerId>,
    /// By this person alone.
    pub by: Option<String>,
    /// Those before this one.
    pub before: Option<(Timestamp, ChangeId, u64)>,
    /// At most how many; the store takes at most 200.
    pub limit: u32,
}

/// A line of a change's history that support has brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    /// Of which change.
    pub change: ChangeId,
    /// Its name between people.
    pub reference: Reference,
    /// Whose it is.
    pub seller: SellerId,
    /// Which line of its history.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What the line says.
    pub content: Vec<u8>,
}

/// Somebody's order to erase a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedRow {
    /// Whose data it was.
    pub account: AccountId,
    /// Of which seller.
    pub seller: SellerId,
    /// When.
    pub at: Timestamp,
    /// Who ordered it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What is durable about the console. It is part of every [`Store`](super::Store).
pub trait StaffStore: Send + Sync {
    /// Adds somebody. [`Written::Stale`] when the name is taken, or there are [`STAFF_MAX`] already.
    fn add_staff(&self, staff: StaffRow) -> BoxFuture<'_, StoreResult<Written>>;

    /// Changes somebody's entry, and ends their sessions. `false` when there is no such person.
    fn update_staff(&self, login: &str, update: StaffUpdate) -> BoxFuture<'_, StoreResult<bool>>;

    /// Everybody, also who is disabled, in the order of their names.
    fn staff(&self) -> BoxFuture<'_, StoreResult<Vec<StaffRow>>>;

    /// Somebody, by name.
    fn staff_member(&self, login: &str) -> BoxFuture<'_, StoreResult<Option<StaffRow>>>;

    /// Counts a try, before it is known what it comes to. From when on another one may be made, where there were too many: this one may
    /// not be.
    fn count_try(&self, attempt: CountedTry) -> BoxFuture<'_, StoreResult<Option<Timestamp>>>;

    /// Keeps a session, forgets the attempts under this hash of its person's name, and lets some sessions go that have ended.
    fn keep_staff_session(&self, session: StaffSessionRow, login: [u8; 32])
    -> BoxFuture<'_, StoreResult<()>>;

    /// Reads a session with its person, also one that has ended and is still there.
    fn staff_session(
        &self,
        hash: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<Option<(StaffSessionRow, StaffRow)>>>;

    /// Ends a session.
    fn end_staff_session(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<()>>;

    /// What support has done to changes, the newest first.
    fn support_acts(&self, ask: ActsAsk) -> BoxFuture<'_, StoreResult<Vec<ActRow>>>;

    /// The newest orders to erase a person's data, of this seller's customers or of all; at most 200.
    fn erased(&self, seller: Option<&SellerId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ErasedRow>>>;

    /// Accounts by their id or that of a contract, or by a word: the mail address, the seller's own id, the provider's customer or
    /// subscription, a webhook that was kept, or what such a webhook is about. At most 20, oldest first.
    fn find_accounts(
        &self,
        name: super::Name,
        seller: Option<&SellerId>,
    ) -> BoxFuture<'_, StoreResult<Vec<NamedAccount>>>;

    /// The newest mails to an account about nothing that a change has done, such as its wallet or its limits; the newest first, at most
    /// 200.
    fn account_mails(&self, account: AccountId, limit: u32) -> BoxFuture<'_, StoreResult<Vec<Departure>>>;
}
