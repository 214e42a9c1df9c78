-- Money that arrives for a change that is over is honoured by one successor at most.
ALTER TABLE change ADD COLUMN succeeds UUID REFERENCES change (id);
CREATE UNIQUE INDEX change_one_successor ON change (succeeds) WHERE succeeds IS NOT NULL;

-- What a comparison with the provider found and has not seen gone since. No personal data.
CREATE TABLE finding (
    contract      UUID   NOT NULL REFERENCES contract (id),
    code          TEXT COLLATE "C" NOT NULL,
    object        TEXT COLLATE "C" NOT NULL,
    seller        TEXT COLLATE "C" NOT NULL,
    change        UUID   REFERENCES change (id),
    evidence      BYTEA  NOT NULL,
    repair        TEXT COLLATE "C" NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (contract, code, object)
);
CREATE INDEX finding_by_seller ON finding (seller, first_seen_at, contract, code, object);
CREATE INDEX contract_by_seller ON contract (seller, id);
