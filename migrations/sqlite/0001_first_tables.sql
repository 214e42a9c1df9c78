-- Times are epoch milliseconds in UTC, ids are UUIDs as 16 bytes, and content that is hashed or sent again is kept as bytes.
-- Personal data lives in columns that can be emptied (identity.data, effect_request.request) or overwritten (account, contract).

CREATE TABLE workflow_version (
    hash    TEXT    NOT NULL PRIMARY KEY,
    seller  TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    seller     TEXT    NOT NULL,
    label      TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE client_request (
    seller      TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    status      INTEGER NOT NULL CHECK (status BETWEEN 100 AND 599),
    body        BLOB    NOT NULL,
    PRIMARY KEY (seller, key)
) STRICT;

CREATE TABLE account (
    id                  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    seller              TEXT    NOT NULL,
    external_id         TEXT,
    email               TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    language            TEXT    NOT NULL,
    created_at          INTEGER NOT NULL,
    provider_customer   TEXT,
    -- The newest billing data, and what of it the provider has.
    identity            BLOB    REFERENCES identity (id),
    saved_identity_hash TEXT,
    saved_tax_id        TEXT,
    saved_tax_id_hash   TEXT,
    CHECK ((saved_tax_id IS NULL) = (saved_tax_id_hash IS NULL))
) STRICT;
CREATE UNIQUE INDEX account_by_external_id ON account (seller, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX account_by_customer ON account (seller, provider_customer) WHERE provider_customer IS NOT NULL;

-- Erasing billing data empties `data`; the hashes stay, so that the journal can still prove which data it was.
CREATE TABLE identity (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account     BLOB    NOT NULL REFERENCES account (id),
    data        BLOB,
    hash        TEXT    NOT NULL,
    tax_hash    TEXT    NOT NULL,
    tax_id_hash TEXT    NOT NULL,
    given_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX identity_by_account ON identity (account);

CREATE TABLE contract (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    seller       TEXT    NOT NULL,
    account      BLOB    NOT NULL REFERENCES account (id),
    version      INTEGER NOT NULL CHECK (version >= 0),
    subscription TEXT,
    created_at   INTEGER NOT NULL,
    content      BLOB    NOT NULL
) STRICT;
CREATE INDEX contract_by_account ON contract (account, created_at, id);
CREATE UNIQUE INDEX contract_by_subscription ON contract (seller, subscription) WHERE subscription IS NOT NULL;

CREATE TABLE contract_journal (
    contract BLOB    NOT NULL REFERENCES contract (id),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    at       INTEGER NOT NULL,
    content  BLOB    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (contract, seq)
) STRICT;

CREATE TABLE change (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    reference       TEXT    NOT NULL UNIQUE,
    seller          TEXT    NOT NULL,
    account         BLOB    NOT NULL REFERENCES account (id),
    contract        BLOB    NOT NULL REFERENCES contract (id),
    workflow        TEXT    NOT NULL REFERENCES workflow_version (hash),
    version         INTEGER NOT NULL CHECK (version >= 1),
    stage           BLOB    NOT NULL,
    stage_name      TEXT    NOT NULL,
    machine_version INTEGER NOT NULL,
    open            INTEGER NOT NULL CHECK (open IN (0, 1)),
    entered_at      INTEGER NOT NULL,
    asked           INTEGER NOT NULL,
    last_asked      INTEGER,
    reminded        INTEGER NOT NULL,
    return_url      TEXT,
    cancel_url      TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    journal_head    BLOB    NOT NULL CHECK (length(journal_head) = 32)
) STRICT;
CREATE UNIQUE INDEX change_one_open ON change (seller, contract) WHERE open = 1;
CREATE INDEX change_by_contract ON change (contract, created_at, id);
CREATE INDEX change_open_by_account ON change (account) WHERE open = 1;

CREATE TABLE journal (
    change   BLOB    NOT NULL REFERENCES change (id),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    at       INTEGER NOT NULL,
    content  BLOB    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (change, seq)
) STRICT;

-- One narrow row per change and per contract. A row is never removed: its epoch must never start again, and what is never due
-- can still be woken.
CREATE TABLE due (
    subject_kind    TEXT    NOT NULL CHECK (subject_kind IN ('change', 'contract')),
    subject         BLOB    NOT NULL CHECK (length(subject) = 16),
    -- The timer; under a lease, its end. NULL: never.
    due_at          INTEGER,
    machine_version INTEGER NOT NULL,
    lease_epoch     INTEGER NOT NULL,
    lease_owner     TEXT,
    lease_until     INTEGER,
    -- Claims since the last one that came to an end.
    attempts        INTEGER NOT NULL,
    -- How often it was woken, and when first since the last claim.
    wake_seq        INTEGER NOT NULL,
    woken_at        INTEGER,
    PRIMARY KEY (subject_kind, subject),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX due_by_time ON due (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE effect (
    position      INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    change        BLOB    NOT NULL REFERENCES change (id),
    seller        TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    generation    INTEGER NOT NULL CHECK (generation >= 1),
    call          BLOB    NOT NULL,
    request_hash  TEXT    NOT NULL CHECK (length(request_hash) = 64),
    key           TEXT    NOT NULL,
    first_sent_at INTEGER,
    key_deadline  INTEGER,
    status        TEXT    NOT NULL CHECK (status IN ('intent', 'unknown', 'succeeded', 'declined', 'abandoned')),
    attempts      INTEGER NOT NULL,
    next_try_at   INTEGER NOT NULL,
    outcome       BLOB,
    last_error    TEXT,
    charging      TEXT,
    consumed      INTEGER NOT NULL CHECK (consumed IN (0, 1)),
    UNIQUE (change, name, generation),
    UNIQUE (seller, key)
) STRICT;
CREATE UNIQUE INDEX effect_one_live ON effect (change, name) WHERE status IN ('intent', 'unknown');
CREATE UNIQUE INDEX effect_one_success ON effect (change, name)
    WHERE status = 'succeeded' AND name IN ('update_subscription', 'create_subscription', 'lower_subscription');
CREATE UNIQUE INDEX effect_one_charge ON effect (seller, charging)
    WHERE status IN ('intent', 'unknown') AND charging IS NOT NULL;

-- Erasing empties `request`; its hash stays with the effect.
CREATE TABLE effect_request (
    effect  BLOB NOT NULL PRIMARY KEY REFERENCES effect (id),
    request BLOB
) STRICT;

-- AUTOINCREMENT: a position that a seller has read up to is never given twice.
CREATE TABLE outbox (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    dedupe_key   TEXT    NOT NULL UNIQUE,
    channel      TEXT    NOT NULL CHECK (channel IN ('mail', 'event')),
    seller       TEXT    NOT NULL,
    account      BLOB    NOT NULL REFERENCES account (id),
    topic        TEXT    NOT NULL,
    entry_change BLOB    REFERENCES change (id),
    entry_seq    INTEGER,
    facts        BLOB    NOT NULL,
    at           INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('waiting', 'sent', 'given_up')),
    next_try_at  INTEGER,
    last_error   TEXT,
    CHECK ((entry_change IS NULL) = (entry_seq IS NULL)),
    CHECK ((status = 'waiting') = (next_try_at IS NOT NULL))
) STRICT;
CREATE INDEX outbox_by_time ON outbox (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX outbox_feed ON outbox (seller, position) WHERE channel = 'event';

CREATE TABLE inbox (
    seller      TEXT    NOT NULL,
    event_id    TEXT    NOT NULL,
    event_type  TEXT    NOT NULL,
    customer    TEXT,
    object      TEXT,
    received_at INTEGER NOT NULL,
    envelope    BLOB    NOT NULL,
    PRIMARY KEY (seller, event_id)
) STRICT;

CREATE TABLE fiscal_document (
    id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    change BLOB    NOT NULL REFERENCES change (id),
    number TEXT    NOT NULL,
    url    TEXT,
    at     INTEGER NOT NULL,
    UNIQUE (change, number)
) STRICT;

-- History is only ever added to.
CREATE TRIGGER journal_is_not_rewritten BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal: a line of history cannot be rewritten'); END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal: a line of history cannot be removed'); END;
CREATE TRIGGER contract_journal_is_not_rewritten BEFORE UPDATE ON contract_journal
BEGIN SELECT RAISE(ABORT, 'contract_journal: a line of history cannot be rewritten'); END;
CREATE TRIGGER contract_journal_is_not_cut BEFORE DELETE ON contract_journal
BEGIN SELECT RAISE(ABORT, 'contract_journal: a line of history cannot be removed'); END;
