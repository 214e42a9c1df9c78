//! What support looks for, and what is counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use changeover::domain::account::AccountId;
use changeover::domain::catalog::SellerId;
use changeover::domain::change::{ChangeId, machine_version};
use changeover::ports::store::{
    ActRow, ActsAsk, Census, ChangeRow, Channel, Concern, Departed, Departure, Dossier, Inbound, InboundLine,
    JournalEntry, Name, NamedAccount, Search, Situation, StoreResult, Subject,
};
use jiff::Timestamp;

use super::tables::{AccountRow, Outbox, OutboxStatus, Tables};

/// The most that one list gives.
const PAGE_MAX: usize = 200;

impl Tables {
    /// Counts. What should have been done before `late` is late.
    pub(super) fn census(&self, late: Timestamp) -> Census {
        let mut census = Census::default();
        for change in self.changes.values().filter(|change| change.open) {
            *census.open.entry(change.stage_name.clone()).or_default() += 1;
            census.of_a_newer_machine += u64::from(change.machine_version > machine_version());
        }
        let overdue = self
            .due
            .values()
            .filter(|due| due.machine_version <= machine_version() && due.at.is_some_and(|at| at <= late));
        census.overdue = overdue.count() as u64;
        let outbox = || self.outbox.values();
        let waits = outbox().filter(|kept| kept.next_try_at.is_some_and(|at| at <= late));
        census.outbox_late = waits.count() as u64;
        let given_up = outbox().filter(|kept| kept.status == OutboxStatus::GivenUp);
        census.outbox_given_up = given_up.count() as u64;
        census
    }

    /// Changes for support, in the order of their making.
    pub(super) fn find_changes(&self, search: &Search) -> Vec<ChangeRow> {
        let concerned = search
            .concern
            .map(|concern| self.of_concern(concern, search.or_waiting));
        let fits = |change: &&ChangeRow| {
            Some(change.id) > search.after
                && search
                    .seller
                    .as_ref()
                    .is_none_or(|seller| *seller == change.seller)
                && search.stage.as_ref().is_none_or(|stage| is_in(change, stage))
                && search
                    .unmoved_since
                    .is_none_or(|since| change.updated_at <= since)
                && search
                    .finding
                    .as_ref()
                    .is_none_or(|name| self.is_named(change, name))
                && concerned.as_ref().is_none_or(|ids| ids.contains(&change.id))
        };
        let found = self.changes.values().filter(fits);
        found.take(search.limit.min(200) as usize).cloned().collect()
    }

    fn is_named(&self, change: &ChangeRow, name: &Name) -> bool {
        let of_an_effect = |same: &dyn Fn(&super::effects::Effect) -> bool| {
            let mut effects = self.effects.iter();
            effects.any(|effect| effect.row.change == change.id && same(effect))
        };
        match name {
            Name::Id(id) => {
                change.id.0 == *id
                    || change.account.0 == *id
                    || change.contract.0 == *id
                    || of_an_effect(&|effect| effect.row.id.0 == *id)
            }
            Name::Word(word) => {
                let account = self.accounts.get(&change.account);
                let is_the_accounts = account.is_some_and(|row| is_called(row, word));
                let contract = self.contracts.get(&change.contract);
                let subscription = contract.and_then(|contract| contract.subscription.as_ref());
                change.reference.0 == *word
                    || change.invoice.as_ref() == Some(word)
                    || change.payment_intent.as_ref() == Some(word)
                    || is_the_accounts
                    || subscription == Some(word)
                    || of_an_effect(&|effect| effect.row.key == *word)
                    || self
                        .named_by(word)
                        .any(|inbound| self.may_be_about(inbound, change))
            }
        }
    }

    /// Webhooks by their own id, or by that of what they are about.
    fn named_by<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a Inbound> {
        let all = self.inbox.values();
        all.filter(move |inbound| inbound.event_id == word || inbound.object.as_deref() == Some(word))
    }

