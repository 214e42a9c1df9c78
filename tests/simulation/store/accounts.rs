//! Accounts, contracts and billing data.

use std::sync::Arc;

use changeover::domain::account::{AccountId, Contract, ContractId};
use changeover::domain::catalog::SellerId;
use changeover::domain::change::{AccountFact, BillingOnFile};
use changeover::ports::store::{
    NamedAccount, NewAccount, NewContract, NewIdentity, StoreResult, Subject, Written,
};
use uuid::Uuid;

use super::changes::append;
use super::tables::{AccountRow, Tables, write};
use super::{Outcome, Rules, Undo, damaged};

impl Tables {
    pub(super) fn named_account(&self, id: AccountId) -> Option<NamedAccount> {
        let row = self.accounts.get(&id);
        row.map(|row| (row.account.clone(), row.external_id.clone()))
    }

    pub(super) fn contracts_after(
        &self,
        seller: &SellerId,
        after: Option<ContractId>,
        limit: u32,
    ) -> Vec<ContractId> {
        let theirs = self
            .contracts
            .values()
            .filter(|contract| contract.seller == *seller && Some(contract.id) > after);
        theirs
            .take(limit.min(200) as usize)
            .map(|contract| contract.id)
            .collect()
    }

    pub(super) fn create_account(&mut self, new: &NewAccount, rules: &Rules) -> Outcome<Written> {
        self.remember(new.request.as_ref(), rules)?;
        let account = &new.account;
        let taken = |row: &AccountRow| {
            let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
            row.account.id == account.id
                || (row.account.seller == account.seller
                    && (same(&row.external_id, &new.external_id)
                        || same(&row.account.provider_customer, &account.provider_customer)))
        };
        if self.accounts.values().any(taken) {
            return Err(Undo::Answer(Written::Stale));
        }
        let row = AccountRow {
            account: account.clone(),
            external_id: new.external_id.clone(),
            identity: None,
            saved_hash: None,
            saved_tax_id: None,
        };
        write(&mut self.accounts).insert(account.id, row);
        Ok(Written::Done)
    }

    /// The account's newest billing data, by reference, and what of it the provider has.
    pub(super) fn billing(&self, account: AccountId) -> Option<BillingOnFile> {
        let row = self.accounts.get(&account)?;
        let (_, reference, _) = self.identities.get(&row.identity?)?;
        Some(BillingOnFile {
            identity: reference.clone(),
            saved_hash: row.saved_hash.clone(),
            saved_tax_id: row.saved_tax_id.clone(),
            tax_id_kind: None,
        })
    }

    pub(super) fn give_identity(&mut self, new: &NewIdentity) -> StoreResult<()> {
        let kept = (new.account, new.reference.clone(), new.identity.clone());
        if write(&mut self.identities)
            .insert(new.reference.row, kept)
            .is_some()
        {
            return Err(damaged("identity.id"));
        }
        self.use_identity(new.account, new.reference.row)
    }

    fn use_identity(&mut self, account: AccountId, row: Uuid) -> StoreResult<()> {
        let theirs = self.identities.get(&row).is_some_and(|(of, ..)| *of == account);
        match write(&mut self.accounts).get_mut(&account) {
            Some(found) if theirs => found.identity = Some(row),
            _ => return Err(damaged("account.identity")),
        }
        Ok(())
    }

    pub(super) fn learn(&mut self, account: AccountId, facts: &[AccountFact]) -> StoreResult<()> {
        for fact in facts {
            if let AccountFact::Identity(reference) = fact {
                self.use_identity(account, reference.row)?;
                continue;
            }
            if let AccountFact::Customer { customer, .. } = fact {
                self.check_customer(account, customer)?;
            }
            let row = write(&mut self.accounts).get_mut(&account);
            let row = row.ok_or_else(|| damaged("account.id"))?;
            match fact {
                AccountFact::Identity(_) => {}
                AccountFact::Customer {
                    customer,
                    identity_hash,
                } => {
                    row.account.provider_customer = Some(customer.clone());
                    row.saved_hash = Some(identity_hash.clone());
                }
                AccountFact::TaxId { tax_id, hash } => {
                    row.saved_tax_id = Some((tax_id.clone(), hash.clone()));
                }
            }
        }
        Ok(())
    }

    /// One customer of the provider is one account's.
    fn check_customer(&self, account: AccountId, customer: &str) -> StoreResult<()> {
        let seller = self.accounts.get(&account).map(|row| &row.account.seller);
        let another = self.accounts.values().any(|row| {
            Some(&row.account.seller) == seller
                && row.account.id != account
                && row.account.provider_customer.as_deref() == Some(customer)
        });
        if another {
            return Err(damaged("account.provider_customer"));
        }
        Ok(())
    }

    pub(super) fn create_contract(&mut self, new: &NewContract, rules: &Rules) -> Outcome<Written> {
        self.remember(new.request.as_ref(), rules)?;
        let contract = &new.contract;
        let taken = |other: &Contract| {
            other.id == contract.id
                || (other.seller == contract.seller
                    && contract.subscription.is_some()
                    && other.subscription == contract.subscription)
        };
        if self.contracts.values().any(taken) {
            return Err(Undo::Answer(Written::Stale));
        }
        if let Some(customer) = &new.provider_customer {
            self.adopt_customer(contract.account, customer)?;
        }
        write(&mut self.contracts).insert(contract.id, contract.clone());
        let lines = Arc::make_mut(write(&mut self.contract_journal).entry(contract.id).or_default());
        append(
            lines,
            (0, [0; 32]),
            std::slice::from_ref(&new.entry),
            "contract_journal",
        )?;
        self.put_due(Subject::Contract(contract.id), 0, new.due_at);
        Ok(Written::Done)
    }

    fn adopt_customer(&mut self, account: AccountId, customer: &str) -> Result<(), Undo<Written>> {
        let known = self.accounts.get(&account);
        let known = known.and_then(|row| row.account.provider_customer.as_deref());
        if known.is_some_and(|known| known != customer) || self.check_customer(account, customer).is_err() {
            return Err(Undo::Answer(Written::Stale));
        }
        if let Some(row) = write(&mut self.accounts).get_mut(&account) {
            row.account.provider_customer = Some(customer.to_owned());
        }
        Ok(())
    }

    pub(super) fn replace_contract(
        &mut self,
        contract: &Contract,
        rules: &Rules,
    ) -> Result<(), Undo<Written>> {
        let follows = self.contracts.get(&contract.id).is_some_and(|old| {
            (old.version + 1 == contract.version || !rules.contracts_follow)
                && old.seller == contract.seller
                && old.account == contract.account
        });
        if !follows {
            return Err(Undo::Answer(Written::Stale));
        }
        let taken = self.contracts.values().any(|other| {
            other.id != contract.id
                && other.seller == contract.seller
                && contract.subscription.is_some()
                && other.subscription == contract.subscription
        });
        if taken {
            return Err(damaged("contract.subscription").into());
        }
        write(&mut self.contracts).insert(contract.id, contract.clone());
        Ok(())
    }

    pub(super) fn contracts_of(&self, account: AccountId) -> Vec<Contract> {
        let all = self
            .contracts
            .values()
            .filter(|contract| contract.account == account && !contract.is_proposed());
        let mut all: Vec<Contract> = all.cloned().collect();
        all.sort_by_key(|contract: &Contract| (contract.created_at, contract.id) as (_, ContractId));
        all
    }
}
