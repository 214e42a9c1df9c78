//! The port's verbs, each led to the file that knows how: writes to the writer, reads to a reader.

mod cards;
mod clients;
mod metering;
mod pages;
mod staff;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::journal::History;
use super::{
    SqliteStore, accounts, census, changes, contracts, due, effects, erasing, findings, inbox, journal,
    notes, outbox, proposals, record, requests, sellers, support,
};
use crate::domain::account::{AccountId, BillingIdentity, Contract, ContractId};
use crate::domain::catalog::{SellerId, WorkflowVersion};
use crate::domain::change::stuck::Failure;
use crate::domain::change::{BillingOnFile, ChangeId, EffectId};
use crate::ports::store::{
    ApiKey, Census, ChangeRow, ClientRequest, ContractAmendment, ContractRecord, Dossier, EffectRow,
    EffectUpdate, Erasure, FindingRow, FiscalDocument, GivenAnswer, Grounds, Inbound, JournalEntry, Lease,
    NamedAccount, NewAccount, NewContract, NewFiscalDocument, OutboxRow, OutboxUpdate, PageAsk, Record,
    Search, Situation, Store, StoreResult, TicketNote, Traces, Written,
};

impl Store for SqliteStore {
    fn record(&self, mut record: Record) -> BoxFuture<'_, StoreResult<Written>> {
        match (record.predecessor.take(), record.client.take()) {
            (Some(predecessor), _) => self.write(move |connection| {
                Box::pin(async move { record::after_another(connection, &predecessor, &record).await })
            }),
            (None, Some(client)) => self.write(move |connection| {
                Box::pin(async move { record::after_a_form(connection, *client, &record).await })
            }),
            (None, None) => self.write_joint(record),
        }
    }

    fn grounds(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<Grounds>>> {
        self.ask(changes::ask_grounds(contract), changes::read_grounds)
    }

    fn situation(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<Situation>>> {
        self.ask(changes::ask_situation(change), changes::read_situation)
    }

    fn begin_attempt(
        &self,
        lease: Lease,
        effect: EffectId,
        now: Timestamp,
        key_deadline: Timestamp,
    ) -> BoxFuture<'_, StoreResult<bool>> {
        let attempt = effects::Attempt {
            lease,
            effect,
            now,
            key_deadline,
        };
        let noted = self.write_joint(attempt);
        Box::pin(async move { Ok(noted.await? == Written::Done) })
    }

    fn settle_effect(&self, update: EffectUpdate, now: Timestamp) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| Box::pin(effects::settle(connection, update, now)))
    }

    fn claim_due(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        owner: &str,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Lease>>> {
        let owner = owner.to_owned();
        self.write(move |connection| {
            Box::pin(async move { due::claim(connection, now, lease, &owner, limit).await })
        })
    }

    fn release(
        &self,
        lease: Lease,
        due_at: Option<Timestamp>,
        asked_at: Option<Timestamp>,
    ) -> BoxFuture<'_, StoreResult<()>> {
        let released = self.write_joint(due::Release {
            lease,
            due_at,
            asked_at,
        });
        Box::pin(async move { released.await.map(drop) })
    }

    fn give_back(&self, owner: &str, now: Timestamp) -> BoxFuture<'_, StoreResult<u64>> {
        let owner = owner.to_owned();
        self.write(move |connection| Box::pin(async move { due::give_back(connection, &owner, now).await }))
    }

    fn park(
        &self,
        lease: Lease,
        due_at: Timestamp,
        asked_at: Option<Timestamp>,
        failure: Failure,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| {
            Box::pin(async move { due::park(connection, lease, due_at, asked_at, &failure, now).await })
        })
    }

    fn next_due(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.glance(|connection| Box::pin(due::next(connection)))
    }

    fn journal(&self, change: ChangeId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.glance(move |connection| Box::pin(journal::read(connection, History::Change(change), page)))
    }

    fn effects(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<EffectRow>>> {
        self.ask(effects::ask_all(change), effects::read)
    }

    fn invoices_asked(
        &self,
        contract: ContractId,
        since: Timestamp,
    ) -> BoxFuture<'_, StoreResult<Vec<Timestamp>>> {
        self.glance(move |connection| Box::pin(effects::invoices_asked(connection, contract, since)))
    }

    fn changes_of(&self, contract: ContractId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>> {
        self.glance(move |connection| Box::pin(changes::of_contract(connection, contract, page)))
    }

    fn successor(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>> {
        self.ask(changes::ask_for_successor(change), changes::read_first)
    }

    fn contracts_after(
        &self,
        seller: &SellerId,
        after: Option<ContractId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<ContractId>>> {
        let seller = seller.clone();
        self.glance(move |connection| {
            Box::pin(async move { contracts::after(connection, &seller, after, limit).await })
        })
    }

    fn keep_findings(
        &self,
        contract: ContractId,
        findings: Vec<FindingRow>,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| {
            Box::pin(async move { findings::keep(connection, contract, &findings).await })
        })
    }

    fn findings_of(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Vec<FindingRow>>> {
        self.glance(move |connection| Box::pin(findings::of_contract(connection, contract)))
    }

    fn findings(&self, seller: &SellerId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<FindingRow>>> {
        let seller = seller.clone();
        self.glance(move |connection| {
            Box::pin(async move { findings::of_seller(connection, &seller, page).await })
        })
    }

    fn find_changes(&self, search: Search) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>> {
        self.read(move |connection| Box::pin(support::find(connection, search)))
    }

    fn dossier(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<Dossier>>> {
        self.read(move |connection| Box::pin(support::dossier(connection, change)))
    }

    fn census(&self, late: Timestamp) -> BoxFuture<'_, StoreResult<Census>> {
        self.read(move |connection| Box::pin(census::take(connection, late)))
    }

    fn change_ids(&self, after: Option<ChangeId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ChangeId>>> {
        self.glance(move |connection| Box::pin(changes::ids(connection, after, limit)))
    }

    fn accept_inbound(&self, inbound: Inbound) -> BoxFuture<'_, StoreResult<bool>> {
        self.write(move |connection| Box::pin(inbox::accept(connection, inbound)))
    }

    fn claim_outbox(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<OutboxRow>>> {
        self.write(move |connection| Box::pin(outbox::claim(connection, now, lease, limit)))
    }

    fn settle_outbox(&self, id: Uuid, update: OutboxUpdate) -> BoxFuture<'_, StoreResult<()>> {
        let settled = self.write_joint(outbox::Settled { row: id, update });
        Box::pin(async move { settled.await.map(drop) })
    }

    fn next_outbox(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.glance(|connection| Box::pin(outbox::next(connection)))
    }

    fn events(&self, seller: &SellerId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<(u64, OutboxRow)>>> {
        let seller = seller.clone();
        self.read(move |connection| Box::pin(async move { outbox::feed(connection, &seller, page).await }))
    }

    fn create_account(&self, account: NewAccount) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(accounts::create(connection, account)))
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, StoreResult<Option<NamedAccount>>> {
        self.ask(accounts::ask(id), accounts::read)
    }

    fn traces(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Traces>>> {
        self.read(move |connection| Box::pin(erasing::traces(connection, account)))
    }

    fn erase(&self, erasure: Erasure) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(async move { erasing::erase(connection, &erasure).await }))
    }

    fn billing(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<BillingOnFile>>> {
        self.ask(accounts::ask_billing(account), accounts::read_billing)
    }

    fn create_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(contracts::create(connection, contract)))
    }

    fn propose_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(proposals::propose(connection, contract)))
    }

    fn proposed_contract(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Contract>>> {
        self.glance(move |connection| Box::pin(proposals::of_account(connection, account)))
    }

    fn amend_contract(&self, amendment: ContractAmendment) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(proposals::amend(connection, amendment)))
    }

    fn contract(&self, id: ContractId) -> BoxFuture<'_, StoreResult<Option<Contract>>> {
        self.ask(contracts::ask(id), contracts::read)
    }

    fn contract_ids(
        &self,
        after: Option<ContractId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<ContractId>>> {
        self.glance(move |connection| Box::pin(contracts::ids(connection, after, limit)))
    }

    fn contracts_of(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<Contract>>> {
        self.glance(move |connection| Box::pin(contracts::of_account(connection, account)))
    }

    fn record_contract(&self, record: ContractRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.write_joint(record)
    }

    fn contract_journal(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.glance(move |connection| Box::pin(journal::read(connection, History::Contract(contract), page)))
    }

    fn open_change(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>> {
        self.ask(changes::ask_for_open(contract), changes::read_first)
    }

    fn promised_change(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>> {
        self.ask(changes::ask_for_promised(contract), changes::read_first)
    }

    fn identity(&self, row: Uuid) -> BoxFuture<'_, StoreResult<Option<BillingIdentity>>> {
        self.ask(accounts::ask_identity(row), accounts::read_identity)
    }

    fn add_fiscal_document(&self, new: NewFiscalDocument) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(sellers::add_fiscal_document(connection, new)))
    }

    fn fiscal_documents(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<FiscalDocument>>> {
        self.glance(move |connection| Box::pin(sellers::fiscal_documents(connection, change)))
    }

    fn ticket_notes(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<TicketNote>>> {
        self.glance(move |connection| Box::pin(notes::of_change(connection, change)))
    }

    fn keep_workflow(
        &self,
        seller: &SellerId,
        version: &WorkflowVersion,
        text: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        let (seller, version, text) = (seller.clone(), version.clone(), text.to_owned());
        self.write(move |connection| {
            Box::pin(async move { sellers::keep_workflow(connection, &seller, &version, &text, now).await })
        })
    }

    fn workflow(&self, version: &WorkflowVersion) -> BoxFuture<'_, StoreResult<Option<String>>> {
        let version = version.clone();
        self.glance(move |connection| Box::pin(async move { sellers::workflow(connection, &version).await }))
    }

    fn keep_api_key(&self, key: ApiKey) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| Box::pin(sellers::keep_api_key(connection, key)))
    }

    fn api_key(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<Option<ApiKey>>> {
        self.glance(move |connection| Box::pin(sellers::api_key(connection, hash)))
    }

    fn keep_answer(&self, request: ClientRequest) -> BoxFuture<'_, StoreResult<Written>> {
        self.write_joint(request)
    }

    fn answered(&self, seller: &SellerId, key: &str) -> BoxFuture<'_, StoreResult<Option<GivenAnswer>>> {
        self.ask(requests::ask_for(seller, key), requests::read)
    }
}
