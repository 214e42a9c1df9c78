//! What was told: events and mails, against the journals and the mailbox.

use std::collections::{BTreeMap, BTreeSet};

use changeover::domain::catalog::SellerId;
use changeover::mail::StoredMail;
use changeover::ports::store::{Channel, Departed, JournalEntry, OutboxRow, PageAsk, Store};
use sha2::{Digest as _, Sha256};

use super::proof::Story;

/// What the customer is always written, and not only shown.
const MAILED: [&str; 8] = [
    "activated",
    "expired",
    "refunded",
    "reminder",
    "ticket_received",
    "ticket_scheduled",
    "voucher_issued",
    "paid_too_late",
];

/// I18: every fact that is to be told has its one row, and no row is without its fact.
pub(super) async fn everything_told_leaves_once(store: &dyn Store, stories: &[Story]) {
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    let mut sellers = BTreeSet::new();
    for story in stories {
        sellers.insert(story.row.seller.clone());
        for (_, fact) in story.tells() {
            *expected.entry(format!("{fact}.event")).or_default() += 1;
        }
    }
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for seller in sellers {
        // Tax documents are told by the seller's own system, and what is about a contract or an account by no change.
        let of_changes = |row: &OutboxRow| row.entry.is_some() && row.topic != "nota_fiscal";
        let told = all_events(store, &seller).await;
        for row in told.into_iter().filter(of_changes) {
            *found.entry(row.dedupe_key).or_default() += 1;
        }
    }
    assert_eq!(
        found, expected,
        "I18: what was told against what the journal says"
    );
}

/// I18: what the histories of contracts say of use is told once, and nothing else is told of it. Gives the names of the mails that
/// are owed for it.
pub(super) async fn what_is_used_is_told_once(store: &dyn Store) -> BTreeSet<String> {
    let (mut noted, mut sellers, mut last) = (0_usize, BTreeSet::new(), None);
    loop {
        let ids = store.contract_ids(last, 200).await.expect("ids");
        let Some(newest) = ids.last() else { break };
        last = Some(*newest);
        for id in ids {
            let contract = store.contract(id).await.expect("read").expect("a contract");
            sellers.insert(contract.seller);
            let page = PageAsk { after: 0, limit: 200 };
            let lines = store.contract_journal(id, page).await.expect("read");
            let about_use = |line: &JournalEntry| {
                let said: serde_json::Value = serde_json::from_slice(&line.content).expect("a line");
                [
                    "credits_granted",
                    "credits_lapsed",
                    "limit_reached",
                    "period_closed",
                    "overage_charged",
                    "overage_refused",
                ]
                .iter()
                .any(|word| said["event"].get(word).is_some())
            };
            noted += lines.iter().filter(|line| about_use(line)).count();
        }
    }
    let (mut told, mut owed) = (BTreeSet::new(), BTreeSet::new());
    for seller in sellers {
        let mut after = 0;
        loop {
            let page = PageAsk { after, limit: 200 };
            let page = store.events(&seller, page).await.expect("read");
            let Some((position, _)) = page.last() else { break };
            after = *position;
            for (_, row) in page {
                if !["usage.", "credits."]
                    .iter()
                    .any(|about| row.topic.starts_with(about))
                {
                    continue;
                }
                assert!(
                    told.insert(row.dedupe_key.clone()),
                    "I18: {} is told twice",
                    row.dedupe_key
                );
                if row.topic == "usage.limit_reached" {
                    let fact = row.dedupe_key.trim_end_matches(".event");
                    owed.insert(name_in_a_mail(&format!("{fact}.{}.mail", row.account)));
                }
            }
        }
    }
    assert_eq!(
        told.len(),
        noted,
        "I18: what is told of use against the histories of contracts"
    );
    owed
}

/// I19: each mail once; a second copy only where a process died while it was leaving, under the same Message-ID.
pub(super) fn every_mail_arrives_once(mails: &[StoredMail], may_repeat: bool) {
    let mut copies: BTreeMap<&str, Vec<&StoredMail>> = BTreeMap::new();
    for mail in mails {
        copies.entry(&mail.message_id).or_default().push(mail);
    }
    for (id, copies) in copies {
        assert!(
            copies.len() == 1 || may_repeat,
            "I19: {id} arrived {} times",
            copies.len()
        );
        assert!(
            copies
                .iter()
                .all(|copy| copy.text == copies[0].text && copy.to == copies[0].to),
            "I19: two mails under {id}"
        );
    }
}

/// I18, I19: what is to be mailed has its row; each row that counts as sent has arrived; and nothing came that nobody owed.
pub(super) async fn every_mail_is_owed_and_arrives(
    store: &dyn Store,
    stories: &[Story],
    mails: &[StoredMail],
    commits_were_lost: bool,
) {
    let arrived: BTreeSet<&str> = mails.iter().map(|mail| name_of(&mail.message_id)).collect();
    let mut owed = what_is_used_is_told_once(store).await;
    owed.extend(told_of_accounts(store).await);
    for story in stories {
        let dossier = store
            .dossier(story.row.id)
            .await
            .expect("read")
            .expect("a change");
        let mails = dossier
            .departures
            .iter()
            .filter(|one| one.row.channel == Channel::Mail);
        let mut facts = BTreeSet::new();
        for departure in mails {
            let key = &departure.row.dedupe_key;
            let name = name_in_a_mail(key);
            assert!(
                departure.departed != Departed::Sent || arrived.contains(name.as_str()),
                "I19: {key} counts as sent and has not arrived"
            );
            owed.insert(name);
            facts.insert(key.trim_end_matches(".mail"));
        }
        for (topic, fact) in story.tells() {
            let missing = MAILED.contains(&topic) && !facts.contains(fact.as_str());
            assert!(!missing, "I18: {fact} is mailed to nobody");
        }
    }
    for name in arrived {
        assert!(
            owed.contains(name) || commits_were_lost,
            "I19: {name} arrived, and nobody owed it"
        );
    }
}

/// The names of the mails that may tell of contracts and accounts: each has its event.
async fn told_of_accounts(store: &dyn Store) -> BTreeSet<String> {
    let mut sellers = BTreeSet::new();
    let mut after = None;
    loop {
        let page = store.contract_ids(after, 200).await.expect("read");
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for id in page {
            sellers.extend(
                store
                    .contract(id)
                    .await
                    .expect("read")
                    .map(|contract| contract.seller),
            );
        }
    }
    let mut names = BTreeSet::new();
    for seller in sellers {
        for row in all_events(store, &seller).await {
            if let (None, Some(fact)) = (row.entry, row.dedupe_key.strip_suffix("event")) {
                names.insert(name_in_a_mail(&format!("{fact}mail")));
            }
        }
    }
    names
}

/// The whole feed of a seller.
async fn all_events(store: &dyn Store, seller: &SellerId) -> Vec<OutboxRow> {
    let (mut after, mut rows) = (0, Vec::new());
    loop {
        let page = store
            .events(seller, PageAsk { after, limit: 200 })
            .await
            .expect("read");
        let Some((position, _)) = page.last() else {
            return rows;
        };
        after = *position;
        rows.extend(page.into_iter().map(|(_, row)| row));
    }
}

/// What stands before the sender in a Message-ID.
fn name_of(message_id: &str) -> &str {
    message_id
        .trim_start_matches('<')
        .split('@')
        .next()
        .unwrap_or_default()
}

/// The name under which a row of the outbox arrives.
fn name_in_a_mail(dedupe_key: &str) -> String {
    hex::encode(&Sha256::digest(dedupe_key)[..16])
}
