-- A client is an account that an agency, another account, takes care of. What the agency has settled for it is one form, written
-- whole: `content` is its newest version, and its history stands in `client_journal`, one line a version. No personal data.
CREATE TABLE client (
    account BLOB    NOT NULL PRIMARY KEY REFERENCES account (id) CHECK (length(account) = 16),
    agency  BLOB    NOT NULL REFERENCES account (id) CHECK (agency <> account),
    seller  TEXT    NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    content BLOB    NOT NULL
) STRICT;
CREATE INDEX client_by_agency ON client (agency, account);

CREATE TABLE client_journal (
    client   BLOB    NOT NULL REFERENCES client (account),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    at       INTEGER NOT NULL,
    content  BLOB    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (client, seq)
) STRICT;
CREATE TRIGGER client_journal_is_not_rewritten BEFORE UPDATE ON client_journal
BEGIN SELECT RAISE(ABORT, 'client_journal: a line of history cannot be rewritten'); END;
CREATE TRIGGER client_journal_is_not_cut BEFORE DELETE ON client_journal
BEGIN SELECT RAISE(ABORT, 'client_journal: a line of history cannot be removed'); END;

-- A contract at version 0 is proposed: a first change may conclude it, and until then it is nothing. An account has one at most, and
-- a contract one open change: so an account has at most one open change that begins without a contract.
CREATE UNIQUE INDEX contract_one_proposal ON contract (account) WHERE version = 0;
