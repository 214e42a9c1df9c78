-- Somebody who came to the hosted pages by a link, until the session ends: who they are to the seller, and what they may see.
CREATE TABLE page_session (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    seller     TEXT    NOT NULL,
    account    BLOB    NOT NULL REFERENCES account (id),
    content    BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX page_session_by_account ON page_session (account);
CREATE INDEX page_session_by_end ON page_session (expires_at);

-- Secrets that the program makes for itself and that all nodes share, such as the one that signs links.
CREATE TABLE own_secret (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT;
