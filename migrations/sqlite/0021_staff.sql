-- People who work at the console. The name is what histories know them by; it is no real name and no mail address. A row is never
-- removed, so that a name never becomes somebody else's.
CREATE TABLE staff (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    login       TEXT    NOT NULL UNIQUE,
    role        TEXT    NOT NULL CHECK (role IN ('agent', 'lead')),
    -- The one seller whose customers they see; all of them where none is named.
    seller      TEXT,
    -- A PHC string: the algorithm, its parameters, the salt and the hash.
    password    TEXT    NOT NULL,
    added_by    TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER,
    disabled_by TEXT,
    CHECK ((disabled_at IS NULL) = (disabled_by IS NULL))
) STRICT;

-- Somebody who has signed in. Of the secret in their cookie only its hash is kept.
CREATE TABLE staff_session (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    staff      BLOB    NOT NULL REFERENCES staff (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX staff_session_by_end ON staff_session (expires_at);
CREATE INDEX staff_session_by_staff ON staff_session (staff);

-- Attempts to sign in, counted by a hash of the name that was typed, whether or not anybody has it.
CREATE TABLE sign_in (
    login BLOB    NOT NULL PRIMARY KEY CHECK (length(login) = 32),
    since INTEGER NOT NULL,
    tries INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_by_time ON sign_in (since);

-- What support has done, in the order of time. These bytes stand in a line of history only where its actor is support: inside of a JSON
-- text the quotation marks would be escaped.
CREATE INDEX journal_by_support ON journal (at, change, seq) WHERE instr(content, x'227061727479223A22737570706F727422') > 0;
CREATE INDEX erasure_by_time ON erasure (at);

-- How support finds somebody.
CREATE INDEX account_by_email ON account (lower(email));
CREATE INDEX account_by_own_id ON account (external_id) WHERE external_id IS NOT NULL;

-- Requests to go down that wait for a person.
CREATE INDEX change_waits_for_support ON change (id) WHERE stage_name IN ('downgrade_ticket.held', 'downgrade_ticket.open');
