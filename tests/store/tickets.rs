//! Words about requests to go down, in rows that can be erased.

use changeover::domain::change::TicketMaker;
use changeover::ports::store::{NoteKind, Store, TicketNote, Written};

use super::people::{at, household, new_id};
use super::writings::{done, moving, opened, opening};

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
    assert_eq!(store.ticket_notes(change.id).await.expect("read"), [form.clone()]);

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