    /// Where it speaks of something that a change or a contract has, it is about that; else about whatever its customer had opened.
    fn may_be_about(&self, inbound: &Inbound, change: &ChangeRow) -> bool {
        let spoken_of = |change: &ChangeRow| {
            let contract = self.contracts.get(&change.contract);
            inbound.object.is_some()
                && (change.invoice == inbound.object
                    || change.payment_intent == inbound.object
                    || contract.is_some_and(|contract| contract.subscription == inbound.object))
        };
        let mut contracts = self.contracts.values();
        let of_a_contract =
            inbound.object.is_some() && contracts.any(|contract| contract.subscription == inbound.object);
        if of_a_contract || self.changes.values().any(spoken_of) {
            return inbound.seller == change.seller && spoken_of(change);
        }
        let account = self.accounts.get(&change.account);
        inbound.seller == change.seller
            && inbound.customer.is_some()
            && account.is_some_and(|row| row.account.provider_customer == inbound.customer)
            && change.created_at <= inbound.received_at
    }

    /// Accounts by what names them, oldest first.
    pub(super) fn find_accounts(&self, name: &Name, seller: Option<&SellerId>) -> Vec<NamedAccount> {
        let by_contract = |row: &AccountRow| {
            let mut contracts = self.contracts.values();
            contracts.any(|contract| {
                contract.account == row.account.id
                    && match name {
                        Name::Id(id) => contract.id.0 == *id,
                        Name::Word(word) => contract.subscription.as_ref() == Some(word),
                    }
            })
        };
        let fits = |row: &&AccountRow| {
            let itself = match name {
                Name::Id(id) => row.account.id.0 == *id,
                Name::Word(word) => {
                    is_called(row, word)
                        || self.named_by(word).any(|inbound| {
                            inbound.seller == row.account.seller
                                && inbound.customer.is_some()
                                && inbound.customer == row.account.provider_customer
                        })
                }
            };
            (itself || by_contract(row)) && seller.is_none_or(|seller| *seller == row.account.seller)
        };
        let found = self.accounts.values().filter(fits).take(20);
        found
            .map(|row| (row.account.clone(), row.external_id.clone()))
            .collect()
    }

    /// Mails to an account about nothing that a change has done, the newest first.
    pub(super) fn account_mails(&self, account: AccountId, limit: u32) -> Vec<Departure> {
        let mails = self.outbox.values().filter(|kept| {
            kept.row.account == account && kept.row.channel == Channel::Mail && kept.row.entry.is_none()
        });
        let mut mails: Vec<Departure> = mails.map(departure).collect();
        mails.reverse();
        mails.truncate(limit.min(200) as usize);
        mails
    }

    /// What support has done, the newest first.
    pub(super) fn support_acts(&self, ask: &ActsAsk) -> Vec<ActRow> {
        let holds = |content: &[u8], part: &[u8]| content.windows(part.len()).any(|here| here == part);
        let by = ask.by.as_ref().map(|by| format!("\"subject\":\"{by}\""));
        let mut acts = Vec::new();
        for (change, lines) in self.journal.iter() {
            let Some(row) = self.changes.get(change) else {
                continue;
            };
            let fits = |line: &&Arc<JournalEntry>| {
                holds(&line.content, b"\"party\":\"support\"")
                    && by.as_ref().is_none_or(|by| holds(&line.content, by.as_bytes()))
                    && ask.seller.as_ref().is_none_or(|seller| *seller == row.seller)
                    && ask
                        .before
                        .is_none_or(|before| (line.at, *change, line.seq) < before)
            };
            acts.extend(lines.iter().filter(fits).map(|line| ActRow {
                change: *change,
                reference: row.reference.clone(),
                seller: row.seller.clone(),
                seq: line.seq,
                at: line.at,
                content: line.content.clone(),
            }));
        }
        acts.sort_by_key(|act| std::cmp::Reverse((act.at, act.change, act.seq)));
        acts.truncate(ask.limit.min(200) as usize);
        acts
    }

