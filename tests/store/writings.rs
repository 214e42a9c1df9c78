//! What the stories write: decisions, effects, mails and webhooks, and the shortcuts of those that write them.

use changeover::domain::account::{AccountId, BillingIdentity, PostalAddress};
use changeover::domain::change::{CallName, ChangeId, EffectId, IdentityRef, MACHINE_VERSION};
use changeover::ports::store::{
    ChangeRow, Channel, ClientAnswer, ClientRequest, EffectRow, EffectStatus, EffectUpdate, Inbound, Lease,
    NewIdentity, OutboxRow, Record, Store, Subject, Written,
};
use jiff::Timestamp;

use super::people::{A_MINUTE, Household, at, follow, line, new_id, seller, workflow};

/// A decision that opens a change and is never due.
pub(crate) fn opening(household: &Household, now: Timestamp) -> Record {
    let id = ChangeId(new_id());
    let entry = line(None, now, "opened");
    let change = ChangeRow {
        id,
        reference: id.reference(),
        seller: household.account.seller.clone(),
        account: household.account.id,
        contract: household.contract.id,
        workflow: workflow(),
        version: 1,
        stage: br#"{"v":1,"stage":"draft"}"#.to_vec(),
        stage_name: "draft".to_owned(),
        machine_version: MACHINE_VERSION,
        open: true,
        entered_at: now,
        asked: 0,
        last_asked: None,
        reminded: 0,
        concern_at: None,
        invoice: None,
        payment_intent: None,
        return_url: Some("https://acme.example/done".to_owned()),
        cancel_url: Some("https://acme.example/given-up".to_owned()),
        succeeds: None,
        created_at: now,
        updated_at: now,
        journal_head: entry.hash,
    };
    Record {
        change,
        expected_version: 0,
        fence: None,
        entries: vec![entry],
        settled: Vec::new(),
        effects: Vec::new(),
        outbox: Vec::new(),
        taken_up: Vec::new(),
        account: Vec::new(),
        identity: None,
        note: None,
        contract: None,
        due_at: None,
        request: None,
        contract_look: None,
        held_until: None,
        predecessor: None,
        client: None,
    }
}

/// A decision that moves a change on by one line.
pub(crate) fn moving(change: &ChangeRow, now: Timestamp) -> Record {
    let entry = follow(change.version + 1, change.journal_head, now, "moved");
    let mut moved = change.clone();
    moved.version += 1;
    moved.stage_name = format!("stage.{}", moved.version);
    moved.updated_at = now;
    moved.journal_head = entry.hash;
    Record {
        change: moved,
        expected_version: change.version,
        fence: None,
        entries: vec![entry],
        settled: Vec::new(),
        effects: Vec::new(),
        outbox: Vec::new(),
        taken_up: Vec::new(),
        account: Vec::new(),
        identity: None,
        note: None,
        contract: None,
        due_at: None,
        request: None,
        contract_look: None,
        held_until: None,
        predecessor: None,
        client: None,
    }
}

/// A decision that ends a change.
pub(crate) fn ending(change: &ChangeRow, now: Timestamp) -> Record {
    let mut record = moving(change, now);
    record.change.open = false;
    record.contract_look = Some(now);
    record
}

/// Writes a decision that must succeed, and gives the change as it is then.
pub(crate) async fn done(store: &dyn Store, record: Record) -> ChangeRow {
    let change = record.change.clone();
    assert_eq!(store.record(record).await.expect("written"), Written::Done);
    change
}

/// Opens a change that is due at a time, or never.
pub(crate) async fn opened(store: &dyn Store, household: &Household, due_at: Option<Timestamp>) -> ChangeRow {
    let mut record = opening(household, at(0));
    record.due_at = due_at;
    done(store, record).await
}

pub(crate) fn effect(change: &ChangeRow, name: CallName, charging: Option<&str>) -> EffectRow {
    let id = EffectId(new_id());
    EffectRow {
        id,
        change: change.id,
        name,
        generation: 1,
        call: br#"{"name":"void_invoice"}"#.to_vec(),
        request: b"POST /v1/invoices".to_vec(),
        request_hash: "0f".repeat(32),
        key: format!("key-{id}"),
        first_sent_at: None,
        key_deadline: None,
        status: EffectStatus::Intent,
        attempts: 0,
        next_try_at: at(1),
        outcome: None,
        last_error: None,
        undecidable_since: None,
        charging: charging.map(str::to_owned),
        consumed: false,
    }
}

