//! Contracts: what the provider does with them, while no change of ours is moving it, is observed and journalled.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::footing::priced_for;
use super::letters::Telling;
use super::pace::later;
use super::{Engine, EngineError, journal};
use crate::domain::account::{
    Contract, ContractEvent, ContractFact, ContractId, HeldLine, LinePlace, Notice, ObservedItem,
    ObservedPrice, Period, RenewedLine, observe,
};
use crate::domain::catalog::{PlanId, Playbook};
use crate::domain::change::{
    AbortStep, Actor, ChangeId, ChargeStep, ItemFacts, Stage, StoredStageError, SubscriptionFacts,
    SubscriptionStatus, read_stage,
};
use crate::ports::payments::ReadError;
use crate::ports::store::{ContractRecord, JournalEntry, Lease, OutboxRow, Written};

/// How long after a period's end a renewal is looked for: the provider drafts it for about an hour before it charges.
const RENEWAL_LOOK: SignedDuration = SignedDuration::from_mins(65);

/// How often a contract is looked at when nothing calls for it: webhooks can be lost.
const SWEEP: SignedDuration = SignedDuration::from_hours(24);

/// How soon a contract is looked at again while a change moves its subscription. The change's end wakes it too.
const WAIT_FOR_CHANGE: SignedDuration = SignedDuration::from_mins(10);

/// How soon a contract is looked at again after a repair was begun.
const AFTER_REPAIR: SignedDuration = SignedDuration::from_secs(10);

/// What stands beside an observation.
enum Beside {
    /// No change, or one that moves nothing at the provider just now, at this version.
    Waiting(Option<(ChangeId, u64)>),
    /// A change that may be moving the subscription.
    Moving,
    /// A change that has lost sight of what it may have moved: only a comparison can tell it.
    Lost,
}

/// Whether a charge has stopped, or is given up, without knowing of an invoice.
fn is_lost(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Charging {
            step: ChargeStep::Halted { invoice: None, .. },
            ..
        } | Stage::Aborting {
            step: AbortStep::Looking,
            invoice: None,
            ..
        }
    )
}

/// A line of a contract's history: what was seen of it, or of its use.
#[derive(Serialize)]
struct Line<'a, E> {
    v: u32,
    event: &'a E,
    actor: &'a Actor,
    version: u64,
}

impl Engine {
    /// Looks at one contract at the provider, and writes what is new.
    pub(super) async fn tend_contract(&self, lease: Lease, id: ContractId) -> Result<(), EngineError> {
        let now = self.now();
        let Some(contract) = self.store().contract(id).await? else {
            return Ok(self.store().release(lease, None, None).await?);
        };
        let of_use = self.tend_usage(lease, &contract).await?;
        let beside = self.beside(&contract).await?;
        if !matches!(beside, Beside::Moving) && self.compared_and_begun(&contract).await? {
            // What was begun is looked at first; what it leaves is observed afterwards.
            let again = or_sooner(later(now, AFTER_REPAIR), of_use);
            return Ok(self.store().release(lease, Some(again), Some(now)).await?);
        }
        let beside = match beside {
            Beside::Waiting(change) => change,
            Beside::Lost | Beside::Moving => {
                // What is seen now would be taken for somebody else's edit.
                let again = or_sooner(later(now, WAIT_FOR_CHANGE), of_use);
                return Ok(self.store().release(lease, Some(again), Some(now)).await?);
            }
        };
        let Some(subscription) = contract.subscription.clone() else {
            // Nothing is held that could renew; but what a change has left behind is found, also where this look came too early.
            let again = self
                .is_compared_still(&contract)
                .await?
                .then(|| later(now, SWEEP));
            let again = again.into_iter().chain(of_use).min();
            return Ok(self.store().release(lease, again, Some(now)).await?);
        };
        let seller = self.sellers().get(&contract.seller)?;
        let facts = match seller.unhurried().subscription(&subscription).await {
            Ok(facts) => {
                self.mind_promise(&contract, &facts).await?;
                what_is_true(&priced_for(seller.playbook.clone(), &contract), &contract, &facts)
            }
            // An ended subscription can still be read. One that is not there is another account's, or this is the wrong key:
            // nothing that is held is given up for that.
            Err(ReadError::NotFound(id)) => {
                tracing::error!(contract = %contract.id, subscription = id, "the provider does not know the subscription; is this the right key?");
                let again = or_sooner(later(now, SWEEP), of_use);
                return Ok(self.store().release(lease, Some(again), Some(now)).await?);
            }
            Err(problem) => {
                tracing::warn!(contract = %id, %problem, "the contract could not be looked at");
                let again = or_sooner(later(now, SignedDuration::from_mins(1)), of_use);
                return Ok(self.store().release(lease, Some(again), Some(now)).await?);
            }
        };
        let (after, events) = after_seeing(&contract, facts, now);
        let entries = self
            .chronicle(contract.id, &events, &Actor::provider(), after.version)
            .await?;
        let record = ContractRecord {
            due_at: Some(or_sooner(next_look(&after, now), of_use)),
            outbox: self.what_is_told(&contract, &after, &events, &entries).await?,
            contract: after,
            seen_at: contract.version,
            fence: lease,
            beside,
            entries,
        };
        if self.store().record_contract(record).await? != Written::Done {
            tracing::info!(contract = %id, "a change has moved meanwhile; the contract is looked at again");
            self.store().release(lease, Some(now), None).await?;
        }
        Ok(())
    }