    /// The changes about which something may be stuck.
    fn of_concern(&self, concern: Concern, or_waiting: bool) -> BTreeSet<ChangeId> {
        let overdue = concern.now.checked_sub(concern.overdue).unwrap_or(Timestamp::MIN);
        let known = self.changes.values().filter(|change| {
            change.concern_at.is_some_and(|at| at <= concern.now)
                || change.machine_version > machine_version()
        });
        let calls = self.effects.iter().filter(|effect| !effect.row.consumed);
        let unsent = self
            .outbox
            .values()
            .filter(|kept| kept.status == OutboxStatus::GivenUp);
        let work = self.due.iter().filter_map(|(subject, due)| match subject {
            Subject::Change(change) if due.failing.is_some() || due.at.is_some_and(|at| at <= overdue) => {
                Some(*change)
            }
            _ => None,
        });
        let found = self.findings.values().flatten().filter_map(|row| row.change);
        let waiting = self.changes.values().filter(|change| {
            or_waiting
                && matches!(
                    change.stage_name.as_str(),
                    "downgrade_ticket.held" | "downgrade_ticket.open"
                )
        });
        known
            .chain(waiting)
            .map(|change| change.id)
            .chain(calls.map(|effect| effect.row.change))
            .chain(unsent.filter_map(|kept| Some(kept.row.entry?.0)))
            .chain(work)
            .chain(found)
            .collect()
    }

    /// All that is kept about a change, but for its history.
    pub fn dossier(&self, change: ChangeId) -> StoreResult<Option<Dossier>> {
        let Some(situation) = self.situation(change)? else {
            return Ok(None);
        };
        let departures = self
            .outbox
            .values()
            .filter(|kept| kept.row.entry.is_some_and(|(of, _)| of == change));
        Ok(Some(Dossier {
            effects: self.effects_of(change, |_| true),
            departures: departures.take(PAGE_MAX).map(departure).collect(),
            inbound: self.heard(&situation),
            situation,
        }))
    }

    /// The newest webhooks about its customer since it was opened, oldest first.
    fn heard(&self, situation: &Situation) -> Vec<InboundLine> {
        let Some(customer) = &situation.account.provider_customer else {
            return Vec::new();
        };
        let about = |inbound: &&Inbound| {
            inbound.seller == situation.change.seller
                && inbound.customer.as_ref() == Some(customer)
                && inbound.received_at >= situation.change.created_at
        };
        let mut heard: Vec<InboundLine> = self.inbox.values().filter(about).map(line).collect();
        heard.sort_by(|one, other| {
            (one.received_at, &one.event_id).cmp(&(other.received_at, &other.event_id))
        });
        heard.split_off(heard.len().saturating_sub(PAGE_MAX))
    }
}

/// Whether a word names this account.
fn is_called(row: &AccountRow, word: &str) -> bool {
    row.account.email.eq_ignore_ascii_case(word)
        || row.external_id.as_deref() == Some(word)
        || row.account.provider_customer.as_deref() == Some(word)
}

fn is_in(change: &ChangeRow, stage: &str) -> bool {
    let rest = change.stage_name.strip_prefix(stage);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn departure(kept: &Outbox) -> Departure {
    Departure {
        row: kept.row.clone(),
        departed: match (kept.status, kept.next_try_at) {
            (OutboxStatus::Sent, _) => Departed::Sent,
            (OutboxStatus::Waiting, at) => Departed::Waiting(at.unwrap_or(Timestamp::MAX)),
            (OutboxStatus::GivenUp, _) => Departed::GivenUp,
        },
        last_error: kept.last_error.clone(),
    }
}

fn line(inbound: &Inbound) -> InboundLine {
    InboundLine {
        event_id: inbound.event_id.clone(),
        event_type: inbound.event_type.clone(),
        object: inbound.object.clone(),
        received_at: inbound.received_at,
    }
}
