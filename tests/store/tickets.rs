//! Requests to go down: words in rows that can be erased, and the one promise that waits beside the change in progress.

use changeover::domain::change::TicketMaker;
use changeover::ports::store::{ChangeRow, NoteKind, Record, Store, TicketNote, Written};

use super::people::{at, household, new_id};
use super::writings::{done, ending, moving, opened, opening};

/// The same change, from now on promised for a day, or on its way there.
fn promised(change: &ChangeRow, stage: &str, minute: i64) -> Record {
    let mut record = moving(change, at(minute));
    record.change.stage_name = format!("downgrade_ticket.{stage}");
    record.change.open = false;
    record
}

/// The same change, in progress again.
fn in_progress(change: &ChangeRow, minute: i64) -> Record {
    let mut record = moving(change, at(minute));
    "downgrade_ticket.applying".clone_into(&mut record.change.stage_name);
    record.change.open = true;
    record
}

pub(crate) async fn one_promise_waits_beside_the_change_in_progress(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let contract = home.contract.id;
    let first = opened(store, &home, None).await;
    let first = done(store, promised(&first, "scheduled", 1)).await;
    assert_eq!(store.open_change(contract).await.expect("read"), None);
    assert_eq!(
        store.promised_change(contract).await.expect("read"),
        Some(first.id)
    );

    // It is in nobody's way, but a second promise has no place beside it.
    let second = opened(store, &home, None).await;
    for stage in ["scheduled", "scheduling"] {
        let written = store.record(promised(&second, stage, 2)).await.expect("answered");
        assert_eq!(written, Written::Blocked(first.id), "{stage}");
    }
    // Nor can the first come back while the second is in progress.
    let written = store.record(in_progress(&first, 3)).await.expect("answered");
    assert_eq!(written, Written::Blocked(second.id));
    let again = done(store, promised(&first, "scheduling", 4)).await;
    done(store, ending(&second, at(5))).await;
    let back = done(store, in_progress(&again, 6)).await;
    assert_eq!(store.open_change(contract).await.expect("read"), Some(back.id));
    assert_eq!(store.promised_change(contract).await.expect("read"), None);
}

fn note(
    change: changeover::domain::change::ChangeId,
    kind: NoteKind,
    words: &str,
    minute: i64,
) -> TicketNote {
    TicketNote {
        id: new_id(),
        change,
        kind,
        author: TicketMaker::Customer,
        data: Some(words.as_bytes().to_vec()),
        hash: "a".repeat(64),
        at: at(minute),
    }
}

pub(crate) async fn words_about_a_request_are_kept_with_their_decision_or_not_at_all(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let mut first = opening(&home, at(1));
    let form = note(first.change.id, NoteKind::Form, r#"{"fields":{}}"#, 1);
    first.note = Some(form.clone());
    let change = done(store, first).await;
    assert_eq!(
        store.ticket_notes(change.id).await.expect("read"),
        std::slice::from_ref(&form)
    );

    let mut second = moving(&change, at(2));
    let mut comment = note(change.id, NoteKind::Internal, r#"{"text":"?"}"#, 2);
    comment.author = TicketMaker::Support;
    second.note = Some(comment.clone());
    done(store, second.clone()).await;
    // The same decision once more was made on an outdated version: neither it nor its words are written.
    let mut outdated = second;
    outdated.note = Some(note(change.id, NoteKind::Comment, r#"{"text":"!"}"#, 3));
    assert_eq!(store.record(outdated).await.expect("answered"), Written::Stale);
    assert_eq!(
        store.ticket_notes(change.id).await.expect("read"),
        [form, comment],
        "oldest first"
    );

    let other = household(store, "cus_2").await;
    let other = opened(store, &other, None).await;
    assert_eq!(store.ticket_notes(other.id).await.expect("read"), []);
}
