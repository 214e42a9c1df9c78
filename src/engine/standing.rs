//! How a contract stands at the provider just now: whether it is paid up, what is open, and where that can be paid.

use std::sync::Arc;

use super::{Asked, Engine, EngineError};
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::catalog::Playbook;
use crate::domain::change::{InvoiceStatus, Refusal, SubscriptionStatus};
use crate::ports::statements::InvoiceSummary;

/// How many of the newest invoices are looked through for open ones.
const LOOKED_THROUGH: u32 = 100;

/// How a contract stands.
#[derive(Debug, Clone)]
pub struct ContractStanding {
    /// The seller's rules.
    pub playbook: Arc<Playbook>,
    /// Whose it is.
    pub account: Account,
    /// The contract.
    pub contract: Contract,
    /// The state of its subscription; nothing where it has none.
    pub status: Option<SubscriptionStatus>,
    /// Why no change can begin just now, if none can.
    pub refusal: Option<Refusal>,
    /// The invoices of its subscription that wait to be paid, the newest first.
    pub open: Vec<InvoiceSummary>,
}

impl Engine {
    /// Asks the provider how a contract stands.
    pub async fn standing(
        &self,
        contract: ContractId,
        asked: &Asked,
    ) -> Result<ContractStanding, EngineError> {
        let seller = self.sellers().get(&asked.seller)?;
        let contract = self.contract_of(contract, &asked.seller).await?;
        let account = self.account_of(contract.account, &asked.seller).await?;
        let mut standing = ContractStanding {
            playbook: seller.playbook.clone(),
            account,
            contract,
            status: None,
            refusal: None,
            open: Vec::new(),
        };
        let Some(subscription) = standing.contract.subscription.clone() else {
            return Ok(standing);
        };
        let facts = seller.payments.subscription(&subscription).await?;
        standing.status = Some(facts.status);
        let own = self
            .promised_on(standing.contract.id)
            .await?
            .and_then(|promised| promised.hold());
        standing.refusal = facts.may_change(&standing.contract, own.as_ref()).err();
        let page = seller
            .payments
            .invoices(&facts.customer, None, LOOKED_THROUGH)
            .await?;
        let open = page.invoices.into_iter().filter(|invoice| {
            let payable = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible);
            payable && invoice.subscription.as_ref() == Some(&subscription)
        });
        standing.open = open.collect();
        Ok(standing)
    }
}
