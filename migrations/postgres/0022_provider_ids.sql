-- What support finds: a change also by the provider's id of its payment, and by whatever a webhook has named; and the mails of an account.

-- The last payment that the provider spoke of.
ALTER TABLE change ADD COLUMN payment_intent TEXT COLLATE "C";
-- Older rows have it from what a call brought back, which is JSON.
UPDATE change SET payment_intent = (
    SELECT convert_from(effect.outcome, 'UTF8')::jsonb #>> '{done,payment,intent_id}' FROM effect
    WHERE effect.change = change.id
        AND convert_from(effect.outcome, 'UTF8')::jsonb #>> '{done,payment,intent_id}' IS NOT NULL
    ORDER BY effect.position DESC LIMIT 1);
CREATE INDEX change_by_payment_intent ON change (payment_intent) WHERE payment_intent IS NOT NULL;

CREATE INDEX inbox_by_event ON inbox (event_id);
CREATE INDEX inbox_by_object ON inbox (object) WHERE object IS NOT NULL;

-- Mails about nothing that a change has done.
CREATE INDEX outbox_mails_of_account ON outbox (account, position) WHERE channel = 'mail' AND entry_change IS NULL;