    /// The change that is open on the contract, as far as it matters for looking at the contract.
    async fn beside(&self, contract: &Contract) -> Result<Beside, EngineError> {
        let promised = self.promised_on(contract.id).await?;
        if promised.is_some_and(|promised| promised.is_coming_true(self.now())) {
            return Ok(Beside::Moving);
        }
        let Some(change) = self.store().open_change(contract.id).await? else {
            return Ok(Beside::Waiting(None));
        };
        let Some(situation) = self.store().situation(change).await? else {
            return Ok(Beside::Waiting(None));
        };
        match read_stage(&situation.change.stage) {
            Ok(stage) if is_lost(&stage) => Ok(Beside::Lost),
            Ok(stage) if !stage.moves_subscription() => {
                Ok(Beside::Waiting(Some((change, situation.change.version))))
            }
            // What a newer program is doing cannot be told here: it may be moving it.
            Ok(_) | Err(StoredStageError::Newer(_)) => Ok(Beside::Moving),
            Err(damaged) => Err(damaged.into()),
        }
    }

    /// The next lines of a contract's history.
    pub(super) async fn chronicle<E: Serialize>(
        &self,
        contract: ContractId,
        events: &[E],
        actor: &Actor,
        version: u64,
    ) -> Result<Vec<JournalEntry>, EngineError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let (mut seq, mut head) = self.contract_head(contract).await?;
        let mut entries = Vec::new();
        for event in events {
            seq += 1;
            let content = serde_json::to_vec(&Line {
                v: 1,
                event,
                actor,
                version,
            })?;
            let entry = journal::entry(seq, self.now(), content, head);
            head = entry.hash;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// What the customer and the seller's systems hear of it: each fact under the number of its line of history.
    async fn what_is_told(
        &self,
        before: &Contract,
        after: &Contract,
        events: &[ContractEvent],
        entries: &[JournalEntry],
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let mut rows = self.tell_entitlements(before, after)?;
        let notices = Notice::of_contract(after.id, events);
        if notices.is_empty() {
            return Ok(rows);
        }
        let Some((account, _)) = self.store().account(after.account).await? else {
            return Ok(rows);
        };
        for (place, notice) in &notices {
            let Some(entry) = entries.get(*place) else {
                continue;
            };
            let telling = Telling {
                account: &account,
                fact: format!("{}.{}", after.id, entry.seq),
                at: entry.at,
            };
            rows.extend(self.notice_rows(&telling, notice)?);
        }
        Ok(rows)
    }

    pub(super) async fn contract_head(&self, contract: ContractId) -> Result<(u64, [u8; 32]), EngineError> {
        Ok(journal::head(|page| self.store().contract_journal(contract, page)).await?)
    }
}

fn or_sooner(at: Timestamp, other: Option<Timestamp>) -> Timestamp {
    other.map_or(at, |other| at.min(other))
}

fn next_look(contract: &Contract, now: Timestamp) -> Timestamp {
    let renewals = contract
        .periods
        .iter()
        .map(|period| later(period.end, RENEWAL_LOOK));
    // A renewal that is overdue is looked for again soon; everything else can wait for the daily sweep.
    let soon = later(now, SignedDuration::from_mins(15));
    renewals
        .map(|at| at.max(soon))
        .chain([later(now, SWEEP)])
        .min()
        .unwrap_or(soon)
}

fn what_is_true(playbook: &Playbook, contract: &Contract, facts: &SubscriptionFacts) -> Vec<ContractFact> {
    if matches!(
        facts.status,
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired
    ) {
        return vec![ContractFact::Cancelled];
    }
    let mut all = vec![ContractFact::SetToCancel(facts.ends_at)];
    if facts.pending_until.is_none() {
        let items = facts
            .items
            .iter()
            .map(|item| observed(playbook, contract, item))
            .collect();
        all.push(ContractFact::Items(items));
    }
    // Only a paid renewal is one: while the subscription is past due, the old debit stands.
    if facts.status == SubscriptionStatus::Active {
        let renewed: Vec<RenewedLine> = facts
            .items
            .iter()
            .filter_map(|item| renewed(contract, item))
            .collect();
        if !renewed.is_empty() {
            all.push(ContractFact::Renewed(renewed));
        }
    }
    all
}

/// A line that is held keeps the price that it was bought at, also when the catalogue has a newer one.
fn observed(playbook: &Playbook, contract: &Contract, item: &ItemFacts) -> ObservedItem {
    let bought = contract
        .lines
        .iter()
        .find(|line| Some(line.price_ref.as_str()) == item.lookup_key.as_deref());
    let price = match bought {
        Some(line) => Some(ObservedPrice {
            key: line.key.clone(),
            price_ref: line.price_ref.clone(),
            price: line.price.clone(),
        }),
        None => named(playbook, item).map(|(_, price)| price),
    };
    ObservedItem {
        item: item.id.clone(),
        price,
        quantity: item.quantity,
    }
}

/// The line that an item of the provider carries, when its price is one of this catalogue.
pub(super) fn named(playbook: &Playbook, item: &ItemFacts) -> Option<(PlanId, ObservedPrice)> {
    let wanted = item.lookup_key.as_deref()?;
    let all = playbook.catalog.all_prices();
    let found = all
        .into_iter()
        .find(|(price_ref, ..)| price_ref.as_str() == wanted)?;
    let (price_ref, plan, key, price) = found;
    Some((
        plan,
        ObservedPrice {
            key,
            price_ref,
            price,
        },
    ))
}

/// A renewal debits the full price of the new period.
fn renewed(contract: &Contract, item: &ItemFacts) -> Option<RenewedLine> {
    let carries =
        |line: &&HeldLine| matches!(&line.place, LinePlace::Provider { item: id } if *id == item.id);
    let line = contract.lines.iter().find(carries)?;
    let known = contract.period(line.price.interval)?;
    if item.period_start <= known.start {
        return None;
    }
    Some(RenewedLine {
        item: item.id.clone(),
        amount: line.price.amount(item.quantity).ok()?,
        period: Period {
            interval: line.price.interval,
            start: item.period_start,
            end: item.period_end,
        },
    })
}

/// The contract after what was seen of it, at its next version if that moved anything, and what there is to tell.
fn after_seeing(
    before: &Contract,
    facts: Vec<ContractFact>,
    now: Timestamp,
) -> (Contract, Vec<ContractEvent>) {
    let mut after = before.clone();
    let mut events = Vec::new();
    for fact in facts {
        let observed = observe(&after, &fact, now);
        events.extend(observed.events);
        after = observed.contract;
    }
    if after != *before {
        after.version = before.version + 1;
    }
    (after, events)
}
