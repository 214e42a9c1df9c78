-- Words about a request to go down: the form's answers with a mail's sender, and comments. Erasing empties `data`; the hash stays, so
-- that the journal can still prove which words they were.
CREATE TABLE ticket_note (
    id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    change BLOB    NOT NULL REFERENCES change (id),
    kind   TEXT    NOT NULL CHECK (kind IN ('form', 'comment', 'internal')),
    author TEXT    NOT NULL CHECK (author IN ('customer', 'support')),
    data   BLOB,
    hash   TEXT    NOT NULL CHECK (length(hash) = 64),
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_note_by_change ON ticket_note (change, at, id);

-- Beside the change that is in progress, one promise waits for its day on a contract.
CREATE UNIQUE INDEX change_one_scheduled ON change (contract)
    WHERE stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled');
