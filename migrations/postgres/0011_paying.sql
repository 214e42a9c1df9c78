-- Money that customers send themselves: what a paid one-off invoice is for is switched once for each change.
CREATE UNIQUE INDEX effect_one_switch ON effect (change, name)
    WHERE status = 'succeeded' AND name = 'switch_subscription';

-- What is ordered about an account's cards, outside of any change: `content` holds what is wanted, the exact requests that are owed for
-- it, and how far it is. No personal data. Cards can be given beside each other; of the other orders an account has one at a time.
CREATE TABLE card_order (
    id          UUID NOT NULL PRIMARY KEY,
    seller      TEXT COLLATE "C" NOT NULL,
    account     UUID NOT NULL REFERENCES account (id),
    version     BIGINT NOT NULL CHECK (version >= 1),
    content     BYTEA NOT NULL,
    alone       BOOLEAN NOT NULL,
    open        BOOLEAN NOT NULL,
    next_try_at BIGINT,
    at          BIGINT NOT NULL,
    CHECK (open = (next_try_at IS NOT NULL))
);
CREATE INDEX card_order_by_time ON card_order (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX card_order_by_account ON card_order (account, at, id) WHERE open;
CREATE UNIQUE INDEX card_order_one_alone ON card_order (account) WHERE open AND alone;

CREATE TABLE card_journal (
    account  UUID NOT NULL REFERENCES account (id),
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    at       BIGINT NOT NULL,
    content  BYTEA NOT NULL,
    previous BYTEA NOT NULL CHECK (length(previous) = 32),
    hash     BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (account, seq)
);
CREATE TRIGGER card_journal_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON card_journal
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_only_added_to();
