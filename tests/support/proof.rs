//! What must hold whatever has happened: read from the provider's ledger and requests, from the journal and from the mailbox,
//! once a house has come to rest. The names of the promises are those that `tests/journeys` uses.

use std::collections::{BTreeMap, BTreeSet};

use changeover::domain::account::{Contract, ContractStatus, LinePlace};
use changeover::domain::change::{Event, Receipt, RefundStep, Stage, read_stage};
use changeover::engine::HistoryEntry;
use changeover::mail::StoredMail;
use changeover::ports::store::{ChangeRow, EffectRow, OverageRow, PageAsk, Store};
use serde_json::Value;

use super::provider::Provider;
use super::told;

/// Twenty hours, in seconds: older keys are not sent.
const KEY_LIFE: i64 = 20 * 3600;

/// One change with everything that was written about it.
pub(super) struct Story {
    pub(super) row: ChangeRow,
    stage: Stage,
    pub(super) history: Vec<HistoryEntry>,
    effects: Vec<EffectRow>,
}

impl Story {
    /// The facts that its journal says are told, as the outbox names them: without the way on which.
    pub(super) fn tells(&self) -> impl Iterator<Item = (&str, String)> {
        let entries = (1..).zip(&self.history);
        entries.flat_map(move |(seq, entry)| {
            let topics = entry
                .effects
                .iter()
                .filter_map(|effect| effect.strip_prefix("tell:"));
            topics.map(move |topic| (topic, format!("{}.{seq}.{topic}", self.row.id)))
        })
    }
}

/// Proves the promises on what is left after a test.
pub async fn prove(
    store: &dyn Store,
    provider: &Provider,
    mails: &[StoredMail],
    mails_may_repeat: bool,
    commits_were_lost: bool,
) {
    let stories = stories(store).await;
    let requests = provider.requests().await;
    let ledger = provider.ledger().await;
    if !commits_were_lost {
        every_request_had_its_intent(&stories, &charged_for_use(store).await, &requests);
    }
    // A key that was used in a lost life is refused with other bytes: nothing was carried out.
    let carried_out = |request: &&Value| !commits_were_lost || request["status"] != 400;
    let requests: Vec<Value> = requests.iter().filter(carried_out).cloned().collect();
    one_key_carried_one_body_for_twenty_hours(&requests);
    every_request_about_cards_was_promised(store, &requests).await;
    for story in &stories {
        is_paid_as_agreed(story, &ledger);
        ends_once(story);
    }
    every_charge_has_its_receipt(&stories, &ledger);
    what_is_held_is_what_the_provider_holds(store, provider).await;
    told::everything_told_leaves_once(store, &stories).await;
    told::every_mail_arrives_once(mails, mails_may_repeat);
    told::every_mail_is_owed_and_arrives(store, &stories, mails, commits_were_lost).await;
}

async fn stories(store: &dyn Store) -> Vec<Story> {
    let mut ids = Vec::new();
    loop {
        let page = store.change_ids(ids.last().copied(), 200).await.expect("ids");
        if page.is_empty() {
            break;
        }
        ids.extend(page);
    }
    let mut stories = Vec::new();
    for id in ids {
        let situation = store.situation(id).await.expect("read").expect("a change");
        let mut history = Vec::new();
        loop {
            let after = history.len() as u64;
            let page = store
                .journal(id, PageAsk { after, limit: 200 })
                .await
                .expect("read");
            if page.is_empty() {
                break;
            }
            let said = page.iter().map(|entry| serde_json::from_slice(&entry.content));
            history.extend(said.map(|said| said.expect("a history entry")));
        }
        stories.push(Story {
            stage: read_stage(&situation.change.stage).expect("a stage"),
            effects: store.effects(id).await.expect("read"),
            row: situation.change,
            history,
        });
    }
    stories
}

/// What went beyond limits, of all contracts.
async fn charged_for_use(store: &dyn Store) -> Vec<OverageRow> {
    let (mut all, mut last) = (Vec::new(), None);
    loop {
        let ids = store.contract_ids(last, 200).await.expect("ids");
        let Some(newest) = ids.last() else { break };
        last = Some(*newest);
        for id in ids {
            all.extend(store.overages(id, false).await.expect("read"));
        }
    }
    all
}

fn ours(request: &Value) -> Option<&str> {
    // Card setups cost nothing and have no effect row; a wallet is of an account, and its requests are in a journal of their own; the
    // catalogue is pushed by an operator.
    let key = request["idempotency_key"].as_str()?;
    let apart = ["-card-", "-wallet-", "catalog"]
        .iter()
        .any(|word| key.contains(word));
    (key.starts_with("changeover-") && !apart).then_some(key)
}

