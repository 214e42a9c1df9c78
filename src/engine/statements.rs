//! The financial page: what an account was asked to pay and has paid, read from the provider, with the tax documents of its changes.

use std::sync::Arc;

use super::{Asked, Engine, EngineError};
use crate::domain::account::{Account, AccountId};
use crate::domain::catalog::Playbook;
use crate::ports::statements::InvoiceSummary;
use crate::ports::store::FiscalDocument;

/// One page of an account's invoices.
#[derive(Debug, Clone)]
pub struct Statements {
    /// The seller's rules.
    pub playbook: Arc<Playbook>,
    /// Whose they are.
    pub account: Account,
    /// The invoices, the newest first, each with the tax documents of the change that it is for.
    pub invoices: Vec<(InvoiceSummary, Vec<FiscalDocument>)>,
    /// Where the next page begins; nothing on the last.
    pub next: Option<String>,
}

impl Engine {
    /// A page of an account's invoices. An account that the provider does not know yet has none.
    pub async fn statements(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: u32,
        asked: &Asked,
    ) -> Result<Statements, EngineError> {
        let seller = self.sellers().get(&asked.seller)?;
        let account = self.account_of(account, &asked.seller).await?;
        let playbook = seller.playbook.clone();
        let Some(customer) = account.provider_customer.clone() else {
            return Ok(Statements {
                playbook,
                account,
                invoices: Vec::new(),
                next: None,
            });
        };
        let page = seller.payments.invoices(&customer, after, limit).await?;
        let mut invoices = Vec::new();
        for invoice in page.invoices {
            // What another account of this customer's past has made is none of this page's changes.
            let own = match invoice.change {
                Some(change) => self
                    .store()
                    .situation(change)
                    .await?
                    .filter(|known| known.account.id == account.id),
                None => None,
            };
            let documents = match own {
                Some(known) => self.store().fiscal_documents(known.change.id).await?,
                None => Vec::new(),
            };
            invoices.push((invoice, documents));
        }
        Ok(Statements {
            playbook,
            account,
            invoices,
            next: page.next,
        })
    }
}
