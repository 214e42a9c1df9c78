//! How a word that somebody types names changes: the same on both databases.

use sqlx::{Database, Encode, QueryBuilder, Type};

/// Each has an index of its own, so that no list is gone through; a union instead of alternatives, for the same reason.
const DIRECTLY: [&str; 4] = [
    " AND id IN (SELECT id FROM change WHERE reference = ",
    " UNION SELECT id FROM change WHERE invoice = ",
    " UNION SELECT id FROM change WHERE payment_intent = ",
    " UNION SELECT change FROM effect WHERE key = ",
];

/// By whose it is, or what it is about. What stands behind the word closes what was opened.
const BY_HOLDER: [(&str, &str); 4] = [
    (
        " UNION SELECT id FROM change WHERE account IN (SELECT id FROM account WHERE provider_customer = ",
        ")",
    ),
    (
        " UNION SELECT id FROM change WHERE account IN (SELECT id FROM account WHERE external_id = ",
        ")",
    ),
    (
        " UNION SELECT id FROM change WHERE account IN (SELECT id FROM account WHERE lower(email) = lower(",
        "))",
    ),
    (
        " UNION SELECT id FROM change WHERE contract IN (SELECT id FROM contract WHERE subscription = ",
        ")",
    ),
];

/// A webhook by its own id, where what it is about is a change's own.
const BY_EVENT: [&str; 3] = [
    " UNION SELECT own.id FROM inbox JOIN change AS own ON own.invoice = inbox.object AND own.seller = inbox.seller
        WHERE inbox.event_id = ",
    " UNION SELECT own.id FROM inbox JOIN change AS own ON own.payment_intent = inbox.object AND own.seller = inbox.seller
        WHERE inbox.event_id = ",
    " UNION SELECT own.id FROM inbox JOIN contract ON contract.subscription = inbox.object AND contract.seller = inbox.seller
        JOIN change AS own ON own.contract = contract.id WHERE inbox.event_id = ",
];

/// A webhook about something else, such as a charge or a card's setup: whatever of its customer had been opened when it came. Those are
/// the changes whose timeline shows it.
const HEARD: &str = " UNION SELECT own.id FROM inbox
        JOIN account ON account.provider_customer = inbox.customer AND account.seller = inbox.seller
        JOIN change AS own ON own.account = account.id AND own.created_at <= inbox.received_at
        WHERE NOT EXISTS (SELECT 1 FROM change AS exact WHERE exact.invoice = inbox.object)
        AND NOT EXISTS (SELECT 1 FROM change AS exact WHERE exact.payment_intent = inbox.object)
        AND NOT EXISTS (SELECT 1 FROM contract WHERE contract.subscription = inbox.object)
        AND inbox.";

/// Which changes a word names, as a condition on `change.id`.
pub(super) fn by_word<DB>(query: &mut QueryBuilder<DB>, word: &str)
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    for part in DIRECTLY {
        query.push(part).push_bind(word.to_owned());
    }
    for (part, end) in BY_HOLDER {
        query.push(part).push_bind(word.to_owned()).push(end);
    }
    for part in BY_EVENT {
        query.push(part).push_bind(word.to_owned());
    }
    for named in ["event_id = ", "object = "] {
        query.push(HEARD).push(named).push_bind(word.to_owned());
    }
    query.push(")");
}
