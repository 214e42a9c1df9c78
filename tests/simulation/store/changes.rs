//! Decisions: the one write in which everything about a change moves together.

use std::sync::Arc;

use changeover::domain::account::ContractId;
use changeover::domain::change::ChangeId;
use changeover::ports::store::{
    ChangeRow, ClientRequest, ContractRecord, Grounds, JournalEntry, PageAsk, Record, Situation, StoreError,
    StoreResult, Subject, Written,
};

use super::tables::{Tables, write};
use super::{Decided, Outcome, Rules, Undo, damaged};

type Step = Result<(), Undo<Written>>;
type Head = (u64, [u8; 32]);

/// Adds lines, each of which must follow the one before.
pub(super) fn append(
    lines: &mut Vec<Arc<JournalEntry>>,
    mut head: Head,
    entries: &[JournalEntry],
    table: &str,
) -> StoreResult<Head> {
    for entry in entries {
        if entry.seq != head.0 + 1 {
            return Err(StoreError::Damaged(format!("{table}.seq")));
        }
        if entry.previous != head.1 {
            return Err(StoreError::Damaged(format!("{table}.previous")));
        }
        head = (entry.seq, entry.hash);
        lines.push(Arc::new(entry.clone()));
    }
    Ok(head)
}

impl Tables {
    /// Keeps a request with its answer, or finds that its key was used before.
    pub(super) fn remember(&mut self, request: Option<&ClientRequest>, rules: &Rules) -> Step {
        let Some(request) = request.filter(|_| rules.requests_kept) else {
            return Ok(());
        };
        let key = (request.seller.clone(), request.key.clone());
        if let Some((fingerprint, answer)) = self.requests.get(&key) {
            return Err(Undo::Answer(if *fingerprint == request.fingerprint {
                Written::Replayed(answer.clone())
            } else {
                Written::KeyReused
            }));
        }
        let given = (request.fingerprint, request.answer.clone());
        write(&mut self.requests).insert(key, given);
        Ok(())
    }

    pub(super) fn record(&mut self, record: &Record, rules: &Rules) -> Outcome<Written> {
        if !rules.outbox_inside {
            self.put_outbox(&record.outbox);
        }
        self.remember(record.request.as_ref(), rules)?;
        if let Some(predecessor) = &record.predecessor {
            self.put(predecessor, rules)?;
        }
        if let Some(client) = &record.client {
            self.write_client(client, rules)?;
        }
        self.put(record, rules)?;
        Ok(Written::Done)
    }

    fn put(&mut self, record: &Record, rules: &Rules) -> Step {
        let change = &record.change;
        let subject = Subject::Change(change.id);
        let fenced = record
            .fence
            .is_none_or(|fence| fence.subject == subject && self.holds(fence));
        if rules.fence && !fenced {
            return Err(Undo::Answer(Written::Stale));
        }
        self.move_change(record, rules)?;
        for update in &record.settled {
            match self.advance_effect(update, rules)? {
                Some(of) if of == change.id => {}
                Some(_) => return Err(damaged("effect.change").into()),
                None => return Err(Undo::Answer(Written::Stale)),
            }
        }
        for effect in &record.effects {
            if effect.change != change.id {
                return Err(damaged("effect.change").into());
            }
            self.insert_effect(&change.seller, effect, rules)?;
        }
        self.put_outbox(&record.outbox);
        self.take_up(change.id, &record.taken_up, change.updated_at);
        if let Some(identity) = &record.identity {
            self.give_identity(identity)?;
        }
        self.learn(change.account, &record.account)?;
        if let Some(note) = &record.note {
            Arc::make_mut(&mut self.notes).push(note.clone());
        }
        if let Some(contract) = &record.contract {
            self.replace_contract(contract, rules)?;
        }
        let epoch_before = self.due.get(&subject).map_or(0, |due| due.epoch);
        if record.fence.is_none() && rules.commands_interrupt {
            self.interrupt(subject, change.updated_at);
        }
        match record.held_until {
            Some(until) => self.hold_on(subject, change.machine_version, until, rules),
            None => self.put_due(subject, change.machine_version, record.due_at),
        }
        self.decided.push(Decided {
            subject,
            fence: record.fence,
            epoch_before,
            epoch_after: self.due.get(&subject).map_or(0, |due| due.epoch),
        });
        if let Some(at) = record.contract_look {
            self.wake(Subject::Contract(change.contract), at, rules);
        }
        Ok(())
    }

