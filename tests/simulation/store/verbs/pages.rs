//! The verbs about the hosted pages.

use changeover::ports::store::{PageSessionRow, PageStore, StoreResult};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::super::carrier::{Carrier, Connection, Verb};
use super::super::tables::write;

impl<C: Carrier> PageStore for Connection<C> {
    fn keep_page_session(&self, session: PageSessionRow) -> BoxFuture<'_, StoreResult<()>> {
        write!(self, "keep_page_session", |tables, _rules| {
            let sessions = write(&mut tables.page_sessions);
            sessions.retain(|_, kept| kept.expires_at >= session.created_at);
            sessions.insert(session.id, session.clone());
            Ok(())
        })
    }

    fn page_session(&self, id: Uuid) -> BoxFuture<'_, StoreResult<Option<PageSessionRow>>> {
        self.read("page_session", move |tables| {
            Ok(tables.page_sessions.get(&id).cloned())
        })
    }

    fn own_secret(&self, name: &'static str, proposed: [u8; 32]) -> BoxFuture<'_, StoreResult<[u8; 32]>> {
        write!(self, "own_secret", |tables, _rules| {
            Ok(*write(&mut tables.own_secrets).entry(name).or_insert(proposed))
        })
    }
}
