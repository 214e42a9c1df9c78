-- Who ordered that a person's data be erased, and why. The first order stays; a later one finds what has come since.
CREATE TABLE erasure (
    account BLOB    NOT NULL PRIMARY KEY REFERENCES account (id) CHECK (length(account) = 16),
    at      INTEGER NOT NULL,
    by      TEXT    NOT NULL,
    why     TEXT    NOT NULL
) STRICT;
