-- What accounts use. Quantities are millionths of a unit.

-- One row per contract of which anything is counted: whatever is written about its use is written only on the version before it.
CREATE TABLE usage_book (
    contract BLOB    NOT NULL PRIMARY KEY REFERENCES contract (id),
    version  INTEGER NOT NULL CHECK (version >= 1),
    -- How many lines the history of its credits has.
    lines    INTEGER NOT NULL CHECK (lines >= 0)
) STRICT, WITHOUT ROWID;

-- How much was used of one pot in one period; `content` holds what is known besides.
CREATE TABLE usage_tally (
    contract  BLOB    NOT NULL REFERENCES contract (id),
    pot       TEXT    NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL CHECK (ends_at > starts_at),
    used      INTEGER NOT NULL CHECK (used >= 0),
    closed_at INTEGER,
    content   BLOB    NOT NULL,
    PRIMARY KEY (contract, pot, starts_at)
) STRICT, WITHOUT ROWID;

-- Every report that was counted, by the seller's own name for it.
CREATE TABLE usage_report (
    seller      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    contract    BLOB    NOT NULL REFERENCES contract (id),
    meter       TEXT    NOT NULL,
    variant     TEXT,
    quantity    INTEGER NOT NULL CHECK (quantity >= 0),
    at          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (seller, id)
) STRICT, WITHOUT ROWID;

-- The history of a contract's credits. Its sum is the balance.
CREATE TABLE credit_line (
    contract BLOB    NOT NULL REFERENCES contract (id),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    credits  TEXT    NOT NULL,
    month    INTEGER NOT NULL,
    kind     TEXT    NOT NULL CHECK (kind IN ('granted', 'spent', 'lapsed')),
    amount   INTEGER NOT NULL CHECK (amount >= 0),
    at       INTEGER NOT NULL,
    report   TEXT,
    PRIMARY KEY (contract, seq)
) STRICT, WITHOUT ROWID;

-- What went beyond a limit and is to be charged, once per contract, pot and period.
CREATE TABLE overage (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    contract       BLOB    NOT NULL REFERENCES contract (id),
    pot            TEXT    NOT NULL,
    starts_at      INTEGER NOT NULL,
    content        BLOB    NOT NULL,
    -- The exact request, its idempotency key, and where it stands; NULL and `owed` until it is prepared.
    request        BLOB,
    key            TEXT,
    -- The invoice that was made for it, where no renewal is near.
    invoice        TEXT,
    generation     INTEGER NOT NULL CHECK (generation >= 0),
    status         TEXT    NOT NULL CHECK (status IN ('owed', 'intent', 'unknown', 'charged', 'waived')),
    attempts       INTEGER NOT NULL,
    prepared_at  INTEGER,
    next_try_at    INTEGER NOT NULL,
    outcome        TEXT,
    last_error     TEXT,
    UNIQUE (contract, pot, starts_at),
    CHECK ((request IS NULL) = (key IS NULL))
) STRICT;
CREATE INDEX overage_open ON overage (contract) WHERE status IN ('owed', 'intent', 'unknown');

-- What an account said about a conditional prerequisite, and what became of it.
CREATE TABLE prerequisite_line (
    account      BLOB    NOT NULL REFERENCES account (id),
    prerequisite TEXT    NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq >= 1),
    content      BLOB    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (account, prerequisite, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER credit_line_is_not_rewritten BEFORE UPDATE ON credit_line
BEGIN SELECT RAISE(ABORT, 'credit_line: a line of history cannot be rewritten'); END;
CREATE TRIGGER credit_line_is_not_cut BEFORE DELETE ON credit_line
BEGIN SELECT RAISE(ABORT, 'credit_line: a line of history cannot be removed'); END;
CREATE TRIGGER prerequisite_line_is_not_rewritten BEFORE UPDATE ON prerequisite_line
BEGIN SELECT RAISE(ABORT, 'prerequisite_line: a line of history cannot be rewritten'); END;
CREATE TRIGGER prerequisite_line_is_not_cut BEFORE DELETE ON prerequisite_line
BEGIN SELECT RAISE(ABORT, 'prerequisite_line: a line of history cannot be removed'); END;
