-- Money that arrives for a change that is over is honoured by one successor at most.
ALTER TABLE change ADD COLUMN succeeds BLOB REFERENCES change (id) CHECK (succeeds IS NULL OR length(succeeds) = 16);
CREATE UNIQUE INDEX change_one_successor ON change (succeeds) WHERE succeeds IS NOT NULL;

-- What a comparison with the provider found and has not seen gone since. No personal data.
CREATE TABLE finding (
    contract      BLOB    NOT NULL REFERENCES contract (id),
    code          TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    seller        TEXT    NOT NULL,
    change        BLOB    REFERENCES change (id),
    evidence      BLOB    NOT NULL,
    repair        TEXT    NOT NULL,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (contract, code, object)
) STRICT;
CREATE INDEX finding_by_seller ON finding (seller, first_seen_at, contract, code, object);
CREATE INDEX contract_by_seller ON contract (seller, id);
