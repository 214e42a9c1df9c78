//! Reconciling: both sides are gathered, the domain plans, and what is safe goes through the one door as journalled events and
//! effects. What only a person may decide is kept as a finding.
//!
//! It never makes a call of its own that changes something, and never charges.

mod applying;
mod gathering;

use jiff::SignedDuration;

use super::{Asked, Engine, EngineError, Reply};
use crate::domain::account::{Contract, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::change::{Actor, Call, Refusal, RefusalCode, StoredStageError};
use crate::domain::reconcile::{Finding, Repair, plan};
use crate::ports::store::{ClientAnswer, FindingRow, PageAsk};

/// How far back invoices and changes that are over are looked at.
const HORIZON: SignedDuration = SignedDuration::from_hours(60 * 24);

/// What a comparison of one contract found, and what became of each finding.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The contract.
    pub contract: ContractId,
    /// What was found.
    pub findings: Vec<(Finding, Repaired)>,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaired {
    /// Nothing: it was only looked at.
    Planned,
    /// It is being repaired: the event is journalled, and calls are owed.
    Begun,
    /// Something has moved meanwhile: the next comparison sees it anew.
    Moved,
    /// Only a person can decide.
    Human,
}

impl Repaired {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Begun => "begun",
            Self::Moved => "moved",
            Self::Human => "human",
        }
    }
}

/// How a comparison becomes the answer that is kept for repetitions.
pub type PresentCompared<'p> = &'p (dyn Fn(&Compared) -> Result<ClientAnswer, serde_json::Error> + Sync);

impl Engine {
    /// Compares one contract of a seller with the provider; with an actor, what is safe is begun.
    pub async fn reconcile(
        &self,
        contract: ContractId,
        seller: &SellerId,
        repair_as: Option<&Actor>,
    ) -> Result<Compared, EngineError> {
        let contract = self.contract_of(contract, seller).await?;
        self.compare(&contract, repair_as).await
    }

    /// Support's order to begin what is safe at one contract.
    pub async fn order_repairs(
        &self,
        contract: ContractId,
        asked: &Asked,
        present: PresentCompared<'_>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        if asked
            .actor
            .reason
            .as_deref()
            .is_none_or(|why| why.trim().is_empty())
        {
            let detail = "Support says why it acts: send `support.reason`. It stays in the history for good.";
            return Err(Refusal::new(RefusalCode::ReasonMissing, detail)
                .at("/support/reason")
                .into());
        }
        let compared = self
            .reconcile(contract, &asked.seller, Some(&asked.actor))
            .await?;
        let answer = present(&compared)?;
        let Some(request) = asked.keeping(&answer) else {
            return Ok(Reply {
                answer,
                replayed: false,
            });
        };
        let written = self.store().keep_answer(request).await?;
        Reply::to(written, answer)?.ok_or(EngineError::Contended)
    }

    /// Compares, keeps what was found, and begins the repairs when somebody stands for them.
    async fn compare(&self, contract: &Contract, repair_as: Option<&Actor>) -> Result<Compared, EngineError> {
        let mut compared = Compared {
            contract: contract.id,
            findings: Vec::new(),
        };
        if let Some(gathered) = self.gather(contract).await? {
            let planned = plan(&gathered.local(), &gathered.holdings);
            let planned = self.sharpen(contract, planned).await?;
            if repair_as.is_some() {
                self.keep_findings(contract, &planned).await?;
            }
            compared.findings = match repair_as {
                Some(actor) => self.repair(&gathered, planned, actor).await?,
                None => planned
                    .into_iter()
                    .map(|finding| (finding, Repaired::Planned))
                    .collect(),
            };
        }
        Ok(compared)
    }

    /// Compares beside a look at the contract, and begins what is safe; `true` when something was begun. A comparison that is not
    /// possible now does not keep the contract from being looked at.
    pub(in crate::engine) async fn compared_and_begun(
        &self,
        contract: &Contract,
    ) -> Result<bool, EngineError> {
        match self.compare(contract, Some(&Actor::system())).await {
            Ok(compared) => {
                let begun = |(_, repaired): &(_, Repaired)| *repaired == Repaired::Begun;
                Ok(compared.findings.iter().any(begun))
            }
            Err(EngineError::Provider(problem)) => {
                tracing::warn!(contract = %contract.id, %problem, "the contract could not be compared");
                Ok(false)
            }
            // A history that a newer program has gone on with is compared by nodes of that version; all can look at the contract.
            Err(EngineError::StoredStage(StoredStageError::Newer(version))) => {
                tracing::info!(contract = %contract.id, version, "the comparison is left to a newer node");
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }

    /// Whether a change of this contract is young enough to be compared.
    pub(in crate::engine) async fn is_compared_still(
        &self,
        contract: &Contract,
    ) -> Result<bool, EngineError> {
        let newest = PageAsk { after: 0, limit: 1 };
        let changes = self.store().changes_of(contract.id, newest).await?;
        let since = self.now().checked_sub(HORIZON).unwrap_or(self.now());
        Ok(changes.iter().any(|change| change.updated_at >= since))
    }

    /// Before money goes back: what has gone back already, whoever ordered it, and whether the provider can do it at all.
    async fn sharpen(&self, contract: &Contract, planned: Vec<Finding>) -> Result<Vec<Finding>, EngineError> {
        let payments = &self.sellers().get(&contract.seller)?.payments;
        let mut sharp = Vec::new();
        for mut finding in planned {
            if let Repair::CleanUp(Call::Refund { invoice, amount }) = &mut finding.repair {
                let collected = payments.collected(invoice).await?;
                amount.amount -= collected.given_back.amount;
                if amount.amount <= 0 {
                    continue;
                }
                if !collected.through_provider {
                    finding
                        .evidence
                        .seen
                        .push_str(" It was paid outside of the provider.");
                    finding.repair = Repair::Human;
                }
            }
            sharp.push(finding);
        }
        Ok(sharp)
    }

    async fn keep_findings(&self, contract: &Contract, found: &[Finding]) -> Result<(), EngineError> {
        let known = self.store().findings_of(contract.id).await?;
        let now = self.now();
        let rows: Vec<FindingRow> = found
            .iter()
            .map(|finding| FindingRow {
                seller: contract.seller.clone(),
                contract: contract.id,
                code: finding.code,
                change: finding.change,
                evidence: finding.evidence.clone(),
                repair: finding.repair.as_str().to_owned(),
                first_seen_at: known
                    .iter()
                    .find(|row| row.code == finding.code && row.evidence.object == finding.evidence.object)
                    .map_or(now, |row| row.first_seen_at),
            })
            .collect();
        for row in rows.iter().filter(|row| !known.contains(row)) {
            tracing::warn!(contract = %contract.id, code = row.code.as_str(), object = row.evidence.object, repair = row.repair, "the provider and the contract differ");
        }
        let same = rows.len() == known.len() && rows.iter().all(|row| known.contains(row));
        if !same {
            self.store().keep_findings(contract.id, rows).await?;
        }
        Ok(())
    }
}