/// I4, I5: what left was promised before, and its attempt was written.
fn every_request_had_its_intent(stories: &[Story], for_use: &[OverageRow], requests: &[Value]) {
    let attempted: BTreeSet<&str> = stories
        .iter()
        .flat_map(|story| &story.effects)
        .filter(|effect| effect.attempts > 0 && effect.first_sent_at.is_some())
        .map(|effect| effect.key.as_str())
        .collect();
    for request in requests {
        // A charge for use can take two requests; the row keeps the last one's key, and how many there were.
        let of_use = |key: &str| {
            for_use.iter().filter(|row| row.attempts > 0).any(|row| {
                let nth = key.strip_prefix(&format!("changeover-overage-{}-", row.id));
                let nth = nth.and_then(|nth| nth.parse::<u32>().ok());
                nth.is_some_and(|nth| (1..=row.generation).contains(&nth))
            })
        };
        if let Some(key) = ours(request) {
            assert!(
                attempted.contains(key) || of_use(key),
                "I5: {key} left without an attempt: {request}"
            );
        }
    }
}

/// I5, for wallets: the key of every request that changes one stands in its history.
async fn every_request_about_cards_was_promised(store: &dyn Store, requests: &[Value]) {
    let keys = requests
        .iter()
        .filter_map(|request| request["idempotency_key"].as_str());
    let sent: Vec<&str> = keys.filter(|key| key.contains("-wallet-")).collect();
    if sent.is_empty() {
        return;
    }
    let mut promised = String::new();
    let contracts = store.contract_ids(None, 200).await.expect("ids");
    for id in contracts {
        let contract = store.contract(id).await.expect("read").expect("a contract");
        let all = PageAsk { after: 0, limit: 200 };
        for line in store.card_journal(contract.account, all).await.expect("read") {
            promised.push_str(&String::from_utf8_lossy(&line.content));
        }
    }
    for key in sent {
        assert!(
            promised.contains(key),
            "I5: {key} left without an order that is written"
        );
    }
}

/// I6, I7: one key, one request, for twenty hours at most.
fn one_key_carried_one_body_for_twenty_hours(requests: &[Value]) {
    let mut first: BTreeMap<&str, &Value> = BTreeMap::new();
    for request in requests {
        let Some(key) = ours(request) else { continue };
        let before = first.entry(key).or_insert(request);
        for part in ["method", "path", "version", "body_sha256"] {
            assert_eq!(before[part], request[part], "I6: {key} carried two requests");
        }
        let age = request["at"].as_i64().expect("a time") - before["at"].as_i64().expect("a time");
        assert!(age <= KEY_LIFE, "I7: {key} was sent {age} s after its first use");
    }
}

/// I13, I15: done means paid, and paid means the confirmed amount or less; what was more is on its way back.
fn is_paid_as_agreed(story: &Story, ledger: &[Value]) {
    let Stage::Active { deal, receipt } = &story.stage else {
        return;
    };
    let (agreed, charged) = (deal.quote.due_today.amount, receipt.charged.amount);
    let reference = &story.row.reference.0;
    assert_eq!(
        deal.quote.due_today.currency, receipt.charged.currency,
        "I15: {reference}"
    );
    match receipt.excess {
        None => assert!(
            charged <= agreed,
            "I15: {reference} cost {charged}, agreed was {agreed}"
        ),
        Some(excess) => {
            assert_eq!(charged - excess.amount, agreed, "I15: {reference}");
            assert!(receipt.refund.is_some(), "I15: {reference} keeps {excess}");
        }
    }
    let Some(id) = &receipt.invoice else {
        assert_eq!(charged, 0, "I13: {reference} has no invoice");
        return;
    };
    let invoice = ledger.iter().find(|entry| entry["id"] == id.as_str());
    let invoice = invoice.unwrap_or_else(|| panic!("I3: the provider lacks {id}"));
    assert_eq!(invoice["status"], "paid", "I13: {reference}");
    assert_eq!(invoice["amount_paid"], charged, "I15: {reference}");
}

/// I2, I15, I16: money that a change of ours moved is on exactly one receipt, and nothing of it went back but what was too
/// much; or all of it went back.
fn every_charge_has_its_receipt(stories: &[Story], ledger: &[Value]) {
    let receipts: Vec<&Receipt> = stories
        .iter()
        .filter_map(|story| match &story.stage {
            Stage::Active { receipt, .. } => Some(receipt),
            _ => None,
        })
        .filter(|receipt| receipt.invoice.is_some())
        .collect();
    let on_receipt = |invoice: &str| {
        receipts
            .iter()
            .find(|one| one.invoice.as_deref() == Some(invoice))
    };
    let distinct: BTreeSet<_> = receipts.iter().map(|receipt| &receipt.invoice).collect();
    assert_eq!(distinct.len(), receipts.len(), "I2: one invoice on two receipts");
    let mut kept: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (effect, invoice) in paid_for_changes(ledger) {
        let id = invoice["id"].as_str().expect("an id");
        let (paid, back) = (
            invoice["amount_paid"].as_i64().expect("an amount"),
            given_back(ledger, id),
        );
        match on_receipt(id) {
            Some(receipt) => {
                let returned = match (&receipt.refund, receipt.excess) {
                    (Some(RefundStep::Returned { .. }), Some(excess)) => excess.amount,
                    _ => 0,
                };
                assert_eq!(back, returned, "I16: what went back of {id}");
                kept.entry(effect).or_default().push(id);
            }
            None => assert_eq!(back, paid, "I15: {id} was charged, and no change knows of it"),
        }
    }
    for (effect, invoices) in kept {
        assert_eq!(
            invoices.len(),
            1,
            "I2: the effect {effect} was paid by {invoices:?}"
        );
    }
}

