-- Somebody who came to the hosted pages by a link, until the session ends: who they are to the seller, and what they may see.
CREATE TABLE page_session (
    id         UUID   NOT NULL PRIMARY KEY,
    seller     TEXT COLLATE "C" NOT NULL,
    account    UUID   NOT NULL REFERENCES account (id),
    content    BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX page_session_by_account ON page_session (account);
CREATE INDEX page_session_by_end ON page_session (expires_at);

-- Secrets that the program makes for itself and that all nodes share, such as the one that signs links.
CREATE TABLE own_secret (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL CHECK (length(value) = 32)
);
