//! Clients of agencies, contracts that nobody holds yet, and what is written about one past its changes.

use std::sync::Arc;

use changeover::domain::account::{AccountId, Client, Contract};
use changeover::ports::store::{ClientRecord, ContractAmendment, NewContract, Written};

use super::changes::append;
use super::tables::{Tables, write};
use super::{Outcome, Rules, Undo, damaged};

impl Tables {
    pub(super) fn write_client(&mut self, record: &ClientRecord, rules: &Rules) -> Outcome<Written> {
        self.remember(record.request.as_ref(), rules)?;
        if let Some(account) = &record.account {
            self.create_account(account, rules)?;
        }
        let client = &record.client;
        let before = self.clients.get(&client.account);
        if before.map_or(0, |known| known.version) + 1 != client.version {
            return Err(Undo::Answer(Written::Stale));
        }
        if before.is_some_and(|known| known.agency != client.agency) {
            return Err(damaged("client.agency").into());
        }
        let lines = Arc::make_mut(write(&mut self.client_journal).entry(client.account).or_default());
        let head = lines.last().map_or((0, [0; 32]), |last| (last.seq, last.hash));
        append(lines, head, std::slice::from_ref(&record.entry), "client_journal")?;
        write(&mut self.clients).insert(client.account, client.clone());
        for contract in &record.contracts {
            self.replace_contract(contract, rules)?;
        }
        self.put_outbox(&record.outbox);
        Ok(Written::Done)
    }

    pub(super) fn clients_of(&self, agency: AccountId, after: Option<AccountId>, limit: u32) -> Vec<Client> {
        let later = self
            .clients
            .values()
            .filter(|client| Some(client.account) > after);
        let own = later.filter(|client| client.agency == agency);
        own.take(limit.min(200) as usize).cloned().collect()
    }

    pub(super) fn client_ids(&self, after: Option<AccountId>, limit: u32) -> Vec<AccountId> {
        let later = self.clients.keys().filter(|client| Some(**client) > after);
        later.take(limit.min(200) as usize).copied().collect()
    }

    pub(super) fn propose_contract(&mut self, new: &NewContract, rules: &Rules) -> Outcome<Written> {
        let contract = &new.contract;
        if !contract.is_proposed() {
            return Err(damaged("contract.version").into());
        }
        let Some(known) = self.proposed_contract(contract.account) else {
            return self.create_contract(new, rules);
        };
        self.remember(new.request.as_ref(), rules)?;
        if known.id != contract.id || known.seller != contract.seller {
            return Err(Undo::Answer(Written::Stale));
        }
        if let Some(open) = self.open_on(contract.id) {
            return Err(Undo::Answer(Written::Blocked(open)));
        }
        write(&mut self.contracts).insert(contract.id, contract.clone());
        Ok(Written::Done)
    }

    pub(super) fn proposed_contract(&self, account: AccountId) -> Option<Contract> {
        let mut all = self.contracts.values();
        all.find(|contract| contract.account == account && contract.is_proposed())
            .cloned()
    }

    pub(super) fn amend_contract(
        &mut self,
        amendment: &ContractAmendment,
        rules: &Rules,
    ) -> Outcome<Written> {
        self.remember(amendment.request.as_ref(), rules)?;
        let (contract, entry) = (&amendment.contract, &amendment.entry);
        let last = self
            .contract_journal
            .get(&contract.id)
            .and_then(|lines| lines.last());
        let head = last.map_or((0, [0; 32]), |last| (last.seq, last.hash));
        if head != (entry.seq.saturating_sub(1), entry.previous) {
            return Err(Undo::Answer(Written::Stale));
        }
        self.replace_contract(contract, rules)?;
        let lines = Arc::make_mut(write(&mut self.contract_journal).entry(contract.id).or_default());
        append(lines, head, std::slice::from_ref(entry), "contract_journal")?;
        Ok(Written::Done)
    }
}
