//! Gathering both sides: what was written here, and what the provider holds of the account's customer.

use std::collections::{BTreeMap, BTreeSet};

use super::HORIZON;
use crate::domain::account::Contract;
use crate::domain::change::{Call, ChangeId, Deal, Payment, Stage, read_stage};
use crate::domain::reconcile::{Holdings, KnownCall, KnownCallState, KnownChange, Local, SeenMarks};
use crate::engine::{Engine, EngineError, HistoryEntry};
use crate::ports::store::{EffectStatus, PageAsk, Situation};

/// Both sides of one contract, and what is needed to go on from them.
pub(super) struct Gathered {
    pub(super) contract: Contract,
    customer: String,
    elsewhere: BTreeSet<String>,
    changes_elsewhere: BTreeSet<ChangeId>,
    changes: Vec<KnownChange>,
    /// The changes as they were read: repairs are written on these versions, or not at all.
    pub(super) situations: BTreeMap<ChangeId, Situation>,
    pub(super) holdings: Holdings,
}

impl Gathered {
    /// Our side, as the plan looks at it.
    pub(super) fn local(&self) -> Local<'_> {
        Local {
            contract: &self.contract,
            customer: &self.customer,
            elsewhere: self.elsewhere.clone(),
            changes_elsewhere: self.changes_elsewhere.clone(),
            changes: self.changes.clone(),
        }
    }
}

impl Engine {
    /// Reads our side first, then the provider's: what happens between is seen as the provider being ahead, and a repair of
    /// it fails on the version that has moved. Nothing where there is no customer at the provider.
    pub(super) async fn gather(&self, contract: &Contract) -> Result<Option<Gathered>, EngineError> {
        let account = self.account_of(contract.payer(), &contract.seller).await?;
        let Some(customer) = account.provider_customer else {
            return Ok(None);
        };
        let now = self.now();
        let since = now.checked_sub(HORIZON).unwrap_or(now);
        let mut gathered = Gathered {
            contract: contract.clone(),
            customer: customer.clone(),
            elsewhere: BTreeSet::new(),
            changes_elsewhere: BTreeSet::new(),
            changes: Vec::new(),
            situations: BTreeMap::new(),
            holdings: Holdings::default(),
        };
        let newest = PageAsk { after: 0, limit: 200 };
        let rows = self.store().changes_of(contract.id, newest).await?;
        for row in rows
            .iter()
            .filter(|row| row.open || row.is_promised() || row.updated_at >= since)
        {
            if let Some(situation) = self.store().situation(row.id).await? {
                gathered.changes.push(self.known(&situation).await?);
                gathered.situations.insert(row.id, situation);
            }
        }
        let payments = &self.sellers().get(&contract.seller)?.payments;
        gathered.holdings = payments.holdings(&customer, since).await?;
        for named in named_by(&gathered.holdings) {
            if gathered.situations.contains_key(&named) {
                continue;
            }
            let Some(situation) = self.store().situation(named).await? else {
                continue;
            };
            if situation.change.contract == contract.id {
                gathered.changes.push(self.known(&situation).await?);
                gathered.situations.insert(named, situation);
            } else {
                gathered.changes_elsewhere.insert(named);
            }
        }
        // Contracts last: a change that was read as done has switched its contract, and what it bought is seen to be held.
        for other in self.store().contracts_of(contract.account).await? {
            if other.id == contract.id {
                gathered.contract = other;
            } else {
                gathered.elsewhere.extend(other.subscription);
            }
        }
        Ok(Some(gathered))
    }

    async fn known(&self, situation: &Situation) -> Result<KnownChange, EngineError> {
        let row = &situation.change;
        let stage = read_stage(&row.stage)?;
        let (deal, payment) = match stage.deal().cloned() {
            Some(deal) => (Some(deal), stage.payment().cloned()),
            None => self.last_agreed(row.id).await?,
        };
        let playbook = self
            .sellers()
            .playbook(self.store(), &row.seller, &row.workflow)
            .await?;
        let mut calls = Vec::new();
        for effect in self.store().effects(row.id).await? {
            let call: Call = serde_json::from_slice(&effect.call)?;
            calls.push(KnownCall {
                effect: effect.id,
                call,
                state: state_of(effect.status),
            });
        }
        Ok(KnownChange {
            id: row.id,
            deal,
            payment,
            terms_version: playbook.policy.terms.version.clone(),
            calls,
            succeeded: self.store().successor(row.id).await?.is_some(),
            stage,
        })
    }

    /// What was offered or agreed last, and what was confirmed: a change that is over, or chosen anew, no longer carries it.
    async fn last_agreed(&self, change: ChangeId) -> Result<(Option<Deal>, Option<Payment>), EngineError> {
        let (mut deal, mut payment) = (None, None);
        let mut after = 0;
        loop {
            let page = PageAsk { after, limit: 200 };
            let entries = self.store().journal(change, page).await?;
            let Some(last) = entries.last() else {
                return Ok((deal, payment));
            };
            after = last.seq;
            for entry in &entries {
                let said: HistoryEntry = serde_json::from_slice(&entry.content)?;
                let stage: Stage = read_stage(said.stage.get().as_bytes())?;
                deal = stage.deal().cloned().or(deal);
                payment = stage.payment().cloned().or(payment);
            }
        }
    }
}

/// The changes that the marks name.
fn named_by(holdings: &Holdings) -> BTreeSet<ChangeId> {
    let subscriptions = holdings.subscriptions.iter().map(|seen| seen.marks);
    let invoices = holdings.invoices.iter().map(|seen| seen.marks);
    let marks = subscriptions.chain(invoices).flatten();
    marks.map(|SeenMarks { change, .. }| change).collect()
}

fn state_of(status: EffectStatus) -> KnownCallState {
    match status {
        EffectStatus::Intent | EffectStatus::Unknown => KnownCallState::Owed,
        EffectStatus::Succeeded => KnownCallState::Done,
        EffectStatus::Declined => KnownCallState::NotDone,
        EffectStatus::Abandoned => KnownCallState::Undone,
    }
}
