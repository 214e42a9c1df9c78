-- A client is an account that an agency, another account, takes care of. What the agency has settled for it is one form, written
-- whole: `content` is its newest version, and its history stands in `client_journal`, one line a version. No personal data.
CREATE TABLE client (
    account UUID   NOT NULL PRIMARY KEY REFERENCES account (id),
    agency  UUID   NOT NULL REFERENCES account (id) CHECK (agency <> account),
    seller  TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1),
    content BYTEA  NOT NULL
);
CREATE INDEX client_by_agency ON client (agency, account);

CREATE TABLE client_journal (
    client   UUID   NOT NULL REFERENCES client (account),
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    at       BIGINT NOT NULL,
    content  BYTEA  NOT NULL,
    previous BYTEA  NOT NULL CHECK (length(previous) = 32),
    hash     BYTEA  NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (client, seq)
);
CREATE TRIGGER client_journal_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON client_journal
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_only_added_to();

-- A contract at version 0 is proposed: a first change may conclude it, and until then it is nothing. An account has one at most, and
-- a contract one open change: so an account has at most one open change that begins without a contract.
CREATE UNIQUE INDEX contract_one_proposal ON contract (account) WHERE version = 0;
