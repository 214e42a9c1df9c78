//! What arrives and what leaves.

use std::sync::Arc;

use changeover::domain::catalog::SellerId;
use changeover::domain::change::ChangeId;
use changeover::ports::store::{
    Channel, Inbound, NewFiscalDocument, OutboxRow, OutboxUpdate, PageAsk, Subject, Written,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::tables::{Outbox, OutboxStatus, Tables, write};
use super::{Outcome, Rules, Undo};

impl Tables {
    /// Adds rows; one whose key is known is skipped.
    pub(super) fn put_outbox(&mut self, rows: &[OutboxRow]) {
        for row in rows {
            if self
                .outbox
                .values()
                .any(|kept| kept.row.dedupe_key == row.dedupe_key)
            {
                continue;
            }
            let position = self.outbox.keys().next_back().map_or(1, |last| last + 1);
            let kept = Outbox {
                row: OutboxRow {
                    attempts: 0,
                    ..row.clone()
                },
                status: if row.leaves {
                    OutboxStatus::Waiting
                } else {
                    OutboxStatus::Sent
                },
                next_try_at: row.leaves.then_some(row.at),
                last_error: None,
            };
            write(&mut self.outbox).insert(position, kept);
        }
    }

    pub(super) fn claim_outbox(
        &mut self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
        rules: &Rules,
    ) -> Vec<OutboxRow> {
        let due = self.outbox.iter().filter_map(|(position, kept)| {
            let at = kept.next_try_at.filter(|at| *at <= now)?;
            Some((at, *position))
        });
        let mut due: Vec<(Timestamp, u64)> = due.collect();
        if due.is_empty() {
            return Vec::new();
        }
        due.sort_unstable();
        due.truncate(limit.min(200) as usize);
        let table = write(&mut self.outbox);
        let mut claimed = Vec::new();
        for (_, position) in due {
            if let Some(kept) = table.get_mut(&position) {
                kept.row.attempts += 1;
                kept.next_try_at = now.checked_add(lease).ok().filter(|_| rules.leases_end);
                claimed.push(kept.row.clone());
                if !rules.outbox_waits {
                    kept.status = OutboxStatus::Sent;
                    kept.next_try_at = None;
                }
            }
        }
        claimed
    }

    pub(super) fn settle_outbox(&mut self, id: Uuid, update: &OutboxUpdate) {
        let Some(kept) = write(&mut self.outbox)
            .values_mut()
            .find(|kept| kept.row.id == id)
        else {
            return;
        };
        let waiting = kept.status == OutboxStatus::Waiting;
        match update {
            OutboxUpdate::Sent => {
                kept.status = OutboxStatus::Sent;
                kept.next_try_at = None;
                kept.last_error = None;
            }
            OutboxUpdate::Again { at, error } if waiting => {
                kept.next_try_at = Some(*at);
                kept.last_error = Some(error.clone());
            }
            OutboxUpdate::GivenUp { error } if waiting => {
                kept.status = OutboxStatus::GivenUp;
                kept.next_try_at = None;
                kept.last_error = Some(error.clone());
            }
            OutboxUpdate::Again { .. } | OutboxUpdate::GivenUp { .. } => {}
        }
    }

    /// Makes rows of a change that were given up due again.
    pub(super) fn take_up(&mut self, change: ChangeId, rows: &[Uuid], at: Timestamp) {
        if rows.is_empty() {
            return;
        }
        let taken = |kept: &&mut Outbox| {
            rows.contains(&kept.row.id)
                && kept.row.entry.is_some_and(|(of, _)| of == change)
                && kept.status == OutboxStatus::GivenUp
        };
        for kept in write(&mut self.outbox).values_mut().filter(taken) {
            kept.status = OutboxStatus::Waiting;
            kept.next_try_at = Some(at);
            kept.row.attempts = 0;
        }
    }

    /// When something must leave next.
    pub fn next_outbox(&self) -> Option<Timestamp> {
        self.outbox.values().filter_map(|kept| kept.next_try_at).min()
    }

    pub(super) fn events(&self, seller: &SellerId, page: PageAsk) -> Vec<(u64, OutboxRow)> {
        let feed = self.outbox.range(page.after.saturating_add(1)..);
        feed.filter(|(_, kept)| kept.row.channel == Channel::Event && kept.row.seller == *seller)
            .take(page.limit.min(200) as usize)
            .map(|(position, kept)| (*position, kept.row.clone()))
            .collect()
    }

    pub(super) fn accept_inbound(&mut self, inbound: Inbound, rules: &Rules) -> Outcome<bool> {
        let key = (inbound.seller.clone(), inbound.event_id.clone());
        if self.inbox.contains_key(&key) {
            return Err(Undo::Answer(false));
        }
        for subject in self.concerned(&inbound) {
            self.wake(subject, inbound.received_at, rules);
        }
        write(&mut self.inbox).insert(key, inbound);
        Ok(true)
    }

    /// The open changes and the contracts of the customer that a webhook is about.
    pub fn concerned(&self, inbound: &Inbound) -> Vec<Subject> {
        let Some(customer) = inbound.customer.as_deref() else {
            return Vec::new();
        };
        let account = self.accounts.values().find(|row| {
            row.account.seller == inbound.seller && row.account.provider_customer.as_deref() == Some(customer)
        });
        let Some(account) = account.map(|row| row.account.id) else {
            return Vec::new();
        };
        let changes = self.changes.values();
        let changes = changes.filter(|change| change.account == account && change.open);
        let contracts = self.contracts.values().filter(|contract| {
            let named = contract.seller == inbound.seller
                && contract.subscription.is_some()
                && contract.subscription == inbound.object;
            contract.account == account || named
        });
        changes
            .map(|change| Subject::Change(change.id))
            .chain(contracts.map(|contract| Subject::Contract(contract.id)))
            .collect()
    }

    pub(super) fn add_document(&mut self, new: &NewFiscalDocument, rules: &Rules) -> Outcome<Written> {
        self.remember(new.request.as_ref(), rules)?;
        let document = &new.document;
        let mut kept = self.documents.iter();
        let same = kept.find(|kept| kept.change == document.change && kept.number == document.number);
        match same {
            Some(kept) if kept.id == document.id => return Ok(Written::Done),
            Some(_) => return Err(Undo::Answer(Written::Stale)),
            None => {}
        }
        Arc::make_mut(&mut self.documents).push(document.clone());
        self.put_outbox(&new.outbox);
        Ok(Written::Done)
    }
}
