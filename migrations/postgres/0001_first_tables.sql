-- Times are epoch milliseconds in UTC, and content that is hashed or sent again is kept as bytes, because JSONB reorders it.
-- Every text is compared byte by byte (COLLATE "C"), so that order and uniqueness do not depend on how the database was made.
-- Personal data lives in columns that can be emptied (identity.data, effect_request.request) or overwritten (account, contract).

CREATE TABLE workflow_version (
    hash    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seller  TEXT COLLATE "C" NOT NULL,
    text    TEXT COLLATE "C" NOT NULL,
    kept_at BIGINT NOT NULL
);

CREATE TABLE api_key (
    hash       BYTEA  NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    seller     TEXT COLLATE "C" NOT NULL,
    label      TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE client_request (
    seller      TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA  NOT NULL CHECK (length(fingerprint) = 32),
    status      BIGINT NOT NULL CHECK (status BETWEEN 100 AND 599),
    body        BYTEA  NOT NULL,
    PRIMARY KEY (seller, key)
);

CREATE TABLE account (
    id                  UUID   NOT NULL PRIMARY KEY,
    seller              TEXT COLLATE "C" NOT NULL,
    external_id         TEXT COLLATE "C",
    email               TEXT COLLATE "C" NOT NULL,
    name                TEXT COLLATE "C" NOT NULL,
    language            TEXT COLLATE "C" NOT NULL,
    created_at          BIGINT NOT NULL,
    provider_customer   TEXT COLLATE "C",
    -- The newest billing data, and what of it the provider has.
    identity            UUID,
    saved_identity_hash TEXT COLLATE "C",
    saved_tax_id        TEXT COLLATE "C",
    saved_tax_id_hash   TEXT COLLATE "C",
    CHECK ((saved_tax_id IS NULL) = (saved_tax_id_hash IS NULL))
);
CREATE UNIQUE INDEX account_by_external_id ON account (seller, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX account_by_customer ON account (seller, provider_customer) WHERE provider_customer IS NOT NULL;

-- Erasing billing data empties `data`; the hashes stay, so that the journal can still prove which data it was.
CREATE TABLE identity (
    id          UUID   NOT NULL PRIMARY KEY,
    account     UUID   NOT NULL REFERENCES account (id),
    data        BYTEA,
    hash        TEXT COLLATE "C" NOT NULL,
    tax_hash    TEXT COLLATE "C" NOT NULL,
    tax_id_hash TEXT COLLATE "C" NOT NULL,
    given_at    BIGINT NOT NULL
);
CREATE INDEX identity_by_account ON identity (account);
ALTER TABLE account ADD FOREIGN KEY (identity) REFERENCES identity (id);

-- Rows that are often written again keep room on their page, so that a new version needs no new index entries.
CREATE TABLE contract (
    id           UUID   NOT NULL PRIMARY KEY,
    seller       TEXT COLLATE "C" NOT NULL,
    account      UUID   NOT NULL REFERENCES account (id),
    version      BIGINT NOT NULL CHECK (version >= 0),
    subscription TEXT COLLATE "C",
    created_at   BIGINT NOT NULL,
    content      BYTEA  NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX contract_by_account ON contract (account, created_at, id);
CREATE UNIQUE INDEX contract_by_subscription ON contract (seller, subscription) WHERE subscription IS NOT NULL;

CREATE TABLE contract_journal (
    contract UUID   NOT NULL REFERENCES contract (id),
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    at       BIGINT NOT NULL,
    content  BYTEA  NOT NULL,
    previous BYTEA  NOT NULL CHECK (length(previous) = 32),
    hash     BYTEA  NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (contract, seq)
);

CREATE TABLE change (
    id              UUID    NOT NULL PRIMARY KEY,
    reference       TEXT COLLATE "C" NOT NULL UNIQUE,
    seller          TEXT COLLATE "C" NOT NULL,
    account         UUID    NOT NULL REFERENCES account (id),
    contract        UUID    NOT NULL REFERENCES contract (id),
    workflow        TEXT COLLATE "C" NOT NULL REFERENCES workflow_version (hash),
    version         BIGINT  NOT NULL CHECK (version >= 1),
    stage           BYTEA   NOT NULL,
    stage_name      TEXT COLLATE "C" NOT NULL,
    machine_version BIGINT  NOT NULL,
    open            BOOLEAN NOT NULL,
    entered_at      BIGINT  NOT NULL,
    asked           BIGINT  NOT NULL,
    last_asked      BIGINT,
    reminded        BIGINT  NOT NULL,
    return_url      TEXT COLLATE "C",
    cancel_url      TEXT COLLATE "C",
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    journal_head    BYTEA   NOT NULL CHECK (length(journal_head) = 32)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX change_one_open ON change (seller, contract) WHERE open;
CREATE INDEX change_by_contract ON change (contract, created_at, id);
CREATE INDEX change_open_by_account ON change (account) WHERE open;

CREATE TABLE journal (
    change   UUID   NOT NULL REFERENCES change (id),
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    at       BIGINT NOT NULL,
    content  BYTEA  NOT NULL,
    previous BYTEA  NOT NULL CHECK (length(previous) = 32),
    hash     BYTEA  NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (change, seq)
);

-- One narrow row per change and per contract. A row is never removed: its epoch must never start again, and what is never due
-- can still be woken. Most writes move `due_at` and so the index; vacuum comes early, because a queue lives from its dead rows
-- being gone.
CREATE TABLE due (
    subject_kind    TEXT COLLATE "C" NOT NULL CHECK (subject_kind IN ('change', 'contract')),
    subject         UUID   NOT NULL,
    -- The timer; under a lease, its end. NULL: never.
    due_at          BIGINT,
    machine_version BIGINT NOT NULL,
    lease_epoch     BIGINT NOT NULL,
    lease_owner     TEXT COLLATE "C",
    lease_until     BIGINT,
    -- Claims since the last one that came to an end.
    attempts        BIGINT NOT NULL,
    -- How often it was woken, and when first since the last claim.
    wake_seq        BIGINT NOT NULL,
    woken_at        BIGINT,
    PRIMARY KEY (subject_kind, subject),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX due_by_time ON due (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE effect (
    position      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            UUID   NOT NULL UNIQUE,
    change        UUID   NOT NULL REFERENCES change (id),
    seller        TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    generation    BIGINT NOT NULL CHECK (generation >= 1),
    call          BYTEA  NOT NULL,
    request_hash  TEXT COLLATE "C" NOT NULL CHECK (length(request_hash) = 64),
    key           TEXT COLLATE "C" NOT NULL,
    first_sent_at BIGINT,
    key_deadline  BIGINT,
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN ('intent', 'unknown', 'succeeded', 'declined', 'abandoned')),
    attempts      BIGINT NOT NULL,
    next_try_at   BIGINT NOT NULL,
    outcome       BYTEA,
    last_error    TEXT COLLATE "C",
    charging      TEXT COLLATE "C",
    consumed      BOOLEAN NOT NULL,
    UNIQUE (change, name, generation),
    UNIQUE (seller, key)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX effect_one_live ON effect (change, name) WHERE status IN ('intent', 'unknown');
CREATE UNIQUE INDEX effect_one_success ON effect (change, name)
    WHERE status = 'succeeded' AND name IN ('update_subscription', 'create_subscription', 'lower_subscription');
CREATE UNIQUE INDEX effect_one_charge ON effect (seller, charging)
    WHERE status IN ('intent', 'unknown') AND charging IS NOT NULL;

-- Erasing empties `request`; its hash stays with the effect.
CREATE TABLE effect_request (
    effect  UUID NOT NULL PRIMARY KEY REFERENCES effect (id),
    request BYTEA
);

-- `position` is the order of the feed: the number of the writing transaction, times 1024, plus the row's place in it. A
-- sequence would not do: with many writers a lower number can become visible after a higher one, and a reader who pages by
-- position would skip it. Transactions, in contrast, can be asked whether all before a certain one are over.
CREATE TABLE outbox (
    position     BIGINT NOT NULL PRIMARY KEY,
    id           UUID   NOT NULL UNIQUE,
    dedupe_key   TEXT COLLATE "C" NOT NULL UNIQUE,
    channel      TEXT COLLATE "C" NOT NULL CHECK (channel IN ('mail', 'event')),
    seller       TEXT COLLATE "C" NOT NULL,
    account      UUID   NOT NULL REFERENCES account (id),
    topic        TEXT COLLATE "C" NOT NULL,
    entry_change UUID   REFERENCES change (id),
    entry_seq    BIGINT,
    facts        BYTEA  NOT NULL,
    at           BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    status       TEXT COLLATE "C" NOT NULL CHECK (status IN ('waiting', 'sent', 'given_up')),
    next_try_at  BIGINT,
    last_error   TEXT COLLATE "C",
    CHECK ((entry_change IS NULL) = (entry_seq IS NULL)),
    CHECK ((status = 'waiting') = (next_try_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX outbox_by_time ON outbox (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX outbox_feed ON outbox (seller, position) WHERE channel = 'event';

-- The transaction that positions count from. A database that was restored from a dump into a server with lower transaction
-- numbers moves it, so that positions go on rising.
CREATE TABLE feed (
    only_row          BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    first_transaction BIGINT  NOT NULL
);
INSERT INTO feed (first_transaction) VALUES (pg_current_xact_id()::text::bigint);

CREATE TABLE inbox (
    seller      TEXT COLLATE "C" NOT NULL,
    event_id    TEXT COLLATE "C" NOT NULL,
    event_type  TEXT COLLATE "C" NOT NULL,
    customer    TEXT COLLATE "C",
    object      TEXT COLLATE "C",
    received_at BIGINT NOT NULL,
    envelope    BYTEA  NOT NULL,
    PRIMARY KEY (seller, event_id)
);

CREATE TABLE fiscal_document (
    id     UUID   NOT NULL PRIMARY KEY,
    change UUID   NOT NULL REFERENCES change (id),
    number TEXT COLLATE "C" NOT NULL,
    url    TEXT COLLATE "C",
    at     BIGINT NOT NULL,
    UNIQUE (change, number)
);

-- History is only ever added to.
CREATE FUNCTION history_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a line of history cannot be changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END
$$;
CREATE TRIGGER journal_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_only_added_to();
CREATE TRIGGER contract_journal_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON contract_journal
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_only_added_to();
