-- What support needs in order to find what is stuck. Whether something is stuck is derived; these are the facts.

-- From when on the change's present step is a concern, and the last invoice that it spoke of.
ALTER TABLE change ADD COLUMN concern_at BIGINT;
ALTER TABLE change ADD COLUMN invoice TEXT COLLATE "C";
-- Older rows are looked at once, and say it themselves when they next move. Their stage is JSON.
UPDATE change SET concern_at = updated_at WHERE open OR position('"halted"'::bytea IN stage) > 0;
UPDATE change SET invoice = coalesce(
    convert_from(stage, 'UTF8')::jsonb #>> '{invoice,id}',
    convert_from(stage, 'UTF8')::jsonb #>> '{receipt,invoice}',
    CASE jsonb_typeof(convert_from(stage, 'UTF8')::jsonb -> 'invoice')
        WHEN 'string' THEN convert_from(stage, 'UTF8')::jsonb ->> 'invoice' END);
CREATE INDEX change_of_concern ON change (concern_at) WHERE concern_at IS NOT NULL;
CREATE INDEX change_by_seller ON change (seller, id);
CREATE INDEX change_by_account ON change (account);
CREATE INDEX change_by_machine ON change (machine_version);
CREATE INDEX change_by_invoice ON change (invoice) WHERE invoice IS NOT NULL;

-- Failures since the last time that work on the subject succeeded.
ALTER TABLE due ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE due ADD COLUMN failing_since BIGINT;
ALTER TABLE due ADD COLUMN failure_kind TEXT COLLATE "C"
    CHECK (failure_kind IN ('provider', 'customer', 'rules', 'ours'));
ALTER TABLE due ADD COLUMN failure_detail TEXT COLLATE "C";
CREATE INDEX due_failing ON due (subject) WHERE failures > 0;

ALTER TABLE effect ADD COLUMN undecidable_since BIGINT;
CREATE INDEX effect_pending ON effect (change) WHERE NOT consumed;
CREATE INDEX effect_by_key ON effect (key);

CREATE INDEX outbox_by_change ON outbox (entry_change, position) WHERE entry_change IS NOT NULL;
CREATE INDEX outbox_given_up ON outbox (entry_change) WHERE status = 'given_up';

CREATE INDEX inbox_by_customer ON inbox (seller, customer, received_at) WHERE customer IS NOT NULL;

CREATE INDEX account_by_provider_customer ON account (provider_customer) WHERE provider_customer IS NOT NULL;
CREATE INDEX contract_by_provider_subscription ON contract (subscription) WHERE subscription IS NOT NULL;
