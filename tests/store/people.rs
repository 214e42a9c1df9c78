//! Who the stories are about: households with an account and a contract, and the time that they live in.

use std::sync::atomic::{AtomicU64, Ordering};

use changeover::domain::account::{Account, AccountId, Contract, ContractId, ContractStatus};
use changeover::domain::catalog::{SellerId, WorkflowVersion};
use changeover::domain::language::Language;
use changeover::ports::store::{JournalEntry, NewAccount, NewContract, PageAsk, Store, Written};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub(crate) const FIRST_PAGE: PageAsk = PageAsk { after: 0, limit: 100 };
pub(crate) const A_MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// `seconds` after the stories begin.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).expect("a time")
}

/// Rising, never given twice.
pub(crate) fn new_id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(1);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128((7 << 76) | (2 << 62) | u128::from(number))
}

pub(crate) fn seller() -> SellerId {
    "acme".parse().expect("a seller")
}

pub(crate) fn workflow() -> WorkflowVersion {
    WorkflowVersion("a5".repeat(32))
}

/// An account that holds a contract.
#[derive(Clone)]
pub(crate) struct Household {
    pub(crate) account: Account,
    pub(crate) contract: Contract,
}

/// Moves an account with a contract in. `customer` is its name at the provider.
pub(crate) async fn household(store: &dyn Store, customer: &str) -> Household {
    household_of(store, seller(), customer).await
}

pub(crate) async fn household_of(store: &dyn Store, seller: SellerId, customer: &str) -> Household {
    store
        .keep_workflow(&seller, &workflow(), "[seller]", at(0))
        .await
        .expect("kept");
    let account = new_account(&seller, Some(customer));
    let contract = new_contract(&account, Some(format!("sub_{customer}")));
    let created = store
        .create_account(NewAccount {
            account: account.clone(),
            external_id: None,
            request: None,
        })
        .await;
    assert_eq!(created.expect("written"), Written::Done);
    let concluded = store.create_contract(conclude(&contract)).await;
    assert_eq!(concluded.expect("written"), Written::Done);
    Household { account, contract }
}

pub(crate) fn new_account(seller: &SellerId, customer: Option<&str>) -> Account {
    Account {
        id: AccountId(new_id()),
        seller: seller.clone(),
        email: "ana@example.com".to_owned(),
        name: "Ana's Bakery".to_owned(),
        language: Language::PtBr,
        created_at: at(0),
        provider_customer: customer.map(str::to_owned),
    }
}

pub(crate) fn new_contract(account: &Account, subscription: Option<String>) -> Contract {
    Contract {
        id: ContractId(new_id()),
        version: 1,
        account: account.id,
        seller: account.seller.clone(),
        plan: "starter".parse().expect("a plan"),
        currency: "BRL".parse().expect("a currency"),
        lines: Vec::new(),
        options: std::collections::BTreeMap::new(),
        anchor_day: 5,
        periods: Vec::new(),
        subscription,
        status: ContractStatus::Active,
        responsible: Some("Ana".to_owned()),
        created_at: at(0),
        client: None,
    }
}

/// A contract that is never due by itself.
pub(crate) fn conclude(contract: &Contract) -> NewContract {
    NewContract {
        contract: contract.clone(),
        entry: line(None, at(0), "concluded"),
        due_at: None,
        provider_customer: None,
        request: None,
    }
}

/// The line of history after `before`.
pub(crate) fn line(before: Option<&JournalEntry>, at: Timestamp, what: &str) -> JournalEntry {
    let (seq, previous) = before.map_or((1, [0; 32]), |before| (before.seq + 1, before.hash));
    follow(seq, previous, at, what)
}

pub(crate) fn follow(seq: u64, previous: [u8; 32], at: Timestamp, what: &str) -> JournalEntry {
    let content = what.as_bytes().to_vec();
    let hash = Sha256::new()
        .chain_update(previous)
        .chain_update(seq.to_be_bytes())
        .chain_update(&content)
        .finalize();
    JournalEntry {
        seq,
        at,
        content,
        previous,
        hash: hash.into(),
    }
}
