//! The verbs about the console.

use changeover::domain::account::AccountId;
use changeover::domain::catalog::SellerId;
use changeover::ports::store::{
    ActRow, ActsAsk, CountedTry, Departure, ErasedRow, Name, NamedAccount, STAFF_MAX, StaffRow,
    StaffSessionRow, StaffStore, StaffUpdate, StoreResult, Written,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::super::carrier::{Carrier, Connection, Verb};
use super::super::tables::write;

impl<C: Carrier> StaffStore for Connection<C> {
    fn add_staff(&self, row: StaffRow) -> BoxFuture<'_, StoreResult<Written>> {
        write!(self, "add_staff", |tables, _rules| {
            if tables.staff.contains_key(&row.login) || tables.staff.len() >= STAFF_MAX as usize {
                return Ok(Written::Stale);
            }
            write(&mut tables.staff).insert(row.login.clone(), row.clone());
            Ok(Written::Done)
        })
    }

    fn update_staff(&self, login: &str, update: StaffUpdate) -> BoxFuture<'_, StoreResult<bool>> {
        let login = login.to_owned();
        write!(self, "update_staff", |tables, _rules| {
            let Some(row) = write(&mut tables.staff).get_mut(&login) else {
                return Ok(false);
            };
            match update {
                StaffUpdate::Password(password) => row.password = password,
                StaffUpdate::Disabled { at, by } => {
                    row.disabled.get_or_insert((at, by));
                }
            }
            let staff = row.id;
            write(&mut tables.staff_sessions).retain(|_, session| session.staff != staff);
            Ok(true)
        })
    }

    fn staff(&self) -> BoxFuture<'_, StoreResult<Vec<StaffRow>>> {
        self.read("staff", |tables| Ok(tables.staff.values().cloned().collect()))
    }

    fn staff_member(&self, login: &str) -> BoxFuture<'_, StoreResult<Option<StaffRow>>> {
        let login = login.to_owned();
        self.read("staff_member", move |tables| {
            Ok(tables.staff.get(&login).cloned())
        })
    }

    fn count_try(&self, attempt: CountedTry) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        write!(self, "count_try", |tables, _rules| {
            let over = attempt.now.checked_sub(attempt.window).unwrap_or(Timestamp::MIN);
            let all = write(&mut tables.sign_ins);
            all.retain(|_, (since, _)| *since > over);
            let (since, tries) = all.entry(attempt.of).or_insert((attempt.now, 0));
            *tries = (*tries + 1).min(attempt.tries_max + 1);
            let again_at = since.checked_add(attempt.window).unwrap_or(Timestamp::MAX);
            Ok((*tries > attempt.tries_max).then_some(again_at))
        })
    }

    fn keep_staff_session(
        &self,
        session: StaffSessionRow,
        login: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<()>> {
        write!(self, "keep_staff_session", |tables, _rules| {
            write(&mut tables.sign_ins).remove(&login);
            let sessions = write(&mut tables.staff_sessions);
            sessions.retain(|_, kept| kept.expires_at >= session.created_at);
            sessions.insert(session.hash, session.clone());
            Ok(())
        })
    }

    fn staff_session(
        &self,
        hash: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<Option<(StaffSessionRow, StaffRow)>>> {
        self.read("staff_session", move |tables| {
            let session = tables.staff_sessions.get(&hash);
            Ok(session.and_then(|session| {
                let mut all = tables.staff.values();
                let person = all.find(|person| person.id == session.staff)?;
                Some((session.clone(), person.clone()))
            }))
        })
    }

    fn end_staff_session(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<()>> {
        write!(self, "end_staff_session", |tables, _rules| {
            write(&mut tables.staff_sessions).remove(&hash);
            Ok(())
        })
    }

    fn support_acts(&self, ask: ActsAsk) -> BoxFuture<'_, StoreResult<Vec<ActRow>>> {
        self.read("support_acts", move |tables| Ok(tables.support_acts(&ask)))
    }

    fn erased(&self, seller: Option<&SellerId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ErasedRow>>> {
        let seller = seller.cloned();
        self.read("erased", move |tables| {
            let mut all: Vec<ErasedRow> = { tables.erasure_orders.iter() }
                .filter(|row| seller.as_ref().is_none_or(|seller| *seller == row.seller))
                .cloned()
                .collect();
            all.sort_by(|one, other| (other.at, one.account).cmp(&(one.at, other.account)));
            all.truncate(limit.min(200) as usize);
            Ok(all)
        })
    }

    fn find_accounts(
        &self,
        name: Name,
        seller: Option<&SellerId>,
    ) -> BoxFuture<'_, StoreResult<Vec<NamedAccount>>> {
        let seller = seller.cloned();
        self.read("find_accounts", move |tables| {
            Ok(tables.find_accounts(&name, seller.as_ref()))
        })
    }

    fn account_mails(&self, account: AccountId, limit: u32) -> BoxFuture<'_, StoreResult<Vec<Departure>>> {
        self.read("account_mails", move |tables| {
            Ok(tables.account_mails(account, limit))
        })
    }
}
