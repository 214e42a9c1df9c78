//! Taking a person's data out of what is kept.

use std::sync::Arc;

use changeover::domain::account::AccountId;
use changeover::domain::change::ChangeId;
use changeover::ports::store::{
    ClientAnswer, ERASED_ANSWER, EffectStatus, ErasedRow, Erasure, Traces, Written,
};

use super::tables::{Tables, write};
use super::{Outcome, Undo};

impl Tables {
    pub(super) fn traces(&self, account: AccountId) -> Option<Traces> {
        let row = self.accounts.get(&account)?;
        let is_theirs =
            |change: &ChangeId| self.changes.get(change).is_some_and(|row| row.account == account);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let theirs = || self.changes.values().filter(|row| row.account == account);
        let live = |change: ChangeId| {
            let on_its_way = |status| matches!(status, EffectStatus::Intent | EffectStatus::Unknown);
            self.effects
                .iter()
                .any(|effect| effect.row.change == change && on_its_way(effect.row.status))
        };
        let names = |body: &[u8]| {
            let id = account.to_string();
            body.windows(id.len()).any(|part| part == id.as_bytes())
        };
        Some(Traces {
            named: !row.account.name.is_empty() || !row.account.email.is_empty() || row.external_id.is_some(),
            identities: count(self.identities.values().filter(|(of, ..)| *of == account).count()),
            requests: count(
                self.effects
                    .iter()
                    .filter(|effect| is_theirs(&effect.row.change) && !effect.row.request.is_empty())
                    .count(),
            ),
            answers: count(
                self.requests
                    .iter()
                    .filter(|((seller, _), (_, answer))| {
                        *seller == row.account.seller
                            && answer.status != ERASED_ANSWER.0
                            && names(&answer.body)
                    })
                    .count(),
            ),
            responsible: count(
                self.contracts
                    .values()
                    .filter(|contract| contract.account == account && contract.responsible.is_some())
                    .count(),
            ),
            links: count(
                theirs()
                    .filter(|row| row.return_url.is_some() || row.cancel_url.is_some())
                    .count()
                    + self
                        .documents
                        .iter()
                        .filter(|document| is_theirs(&document.change) && document.url.is_some())
                        .count(),
            ),
            under_way: theirs()
                .find(|row| row.open || row.is_promised() || live(row.id))
                .map(|row| row.id),
            erased_at: self.erasures.get(&account).copied(),
        })
    }

    pub(super) fn erase(&mut self, erasure: &Erasure) -> Outcome<Written> {
        let account = erasure.account;
        match self.traces(account) {
            None => return Err(Undo::Answer(Written::Stale)),
            Some(Traces {
                under_way: Some(change),
                ..
            }) => return Err(Undo::Answer(Written::Blocked(change))),
            Some(_) => {}
        }
        let id = account.to_string();
        let Some(row) = write(&mut self.accounts).get_mut(&account) else {
            return Err(Undo::Answer(Written::Stale));
        };
        let seller = row.account.seller.clone();
        row.account.name.clear();
        row.account.email.clear();
        row.external_id = None;
        row.identity = None;
        row.saved_hash = None;
        row.saved_tax_id = None;
        write(&mut self.identities).retain(|_, (of, ..)| *of != account);
        let changes: Vec<ChangeId> = self
            .changes
            .values()
            .filter(|row| row.account == account)
            .map(|row| row.id)
            .collect();
        for row in write(&mut self.changes)
            .values_mut()
            .filter(|row| row.account == account)
        {
            row.return_url = None;
            row.cancel_url = None;
        }
        self.forget_what_changes_say(&changes);
        write(&mut self.page_sessions).retain(|_, session| session.account != account);
        for contract in write(&mut self.contracts)
            .values_mut()
            .filter(|contract| contract.account == account)
        {
            contract.responsible = None;
        }
        let (status, body) = ERASED_ANSWER;
        for ((of, _), (_, answer)) in write(&mut self.requests).iter_mut() {
            if *of == seller && answer.body.windows(id.len()).any(|part| part == id.as_bytes()) {
                *answer = ClientAnswer {
                    status,
                    body: body.to_vec(),
                };
            }
        }
        if !self.erasures.contains_key(&account) {
            write(&mut self.erasures).insert(account, erasure.at);
            Arc::make_mut(&mut self.erasure_orders).push(ErasedRow {
                account,
                seller,
                at: erasure.at,
                by: erasure.by.clone(),
                why: erasure.why.clone(),
            });
        }
        Ok(Written::Done)
    }

    fn forget_what_changes_say(&mut self, changes: &[ChangeId]) {
        for effect in Arc::make_mut(&mut self.effects)
            .iter_mut()
            .filter(|effect| changes.contains(&effect.row.change))
        {
            effect.row.request.clear();
        }
        for document in Arc::make_mut(&mut self.documents)
            .iter_mut()
            .filter(|document| changes.contains(&document.change))
        {
            document.url = None;
        }
        for note in Arc::make_mut(&mut self.notes)
            .iter_mut()
            .filter(|note| changes.contains(&note.change))
        {
            note.data = None;
        }
    }
}
