//! What cards are used for: what would be left without one, and what is being paid just now.

use super::CardInWallet;
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::change::{ChangeId, Refusal, RefusalCode, Stage, read_stage};
use crate::engine::{Asked, Engine, EngineError};

/// By which card what is paid.
#[derive(Default)]
pub(super) struct Uses {
    /// The contracts whose renewals a card pays.
    pub(super) renewals: Vec<(String, ContractId)>,
    /// The open changes that are to be paid with a card.
    pub(super) changes: Vec<(String, ChangeId)>,
}

impl Engine {
    /// What is paid with which card, whosever it is.
    pub(super) async fn uses_of_cards(
        &self,
        account: &Account,
        default: Option<&str>,
        asked: &Asked,
    ) -> Result<Uses, EngineError> {
        let payments = &self.sellers().get(&asked.seller)?.payments;
        let mut uses = Uses::default();
        for contract in self.store().contracts_of(account.id).await? {
            if let Some(subscription) = &contract.subscription {
                let own = payments.subscription(subscription).await?.default_method;
                let pays = own.or_else(|| default.map(str::to_owned));
                uses.renewals.extend(pays.map(|card| (card, contract.id)));
            }
            if let Some((change, stage)) = self.open_stage(&contract).await? {
                let chosen = match &stage {
                    Stage::Choosing { method, .. } => method.as_ref(),
                    stage => stage.payment().and_then(|payment| payment.method.as_ref()),
                };
                let chosen = chosen
                    .and_then(|method| method.card())
                    .map(|card| card.id.clone());
                let held = stage
                    .payment()
                    .and_then(|payment| payment.deal.quote.held_method.clone());
                uses.changes
                    .extend(chosen.into_iter().chain(held).map(|card| (card, change)));
            }
        }
        Ok(uses)
    }

    /// The open change of one of the account's contracts that is being paid just now.
    pub(super) async fn paying_change(&self, account: &Account) -> Result<Option<ChangeId>, EngineError> {
        for contract in self.store().contracts_of(account.id).await? {
            if let Some((change, stage)) = self.open_stage(&contract).await?
                && stage.moves_subscription()
            {
                return Ok(Some(change));
            }
        }
        Ok(None)
    }

    async fn open_stage(&self, contract: &Contract) -> Result<Option<(ChangeId, Stage)>, EngineError> {
        let Some(change) = self.store().open_change(contract.id).await? else {
            return Ok(None);
        };
        let Some(situation) = self.store().situation(change).await? else {
            return Ok(None);
        };
        Ok(Some((change, read_stage(&situation.change.stage)?)))
    }
}

/// The refusal to take away a card that is used: it names what uses it.
pub(super) fn in_use(card: &CardInWallet) -> Refusal {
    let mut uses: Vec<String> = Vec::new();
    if card.default {
        uses.push("it is the default card".to_owned());
    }
    uses.extend(
        card.renews
            .iter()
            .map(|contract| format!("it pays the renewals of the contract `{contract}`")),
    );
    uses.extend(
        card.pays
            .iter()
            .map(|change| format!("the change `{change}` is to be paid with it")),
    );
    let detail = format!(
        "The card cannot be removed: {}. Make another card the default first, or finish what uses it.",
        uses.join("; ")
    );
    Refusal::new(RefusalCode::CardInUse, detail)
}
