//! Orders about an account's cards, and the history of its wallet.

use changeover::domain::account::AccountId;
use changeover::domain::catalog::SellerId;
use changeover::ports::store::{CardOrderRecord, CardOrderRow, JournalEntry, PageAsk, Written};
use jiff::{SignedDuration, Timestamp};

use super::tables::{Tables, page, write};
use super::{Outcome, Rules, Undo};

impl Tables {
    pub(super) fn record_card_order(&mut self, record: &CardOrderRecord, rules: &Rules) -> Outcome<Written> {
        self.remember(record.request.as_ref(), rules)?;
        let order = &record.order;
        let stored = self.card_orders.get(&order.id).map(|row| row.version);
        if stored.unwrap_or(0) != record.expected_version {
            return Err(Undo::Answer(Written::Stale));
        }
        let busy = |row: &CardOrderRow| row.account == order.account && row.open && row.alone;
        if stored.is_none() && order.alone && self.card_orders.values().any(busy) {
            return Err(Undo::Answer(Written::CustomerBusy));
        }
        let lines = write(&mut self.card_journal).entry(order.account).or_default();
        let last = lines.last().map_or(0, |entry| entry.seq);
        if record.entries.first().is_some_and(|first| first.seq != last + 1) {
            return Err(Undo::Answer(Written::Stale));
        }
        lines.extend(record.entries.iter().cloned());
        write(&mut self.card_orders).insert(order.id, order.clone());
        self.put_outbox(&record.outbox);
        Ok(Written::Done)
    }

    pub(super) fn claim_card_orders(
        &mut self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Vec<CardOrderRow> {
        let due = self.card_orders.values().filter_map(|row| {
            let at = row.next_try_at.filter(|at| *at <= now)?;
            Some((at, row.id))
        });
        let mut due: Vec<_> = due.collect();
        due.sort_unstable();
        let table = write(&mut self.card_orders);
        let mut claimed = Vec::new();
        for (_, id) in due.into_iter().take(limit as usize) {
            if let Some(row) = table.get_mut(&id) {
                row.version += 1;
                row.next_try_at = now.checked_add(lease).ok();
                claimed.push(row.clone());
            }
        }
        claimed
    }

    pub(super) fn next_card_order(&self) -> Option<Timestamp> {
        self.card_orders.values().filter_map(|row| row.next_try_at).min()
    }

    pub(super) fn open_card_orders(&self, account: AccountId) -> Vec<CardOrderRow> {
        let open = self
            .card_orders
            .values()
            .filter(|row| row.account == account && row.open);
        let mut open: Vec<CardOrderRow> = open.cloned().collect();
        open.sort_by_key(|row| (row.at, row.id));
        open
    }

    pub(super) fn wake_card_orders(&mut self, seller: &SellerId, customer: &str, now: Timestamp) {
        let accounts = self.accounts.values().filter(|row| {
            row.account.seller == *seller && row.account.provider_customer.as_deref() == Some(customer)
        });
        let theirs: Vec<AccountId> = accounts.map(|row| row.account.id).collect();
        for row in write(&mut self.card_orders).values_mut() {
            let waits = row.open && !row.alone && row.next_try_at.is_some_and(|at| at > now);
            if waits && theirs.contains(&row.account) {
                row.next_try_at = Some(now);
            }
        }
    }

    pub(super) fn card_history(&self, account: AccountId, ask: PageAsk) -> Vec<JournalEntry> {
        self.card_journal
            .get(&account)
            .map(|lines| page(lines, ask.after, ask.limit))
            .unwrap_or_default()
    }
}