pub(crate) fn came_out(effect: &EffectRow, status: EffectStatus) -> EffectUpdate {
    EffectUpdate {
        id: effect.id,
        status,
        outcome: matches!(status, EffectStatus::Succeeded | EffectStatus::Declined)
            .then(|| format!("{status:?}").into_bytes()),
        last_error: None,
        next_try_at: at(30),
        consumed: false,
        undecidable_since: None,
    }
}

pub(crate) fn leaving(change: &ChangeRow, channel: Channel, topic: &str) -> OutboxRow {
    OutboxRow {
        id: new_id(),
        dedupe_key: format!("{}:{topic}:{channel:?}", change.id),
        channel,
        seller: change.seller.clone(),
        account: change.account,
        topic: topic.to_owned(),
        entry: Some((change.id, change.version)),
        facts: b"{}".to_vec(),
        at: change.updated_at,
        attempts: 0,
        leaves: true,
    }
}

/// Something about a contract that is about no change.
pub(crate) fn leaving_alone(home: &Household, channel: Channel, topic: &str) -> OutboxRow {
    OutboxRow {
        id: new_id(),
        dedupe_key: format!("{}:{topic}:{channel:?}", home.contract.id),
        channel,
        seller: home.account.seller.clone(),
        account: home.account.id,
        topic: topic.to_owned(),
        entry: None,
        facts: b"{}".to_vec(),
        at: home.contract.created_at,
        attempts: 0,
        leaves: true,
    }
}

pub(crate) fn request(key: &str, fingerprint: u8) -> ClientRequest {
    ClientRequest {
        seller: seller(),
        key: key.to_owned(),
        fingerprint: [fingerprint; 32],
        answer: ClientAnswer {
            status: 201,
            body: format!(r#"{{"key":"{key}"}}"#).into_bytes(),
        },
    }
}

pub(crate) fn webhook(event: &str, customer: &str, received_at: Timestamp) -> Inbound {
    Inbound {
        seller: seller(),
        event_id: event.to_owned(),
        event_type: "invoice.paid".to_owned(),
        customer: Some(customer.to_owned()),
        object: Some("in_1".to_owned()),
        received_at,
        envelope: b"{}".to_vec(),
    }
}

pub(crate) fn billing_data(account: AccountId, street: &str) -> NewIdentity {
    NewIdentity {
        reference: IdentityRef {
            row: new_id(),
            hash: format!("hash of {street}"),
            tax_hash: "tax".to_owned(),
            tax_id_hash: "tax id".to_owned(),
        },
        account,
        identity: BillingIdentity {
            legal_name: "Ana Ltda".to_owned(),
            tax_id: None,
            fiscal_email: "nf@example.com".to_owned(),
            address: PostalAddress {
                line1: street.to_owned(),
                line2: String::new(),
                city: "São Paulo".to_owned(),
                state: "SP".to_owned(),
                postal_code: "01310-100".to_owned(),
                country: "BR".to_owned(),
            },
        },
        at: at(1),
    }
}

/// Claims everything that is due.
pub(crate) async fn claim(store: &dyn Store, now: Timestamp) -> Vec<Lease> {
    store
        .claim_due(now, A_MINUTE, "worker", 50)
        .await
        .expect("claimed")
}

/// Claims everything that is due. Contracts among it are looked at, and nothing is new: what is left are the changes.
pub(crate) async fn claim_changes(store: &dyn Store, now: Timestamp) -> Vec<Lease> {
    let mut changes = Vec::new();
    for lease in claim(store, now).await {
        match lease.subject {
            Subject::Change(_) => changes.push(lease),
            Subject::Contract(_) => store.release(lease, None, None).await.expect("released"),
        }
    }
    changes
}

/// Claims what must be this change alone, beside contracts that were woken with it.
pub(crate) async fn claim_only(store: &dyn Store, change: &ChangeRow, now: Timestamp) -> Lease {
    let leases = claim_changes(store, now).await;
    let [lease] = leases.as_slice() else {
        panic!("one subject should be due, not {leases:?}");
    };
    assert_eq!(lease.subject, Subject::Change(change.id));
    *lease
}
