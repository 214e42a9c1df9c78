-- Money that customers send themselves: what a paid one-off invoice is for is switched once for each change.
CREATE UNIQUE INDEX effect_one_switch ON effect (change, name)
    WHERE status = 'succeeded' AND name = 'switch_subscription';

-- What is ordered about an account's cards, outside of any change: `content` holds what is wanted, the exact requests that are owed for
-- it, and how far it is. No personal data. Cards can be given beside each other; of the other orders an account has one at a time.
CREATE TABLE card_order (
    id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    seller      TEXT NOT NULL,
    account     BLOB NOT NULL REFERENCES account (id),
    version     INTEGER NOT NULL CHECK (version >= 1),
    content     BLOB NOT NULL,
    alone       INTEGER NOT NULL CHECK (alone IN (0, 1)),
    open        INTEGER NOT NULL CHECK (open IN (0, 1)),
    next_try_at INTEGER,
    at          INTEGER NOT NULL,
    CHECK ((open = 1) = (next_try_at IS NOT NULL))
) STRICT;
CREATE INDEX card_order_by_time ON card_order (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX card_order_by_account ON card_order (account, at, id) WHERE open = 1;
CREATE UNIQUE INDEX card_order_one_alone ON card_order (account) WHERE open = 1 AND alone = 1;

CREATE TABLE card_journal (
    account  BLOB NOT NULL REFERENCES account (id),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    at       INTEGER NOT NULL,
    content  BLOB NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (account, seq)
) STRICT;
CREATE TRIGGER card_journal_is_not_rewritten BEFORE UPDATE ON card_journal
BEGIN SELECT RAISE(ABORT, 'card_journal: a line of history cannot be rewritten'); END;
CREATE TRIGGER card_journal_is_not_cut BEFORE DELETE ON card_journal
BEGIN SELECT RAISE(ABORT, 'card_journal: a line of history cannot be removed'); END;
