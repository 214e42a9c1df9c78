//! What the hosted pages keep: who is there, and the secret that their links are signed with.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use super::StoreResult;
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;

/// Somebody who came to the hosted pages, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSessionRow {
    /// Its id. It is in addresses, and opens nothing by itself.
    pub id: Uuid,
    /// Whose pages they are.
    pub seller: SellerId,
    /// Whose account is shown.
    pub account: AccountId,
    /// Everything else, as the engine writes it.
    pub content: Vec<u8>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

/// What is durable about the hosted pages. It is part of every [`Store`](super::Store).
pub trait PageStore: Send + Sync {
    /// Keeps a session as it is from now on, new or not, and lets some go that had ended before it began.
    fn keep_page_session(&self, session: PageSessionRow) -> BoxFuture<'_, StoreResult<()>>;

    /// Reads a session, also one that has ended and is still there.
    fn page_session(&self, id: Uuid) -> BoxFuture<'_, StoreResult<Option<PageSessionRow>>>;

    /// The secret that goes by this name; `proposed`, from now on, where there was none. All nodes get the same.
    fn own_secret(&self, name: &'static str, proposed: [u8; 32]) -> BoxFuture<'_, StoreResult<[u8; 32]>>;
}
