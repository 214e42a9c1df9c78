-- What accounts use. Quantities are millionths of a unit.

-- One row per contract of which anything is counted: whatever is written about its use is written only on the version before it.
CREATE TABLE usage_book (
    contract UUID NOT NULL PRIMARY KEY REFERENCES contract (id),
    version  BIGINT NOT NULL CHECK (version >= 1),
    -- How many lines the history of its credits has.
    lines    BIGINT NOT NULL CHECK (lines >= 0)
);

-- How much was used of one pot in one period; `content` holds what is known besides.
CREATE TABLE usage_tally (
    contract  UUID NOT NULL REFERENCES contract (id),
    pot       TEXT COLLATE "C" NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL CHECK (ends_at > starts_at),
    used      BIGINT NOT NULL CHECK (used >= 0),
    closed_at BIGINT,
    content   BYTEA NOT NULL,
    PRIMARY KEY (contract, pot, starts_at)
);

-- Every report that was counted, by the seller's own name for it.
CREATE TABLE usage_report (
    seller      TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    contract    UUID NOT NULL REFERENCES contract (id),
    meter       TEXT COLLATE "C" NOT NULL,
    variant     TEXT COLLATE "C",
    quantity    BIGINT NOT NULL CHECK (quantity >= 0),
    at          BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (seller, id)
);

-- The history of a contract's credits. Its sum is the balance.
CREATE TABLE credit_line (
    contract UUID NOT NULL REFERENCES contract (id),
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    credits  TEXT COLLATE "C" NOT NULL,
    month    BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL CHECK (kind IN ('granted', 'spent', 'lapsed')),
    amount   BIGINT NOT NULL CHECK (amount >= 0),
    at       BIGINT NOT NULL,
    report   TEXT COLLATE "C",
    PRIMARY KEY (contract, seq)
);

-- What went beyond a limit and is to be charged, once per contract, pot and period.
CREATE TABLE overage (
    id             UUID NOT NULL PRIMARY KEY,
    contract       UUID NOT NULL REFERENCES contract (id),
    pot            TEXT COLLATE "C" NOT NULL,
    starts_at      BIGINT NOT NULL,
    content        BYTEA NOT NULL,
    -- The exact request, its idempotency key, and where it stands; NULL and `owed` until it is prepared.
    request        BYTEA,
    key            TEXT COLLATE "C",
    -- The invoice that was made for it, where no renewal is near.
    invoice        TEXT COLLATE "C",
    generation     BIGINT NOT NULL CHECK (generation >= 0),
    status         TEXT COLLATE "C" NOT NULL CHECK (status IN ('owed', 'intent', 'unknown', 'charged', 'waived')),
    attempts       BIGINT NOT NULL,
    prepared_at  BIGINT,
    next_try_at    BIGINT NOT NULL,
    outcome        TEXT COLLATE "C",
    last_error     TEXT COLLATE "C",
    UNIQUE (contract, pot, starts_at),
    CHECK ((request IS NULL) = (key IS NULL))
);
CREATE INDEX overage_open ON overage (contract) WHERE status IN ('owed', 'intent', 'unknown');

-- What an account said about a conditional prerequisite, and what became of it.
CREATE TABLE prerequisite_line (
    account      UUID NOT NULL REFERENCES account (id),
    prerequisite TEXT COLLATE "C" NOT NULL,
    seq          BIGINT NOT NULL CHECK (seq >= 1),
    content      BYTEA NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (account, prerequisite, seq)
);

CREATE TRIGGER credit_line_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_line
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_only_added_to();
CREATE TRIGGER prerequisite_line_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON prerequisite_line
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_only_added_to();
