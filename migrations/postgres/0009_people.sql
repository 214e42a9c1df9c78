-- Who ordered that a person's data be erased, and why. The first order stays; a later one finds what has come since.
CREATE TABLE erasure (
    account UUID   NOT NULL PRIMARY KEY REFERENCES account (id),
    at      BIGINT NOT NULL,
    by      TEXT COLLATE "C" NOT NULL,
    why     TEXT COLLATE "C" NOT NULL
);