/// The paid invoices that carry a mark of ours and were made by a change, with the effect that they name.
fn paid_for_changes(ledger: &[Value]) -> impl Iterator<Item = (&str, &Value)> {
    let paid = ledger.iter().filter(|entry| {
        entry["object"] == "invoice" && entry["status"] == "paid" && entry["amount_paid"] != 0
    });
    paid.filter_map(|invoice| {
        let reason = invoice["billing_reason"].as_str().unwrap_or_default();
        // A one-off invoice carries the mark itself.
        let place = if reason == "manual" {
            "/metadata/changeover_effect"
        } else {
            "/parent/subscription_details/metadata/changeover_effect"
        };
        let mark = invoice.pointer(place)?;
        let of_change = ["subscription_update", "subscription_create", "manual"].contains(&reason);
        Some((mark.as_str().filter(|_| of_change)?, invoice))
    })
}

fn given_back(ledger: &[Value], invoice: &str) -> i64 {
    let refunds = ledger
        .iter()
        .filter(|entry| entry["object"] == "refund" && entry["sandbox_invoice"] == invoice);
    let refunded: i64 = refunds
        .map(|refund| refund["amount"].as_i64().expect("an amount"))
        .sum();
    // What cannot go back becomes a credit of the customer.
    let credits = ledger.iter().filter(|entry| {
        entry["object"] == "customer_balance_transaction"
            && entry["description"] == format!("Paid too late: {invoice}")
    });
    let credited: i64 = credits
        .map(|credit| -credit["amount"].as_i64().expect("an amount"))
        .sum();
    refunded + credited
}

/// I17: after the end only calls that were on their way, money that goes back, and what support leaves or hurries.
fn ends_once(story: &Story) {
    let stages = story.history.iter().map(|entry| {
        let stored = serde_json::to_vec(&entry.stage).expect("json");
        read_stage(&stored).expect("a stage")
    });
    let mut over = false;
    for (entry, stage) in story.history.iter().zip(stages) {
        if over {
            let allowed = matches!(
                entry.event,
                Event::Done { .. }
                    | Event::Failed { .. }
                    | Event::Retry
                    | Event::SucceededBy { .. }
                    | Event::CleanUp { .. }
                    | Event::Hurry
                    | Event::Resume
                    | Event::Note
            );
            assert!(allowed, "I17: `{}` after the end", entry.event.name());
            assert!(stage.is_terminal(), "I17: {} went on", story.row.reference.0);
        }
        over |= stage.is_terminal();
    }
    assert_eq!(over, !story.row.open, "I10: {}", story.row.reference.0);
}

/// I13, I14: where no change is on its way, the provider holds what the contract says: the new lines after a change that is
/// done, the old ones after any other.
async fn what_is_held_is_what_the_provider_holds(store: &dyn Store, provider: &Provider) {
    let mut last = None;
    loop {
        let page = store.contract_ids(last, 200).await.expect("ids");
        let Some(newest) = page.last() else { break };
        last = Some(*newest);
        for id in page {
            let contract = store.contract(id).await.expect("read").expect("a contract");
            if store.open_change(id).await.expect("read").is_none() {
                holds(provider, &contract).await;
            }
        }
    }
}

async fn holds(provider: &Provider, contract: &Contract) {
    let Some(subscription) = contract
        .subscription
        .as_ref()
        .filter(|_| contract.status == ContractStatus::Active)
    else {
        return;
    };
    let read = provider.get(&format!("/v1/subscriptions/{subscription}")).await;
    let held = read["items"]["data"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            let id = item["id"].as_str().expect("an id");
            (id, item["quantity"].as_u64().expect("a quantity"))
        });
    let agreed = contract.lines.iter().filter_map(|line| match &line.place {
        LinePlace::Provider { item } => Some((item.as_str(), line.quantity)),
        LinePlace::Outside => None,
    });
    let (held, agreed): (BTreeMap<_, _>, BTreeMap<_, _>) = (held.collect(), agreed.collect());
    assert_eq!(held, agreed, "I13, I14: {subscription} against its contract");
}
