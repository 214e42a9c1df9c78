//! The verbs about the hosted pages.

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::super::{PostgresStore, pages};
use crate::ports::store::{PageSessionRow, PageStore, StoreResult};

impl PageStore for PostgresStore {
    fn keep_page_session(&self, session: PageSessionRow) -> BoxFuture<'_, StoreResult<()>> {
        self.ask(session, |pool, asked| Box::pin(pages::keep(pool, asked)))
    }

    fn page_session(&self, id: Uuid) -> BoxFuture<'_, StoreResult<Option<PageSessionRow>>> {
        self.ask(id, |pool, asked| Box::pin(pages::find(pool, asked)))
    }

    fn own_secret(&self, name: &'static str, proposed: [u8; 32]) -> BoxFuture<'_, StoreResult<[u8; 32]>> {
        self.ask((name, proposed), |pool, asked| {
            Box::pin(pages::secret(pool, asked))
        })
    }
}
