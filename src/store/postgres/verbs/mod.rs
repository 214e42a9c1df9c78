//! The port's verbs, each led to the file that knows how.

mod cards;
mod clients;
mod metering;
mod pages;
mod staff;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    PostgresStore, accounts, census, changes, contracts, due, effects, erasing, findings, inbox, journal,
    notes, outbox, proposals, requests, sellers, support,
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

impl Store for PostgresStore {
    fn record(&self, record: Record) -> BoxFuture<'_, StoreResult<Written>> {
        Box::pin(self.decisions.ask(record))
    }

    fn grounds(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<Grounds>>> {
        self.ask(contract, |pool, asked| Box::pin(changes::grounds(pool, asked)))
    }

    fn situation(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<Situation>>> {
        Box::pin(self.situations.ask(change))
    }

    fn begin_attempt(
        &self,
        lease: Lease,
        effect: EffectId,
        now: Timestamp,
        key_deadline: Timestamp,
    ) -> BoxFuture<'_, StoreResult<bool>> {
        Box::pin(self.attempts.ask(effects::Attempt {
            lease,
            effect,
            now,
            key_deadline,
        }))
    }

    fn settle_effect(&self, update: EffectUpdate, now: Timestamp) -> BoxFuture<'_, StoreResult<()>> {
        self.ask((update, now), |pool, asked| {
            Box::pin(effects::settle(pool, asked))
        })
    }

    fn claim_due(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        owner: &str,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Lease>>> {
        self.ask(
            due::Claim {
                now,
                lease,
                owner: owner.to_owned(),
                limit,
            },
            |pool, asked| Box::pin(due::claim(pool, asked)),
        )
    }

    fn release(
        &self,
        lease: Lease,
        due_at: Option<Timestamp>,
        asked_at: Option<Timestamp>,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.ask(
            due::Release {
                lease,
                due_at,
                asked_at,
            },
            |pool, asked| Box::pin(due::release(pool, asked)),
        )
    }

    fn give_back(&self, owner: &str, now: Timestamp) -> BoxFuture<'_, StoreResult<u64>> {
        self.ask((owner.to_owned(), now), |pool, asked| {
            Box::pin(due::give_back(pool, asked))
        })
    }

    fn park(
        &self,
        lease: Lease,
        due_at: Timestamp,
        asked_at: Option<Timestamp>,
        failure: Failure,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.ask(
            due::Park {
                lease,
                due_at,
                asked_at,
                failure,
                now,
            },
            |pool, asked| Box::pin(due::park(pool, asked)),
        )
    }

    fn next_due(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.ask((), |pool, ()| Box::pin(due::next(pool)))
    }

    fn journal(&self, change: ChangeId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.ask((change, page), |pool, asked| {
            Box::pin(journal::of_change(pool, asked))
        })
    }

    fn effects(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<EffectRow>>> {
        self.ask(change, |pool, asked| Box::pin(effects::read(pool, asked)))
    }

    fn invoices_asked(
        &self,
        contract: ContractId,
        since: Timestamp,
    ) -> BoxFuture<'_, StoreResult<Vec<Timestamp>>> {
        self.ask((contract, since), |pool, asked| {
            Box::pin(effects::invoices_asked(pool, asked))
        })
    }

    fn census(&self, late: Timestamp) -> BoxFuture<'_, StoreResult<Census>> {
        self.ask(late, |pool, asked| Box::pin(census::take(pool, asked)))
    }

    fn changes_of(&self, contract: ContractId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>> {
        self.ask((contract, page), |pool, asked| {
            Box::pin(changes::of_contract(pool, asked))
        })
    }

    fn change_ids(&self, after: Option<ChangeId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ChangeId>>> {
        self.ask((after, limit), |pool, asked| Box::pin(changes::ids(pool, asked)))
    }

    fn successor(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>> {
        self.ask(change, |pool, asked| Box::pin(changes::successor(pool, asked)))
    }

    fn contracts_after(
        &self,
        seller: &SellerId,
        after: Option<ContractId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<ContractId>>> {
        self.ask((seller.clone(), after, limit), |pool, asked| {
            Box::pin(contracts::after(pool, asked))
        })
    }

    fn keep_findings(
        &self,
        contract: ContractId,
        findings: Vec<FindingRow>,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.ask((contract, findings), |pool, asked| {
            Box::pin(findings::keep(pool, asked))
        })
    }

    fn findings_of(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Vec<FindingRow>>> {
        self.ask(contract, |pool, asked| {
            Box::pin(findings::of_contract(pool, asked))
        })
    }

    fn findings(&self, seller: &SellerId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<FindingRow>>> {
        self.ask((seller.clone(), page), |pool, asked| {
            Box::pin(findings::of_seller(pool, asked))
        })
    }

    fn find_changes(&self, search: Search) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>> {
        self.ask(search, |pool, asked| Box::pin(support::find(pool, asked)))
    }

    fn dossier(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<Dossier>>> {
        self.ask(change, |pool, asked| Box::pin(support::dossier(pool, asked)))
    }

    fn accept_inbound(&self, inbound: Inbound) -> BoxFuture<'_, StoreResult<bool>> {
        self.ask(inbound, |pool, asked| Box::pin(inbox::accept(pool, asked)))
    }

    fn claim_outbox(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<OutboxRow>>> {
        self.ask(outbox::Claim { now, lease, limit }, |pool, asked| {
            Box::pin(outbox::claim(pool, asked))
        })
    }

    fn settle_outbox(&self, id: Uuid, update: OutboxUpdate) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(self.departures.ask((id, update)))
    }

    fn next_outbox(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.ask((), |pool, ()| Box::pin(outbox::next(pool)))
    }

    fn events(&self, seller: &SellerId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<(u64, OutboxRow)>>> {
        let ask = outbox::Feed {
            seller: seller.clone(),
            page,
            patience: self.feed_patience,
        };
        self.ask(ask, |pool, asked| Box::pin(outbox::feed(pool, asked)))
    }

    fn create_account(&self, account: NewAccount) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(account, |pool, asked| Box::pin(accounts::create(pool, asked)))
    }

    fn account(&self, id: AccountId) -> BoxFuture<'_, StoreResult<Option<NamedAccount>>> {
        self.ask(id, |pool, asked| Box::pin(accounts::read(pool, asked)))
    }

    fn traces(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Traces>>> {
        self.ask(account, |pool, asked| Box::pin(erasing::traces(pool, asked)))
    }

    fn erase(&self, erasure: Erasure) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(erasure, |pool, asked| Box::pin(erasing::erase(pool, asked)))
    }

    fn billing(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<BillingOnFile>>> {
        self.ask(account, |pool, asked| Box::pin(accounts::billing(pool, asked)))
    }

    fn create_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(contract, |pool, asked| Box::pin(contracts::create(pool, asked)))
    }

    fn propose_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(contract, |pool, asked| Box::pin(proposals::propose(pool, asked)))
    }

    fn proposed_contract(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Contract>>> {
        self.ask(account, |pool, asked| {
            Box::pin(proposals::of_account(pool, asked))
        })
    }

    fn amend_contract(&self, amendment: ContractAmendment) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(amendment, |pool, asked| Box::pin(proposals::amend(pool, asked)))
    }

    fn contract(&self, id: ContractId) -> BoxFuture<'_, StoreResult<Option<Contract>>> {
        self.ask(id, |pool, asked| Box::pin(contracts::read(pool, asked)))
    }

    fn contract_ids(
        &self,
        after: Option<ContractId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<ContractId>>> {
        self.ask((after, limit), |pool, asked| {
            Box::pin(contracts::ids(pool, asked))
        })
    }

    fn contracts_of(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<Contract>>> {
        self.ask(account, |pool, asked| {
            Box::pin(contracts::of_account(pool, asked))
        })
    }

    fn record_contract(&self, record: ContractRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(record, |pool, asked| Box::pin(contracts::record(pool, asked)))
    }

    fn contract_journal(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.ask((contract, page), |pool, asked| {
            Box::pin(journal::of_contract(pool, asked))
        })
    }

    fn open_change(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>> {
        self.ask(contract, |pool, asked| Box::pin(changes::open_on(pool, asked)))
    }

    fn promised_change(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>> {
        self.ask(contract, |pool, asked| {
            Box::pin(changes::promised_on(pool, asked))
        })
    }

    fn identity(&self, row: Uuid) -> BoxFuture<'_, StoreResult<Option<BillingIdentity>>> {
        self.ask(row, |pool, asked| Box::pin(accounts::identity(pool, asked)))
    }

    fn add_fiscal_document(&self, new: NewFiscalDocument) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(new, |pool, asked| {
            Box::pin(sellers::add_fiscal_document(pool, asked))
        })
    }

    fn fiscal_documents(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<FiscalDocument>>> {
        self.ask(change, |pool, asked| {
            Box::pin(sellers::fiscal_documents(pool, asked))
        })
    }

    fn ticket_notes(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<TicketNote>>> {
        self.ask(change, |pool, asked| Box::pin(notes::of_change(pool, asked)))
    }

    fn keep_workflow(
        &self,
        seller: &SellerId,
        version: &WorkflowVersion,
        text: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.ask(
            sellers::Workflow {
                seller: seller.clone(),
                version: version.clone(),
                text: text.to_owned(),
                now,
            },
            |pool, asked| Box::pin(sellers::keep_workflow(pool, asked)),
        )
    }

    fn workflow(&self, version: &WorkflowVersion) -> BoxFuture<'_, StoreResult<Option<String>>> {
        self.ask(version.clone(), |pool, asked| {
            Box::pin(sellers::workflow(pool, asked))
        })
    }

    fn keep_api_key(&self, key: ApiKey) -> BoxFuture<'_, StoreResult<()>> {
        self.ask(key, |pool, asked| Box::pin(sellers::keep_api_key(pool, asked)))
    }

    fn api_key(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<Option<ApiKey>>> {
        self.ask(hash, |pool, asked| Box::pin(sellers::api_key(pool, asked)))
    }

    fn keep_answer(&self, request: ClientRequest) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(request, |pool, asked| Box::pin(requests::keep(pool, asked)))
    }

    fn answered(&self, seller: &SellerId, key: &str) -> BoxFuture<'_, StoreResult<Option<GivenAnswer>>> {
        self.ask((seller.clone(), key.to_owned()), |pool, asked| {
            Box::pin(requests::find(pool, asked))
        })
    }
}