    fn move_change(&mut self, record: &Record, rules: &Rules) -> Step {
        let change = &record.change;
        let stored = self.changes.get(&change.id);
        let mut head: Head = stored.map_or((0, [0; 32]), |row| (row.version, row.journal_head));
        if head.0 != record.expected_version {
            if rules.compare_and_set || record.expected_version == 0 {
                return Err(Undo::Answer(Written::Stale));
            }
            // The seeded bug: the later writer overwrites what came in between.
            let lines = Arc::make_mut(write(&mut self.journal).entry(change.id).or_default());
            lines.truncate(usize::try_from(record.expected_version).unwrap_or(0));
            head = lines.last().map_or((0, [0; 32]), |line| (line.seq, line.hash));
        }
        let row = match self.changes.get(&change.id) {
            None => {
                let open = self.open_on(change.contract);
                if let Some(other) = open.filter(|_| rules.one_open && change.open) {
                    return Err(Undo::Answer(Written::Blocked(other)));
                }
                let succeeded = change.succeeds.and_then(|over| self.successor(over));
                if succeeded.is_some() && rules.one_successor {
                    return Err(Undo::Answer(Written::Stale));
                }
                self.check_new(change)?;
                change.clone()
            }
            Some(old)
                if !old.open && change.open && rules.one_open && self.open_on(change.contract).is_some() =>
            {
                let other = self.open_on(change.contract);
                return Err(Undo::Answer(Written::Blocked(other.unwrap_or(change.id))));
            }
            // What a change was opened with stays.
            Some(old) => ChangeRow {
                id: old.id,
                reference: old.reference.clone(),
                seller: old.seller.clone(),
                account: old.account,
                contract: old.contract,
                workflow: old.workflow.clone(),
                created_at: old.created_at,
                cancel_url: old.cancel_url.clone(),
                succeeds: old.succeeds,
                ..change.clone()
            },
        };
        let promised = self
            .promised_on(change.contract)
            .filter(|other| *other != change.id);
        if let Some(other) = promised.filter(|_| change.is_promised() && rules.one_open) {
            return Err(Undo::Answer(Written::Blocked(other)));
        }
        write(&mut self.changes).insert(change.id, row);
        let lines = Arc::make_mut(write(&mut self.journal).entry(change.id).or_default());
        let after = append(lines, head, &record.entries, "journal")?;
        if after == (change.version, change.journal_head) {
            Ok(())
        } else {
            Err(damaged("change.journal_head").into())
        }
    }

    fn check_new(&self, change: &ChangeRow) -> StoreResult<()> {
        let known = self.workflows.contains_key(&change.workflow)
            && self.accounts.contains_key(&change.account)
            && self.contracts.contains_key(&change.contract);
        let taken = self
            .changes
            .values()
            .any(|other| other.reference == change.reference);
        if known && !taken {
            Ok(())
        } else {
            Err(damaged("change"))
        }
    }

    /// The change that is open on a contract.
    pub fn open_on(&self, contract: ContractId) -> Option<ChangeId> {
        let mut all = self.changes.values();
        all.find(|change| change.contract == contract && change.open)
            .map(|change| change.id)
    }

    /// The change that is promised for a day on a contract.
    pub fn promised_on(&self, contract: ContractId) -> Option<ChangeId> {
        let mut all = self.changes.values();
        all.find(|change| change.contract == contract && change.is_promised())
            .map(|change| change.id)
    }

    pub(super) fn grounds(&self, contract: ContractId) -> StoreResult<Option<Grounds>> {
        let Some(contract) = self.contracts.get(&contract).cloned() else {
            return Ok(None);
        };
        let account = self.accounts.get(&contract.account);
        Ok(Some(Grounds {
            account: account
                .ok_or_else(|| damaged("contract.account"))?
                .account
                .clone(),
            billing: self.billing(contract.account),
            open: self.open_on(contract.id),
            contract,
        }))
    }

    pub(super) fn situation(&self, change: ChangeId) -> StoreResult<Option<Situation>> {
        let Some(change) = self.changes.get(&change).cloned() else {
            return Ok(None);
        };
        let account = self.accounts.get(&change.account);
        let contract = self.contracts.get(&change.contract);
        Ok(Some(Situation {
            account: account.ok_or_else(|| damaged("change.account"))?.account.clone(),
            billing: self.billing(change.account),
            contract: contract.ok_or_else(|| damaged("change.contract"))?.clone(),
            effects: self.pending_effects(change.id),
            work: self.work(change.id),
            change,
        }))
    }

    /// The change that honours the late money of this one.
    pub fn successor(&self, over: ChangeId) -> Option<ChangeId> {
        let mut all = self.changes.values();
        all.find(|change| change.succeeds == Some(over))
            .map(|change| change.id)
    }

    pub(super) fn changes_of(&self, contract: ContractId, page: PageAsk) -> Vec<ChangeRow> {
        let mut all: Vec<&ChangeRow> = self.changes.values().collect();
        all.retain(|change| change.contract == contract);
        all.sort_by_key(|change| std::cmp::Reverse((change.created_at, change.id)));
        let all: Vec<ChangeRow> = all.into_iter().cloned().collect();
        super::tables::page(&all, page.after, page.limit)
    }

    pub(super) fn record_contract(&mut self, record: &ContractRecord, rules: &Rules) -> Outcome<Written> {
        let contract = &record.contract;
        let subject = Subject::Contract(contract.id);
        let ours = record.fence.subject == subject && self.holds(record.fence);
        let open = self.open_on(contract.id).map(|change| {
            let version = self.changes.get(&change).map_or(0, |row| row.version);
            (change, version)
        });
        let known = self.contracts.get(&contract.id).map(|known| known.version);
        let moved = known != Some(record.seen_at);
        if (rules.fence && !ours)
            || (rules.observed_beside && open != record.beside)
            || (rules.contracts_follow && moved)
        {
            return Err(Undo::Answer(Written::Stale));
        }
        if self.contracts.get(&contract.id) != Some(contract) {
            self.replace_contract(contract, rules)?;
        }
        let lines = Arc::make_mut(write(&mut self.contract_journal).entry(contract.id).or_default());
        let head = lines.last().map_or((0, [0; 32]), |line| (line.seq, line.hash));
        append(lines, head, &record.entries, "contract_journal")?;
        self.put_outbox(&record.outbox);
        self.put_due(subject, 0, record.due_at);
        Ok(Written::Done)
    }
}
