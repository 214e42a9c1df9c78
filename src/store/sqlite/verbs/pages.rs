//! The verbs about the hosted pages.

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::super::{SqliteStore, pages};
use crate::ports::store::{PageSessionRow, PageStore, StoreResult};

impl PageStore for SqliteStore {
    fn keep_page_session(&self, session: PageSessionRow) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| Box::pin(async move { pages::keep(connection, &session).await }))
    }

    fn page_session(&self, id: Uuid) -> BoxFuture<'_, StoreResult<Option<PageSessionRow>>> {
        self.glance(move |connection| Box::pin(pages::find(connection, id)))
    }

    fn own_secret(&self, name: &'static str, proposed: [u8; 32]) -> BoxFuture<'_, StoreResult<[u8; 32]>> {
        self.write(move |connection| Box::pin(pages::secret(connection, name, proposed)))
    }
}
