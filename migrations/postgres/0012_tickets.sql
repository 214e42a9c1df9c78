-- Words about a request to go down: the form's answers with a mail's sender, and comments. Erasing empties `data`; the hash stays, so
-- that the journal can still prove which words they were.
CREATE TABLE ticket_note (
    id     UUID   NOT NULL PRIMARY KEY,
    change UUID   NOT NULL REFERENCES change (id),
    kind   TEXT COLLATE "C" NOT NULL CHECK (kind IN ('form', 'comment', 'internal')),
    author TEXT COLLATE "C" NOT NULL CHECK (author IN ('customer', 'support')),
    data   BYTEA,
    hash   TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    at     BIGINT NOT NULL
);
CREATE INDEX ticket_note_by_change ON ticket_note (change, at, id);

-- Beside the change that is in progress, one promise waits for its day on a contract.
CREATE UNIQUE INDEX change_one_scheduled ON change (contract)
    WHERE stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled');
