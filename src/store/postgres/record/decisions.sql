-- Decisions, each with everything that it brings about: one statement for one of them, or for many that have nothing to do with
-- each other. Whatever is written of a decision is written whole or not at all; the statement commits or vanishes as one.
--
-- `nth` numbers the decisions, from 1. Parameters: $1-$5 the clients' requests, $6-$16 the outbox, whose part (`told`) the program
-- puts behind this text, then these. `{locked}` is how rows are locked, see `record.rs`.

given AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bytea[],
        $17::uuid[], $18::text[], $19::text[], $20::uuid[], $21::uuid[], $22::text[], $23::bigint[], $24::bytea[], $25::text[],
        $26::bigint[], $27::boolean[], $28::bigint[], $29::bigint[], $30::bigint[], $31::bigint[], $32::text[], $33::text[],
        $34::bigint[], $35::bigint[], $36::bytea[], $37::bigint[], $38::text[], $39::bigint[], $40::bytea[], $41::bigint[],
        $42::bigint[], $43::bigint[], $44::text[],
        $45::boolean[], $46::text[], $47::text[], $48::text[], $49::text[], $50::uuid[],
        $51::uuid[], $52::text[], $53::uuid[], $54::bigint[], $55::text[], $56::bytea[],
        $57::uuid[], $58::bytea[], $59::text[], $60::text[], $61::text[], $62::bigint[], $99::bigint[], $101::bigint[], $102::text[])
        WITH ORDINALITY AS given (request_seller, request_key, request_fingerprint, request_status, request_body,
        change, reference, seller, account, contract, workflow, version, stage, stage_name,
        machine_version, open, entered_at, asked, last_asked, reminded, return_url, cancel_url,
        created_at, updated_at, journal_head, concern_at, invoice, expected_version, previous, fence,
        due_at, contract_look, damage,
        learns, customer, customer_hash, tax_id, tax_id_hash, identity,
        new_contract, contract_seller, contract_account, contract_version, subscription, contract_content,
        new_identity, identity_data, identity_hash, identity_tax_hash, identity_tax_id_hash, identity_at, settles, held_until,
        payment_intent, nth)
),

-- First every row that the decisions rest on is locked, always in this order: queue, change, effects, contract, account. Each step
-- counts the rows of the one before it, which makes that lock all of its own first. A locked row is read as it is now, even when
-- it was written after this statement began.
held AS MATERIALIZED (
    SELECT wanted.nth, wanted.kind, found.lease_epoch, found.lease_owner
    FROM (
        SELECT nth, 'change' AS kind, change AS id FROM given
        UNION ALL
        SELECT nth, 'contract', contract FROM given WHERE contract_look IS NOT NULL
    ) AS wanted
    CROSS JOIN LATERAL (
        SELECT due.lease_epoch, due.lease_owner FROM due
        WHERE due.subject_kind = wanted.kind AND due.subject = wanted.id
        {locked}
    ) AS found
),
stored AS MATERIALIZED (
    SELECT given.nth, found.version, found.journal_head, found.open
    FROM (SELECT count(*) >= 0 AS over FROM held) AS before
    CROSS JOIN given
    CROSS JOIN LATERAL (
        SELECT change.version, change.journal_head, change.open FROM change WHERE change.id = given.change AND before.over
        {locked}
    ) AS found
),
asked AS MATERIALIZED (
    SELECT * FROM unnest($63::bigint[], $64::uuid[], $65::text[], $66::text[], $67::bytea[], $68::text[], $69::bigint[],
        $70::boolean[], $71::bigint[])
        AS asked (nth, id, status, before, outcome, last_error, next_try_at, consumed, undecidable_since)
),
settling AS MATERIALIZED (
    SELECT asked.nth, count(*) AS found, bool_and(found.change = given.change) AS own,
        bool_and(found.status = ANY (string_to_array(asked.before, ','))) AS forward
    FROM (SELECT count(*) >= 0 AS over FROM stored) AS before
    CROSS JOIN (SELECT * FROM asked ORDER BY id) AS asked
    JOIN given ON given.nth = asked.nth
    CROSS JOIN LATERAL (
        SELECT effect.change, effect.status FROM effect WHERE effect.id = asked.id AND before.over
        {locked}
    ) AS found
    GROUP BY asked.nth
),
replacing AS MATERIALIZED (
    SELECT given.nth
    FROM (SELECT count(*) >= 0 AS over FROM settling) AS before
    CROSS JOIN given
    CROSS JOIN LATERAL (
        SELECT FROM contract
        WHERE contract.id = given.new_contract AND contract.seller = given.contract_seller
            AND contract.account = given.contract_account AND contract.version = given.contract_version - 1 AND before.over
        {locked}
    ) AS found
),
learning AS MATERIALIZED (
    SELECT given.nth
    FROM (SELECT count(*) >= 0 AS over FROM replacing) AS before
    CROSS JOIN given
    CROSS JOIN LATERAL (
        SELECT FROM account WHERE account.id = given.account AND given.learns AND before.over
        {locked}
    ) AS found
),

-- What is not locked is looked up in the snapshot of the statement. Should somebody have been faster, a unique index says so. The
-- limits keep the planner from reading a whole table at once instead.
answered AS MATERIALIZED (
    SELECT given.nth, found.fingerprint, found.status, found.body FROM given
    CROSS JOIN LATERAL (
        SELECT client_request.fingerprint, client_request.status, client_request.body FROM client_request
        WHERE client_request.seller = given.request_seller AND client_request.key = given.request_key
        LIMIT 1
    ) AS found
),
named AS MATERIALIZED (
    SELECT given.nth FROM given
    CROSS JOIN LATERAL (
        SELECT FROM identity WHERE identity.id = given.identity AND identity.account = given.account LIMIT 1
    ) AS found
),
blocking AS MATERIALIZED (
    -- What is in progress makes room for nobody: neither for a new change, nor for one that comes back from aside; and one change
    -- is promised for a day.
    SELECT given.nth, coalesce(found.id, promised.id) AS id FROM given
    LEFT JOIN stored ON stored.nth = given.nth
    LEFT JOIN LATERAL (
        SELECT change.id FROM change
        WHERE change.seller = given.seller AND change.contract = given.contract AND change.open
            AND (given.expected_version = 0 OR (given.open AND NOT stored.open))
        LIMIT 1
    ) AS found ON TRUE
    LEFT JOIN LATERAL (
        SELECT change.id FROM change
        WHERE change.contract = given.contract AND change.id <> given.change
            AND change.stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled')
            AND given.stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled')
        LIMIT 1
    ) AS promised ON TRUE
    WHERE found.id IS NOT NULL OR promised.id IS NOT NULL
),
busy AS MATERIALIZED (
    SELECT charge.nth
    FROM unnest($72::bigint[], $87::text[]) AS charge (nth, customer)
    JOIN given ON given.nth = charge.nth
    CROSS JOIN LATERAL (
        SELECT FROM effect
        WHERE effect.seller = given.seller AND effect.charging = charge.customer AND effect.status IN ('intent', 'unknown')
            AND NOT EXISTS (SELECT FROM asked WHERE asked.id = effect.id AND asked.status NOT IN ('intent', 'unknown'))
        LIMIT 1
    ) AS found
),

-- One word decides about all of a decision. One with a dot names the cell that would be damaged. `apart` is said only where the
-- statement waits for nobody.
verdict AS MATERIALIZED (
    SELECT given.nth, blocking.id AS blocking, CASE
        WHEN answered.nth IS NOT NULL THEN 'answered'
        WHEN given.fence IS NOT NULL AND NOT coalesce(held.lease_epoch = given.fence AND held.lease_owner IS NOT NULL, FALSE)
            THEN 'stale'
        WHEN coalesce(stored.version, 0) <> given.expected_version THEN 'stale'
        WHEN blocking.id IS NOT NULL THEN 'blocked'
        WHEN given.damage IS NOT NULL THEN given.damage
        WHEN given.previous <> coalesce(stored.journal_head, decode(repeat('00', 32), 'hex')) THEN 'journal.previous'
        WHEN coalesce(settling.found, 0) <> given.settles THEN 'effect.id'
        WHEN NOT settling.own THEN 'effect.change'
        WHEN NOT settling.forward THEN 'stale'
        WHEN EXISTS (SELECT FROM busy WHERE busy.nth = given.nth) THEN 'busy'
        WHEN given.learns AND NOT EXISTS (SELECT FROM learning WHERE learning.nth = given.nth) THEN 'account.id'
        WHEN given.identity IS NOT NULL AND given.identity IS DISTINCT FROM given.new_identity
            AND NOT EXISTS (SELECT FROM named WHERE named.nth = given.nth) THEN 'account.identity'
        WHEN given.new_contract IS NOT NULL AND NOT EXISTS (SELECT FROM replacing WHERE replacing.nth = given.nth) THEN 'stale'
        WHEN NOT $98::boolean AND (
            given.expected_version > 0 AND held.nth IS NULL
            OR given.contract_look IS NOT NULL
                AND NOT EXISTS (SELECT FROM held AS look WHERE look.nth = given.nth AND look.kind = 'contract')
        ) THEN 'apart'
        ELSE 'done'
    END AS word
    FROM given
    LEFT JOIN answered ON answered.nth = given.nth
    LEFT JOIN held ON held.nth = given.nth AND held.kind = 'change'
    LEFT JOIN stored ON stored.nth = given.nth
    LEFT JOIN settling ON settling.nth = given.nth
    LEFT JOIN blocking ON blocking.nth = given.nth
),
-- The decisions that are written.
done AS MATERIALIZED (
    SELECT array_agg(verdict.nth) AS nths FROM verdict WHERE verdict.word = 'done'
),

moved AS (
    -- What a change was opened with stays: its names, whose it is, and the workflow that it runs on.
    UPDATE change
    SET version = given.version, stage = given.stage, stage_name = given.stage_name,
        machine_version = given.machine_version, open = given.open, entered_at = given.entered_at, asked = given.asked,
        last_asked = given.last_asked, reminded = given.reminded, return_url = given.return_url,
        updated_at = given.updated_at, journal_head = given.journal_head, concern_at = given.concern_at,
        invoice = given.invoice, payment_intent = given.payment_intent
    FROM given, done
    WHERE change.id = given.change AND given.expected_version > 0 AND given.nth = ANY (done.nths)
),
opened AS (
    INSERT INTO change (id, reference, seller, account, contract, workflow, version, stage, stage_name, machine_version, open,
        entered_at, asked, last_asked, reminded, return_url, cancel_url, created_at, updated_at, journal_head, concern_at,
        invoice, payment_intent)
    SELECT given.change, reference, seller, account, contract, workflow, version, stage, stage_name, machine_version, open,
        entered_at, given.asked, last_asked, reminded, return_url, cancel_url, created_at, updated_at, journal_head, concern_at,
        invoice, payment_intent
    FROM given, done
    WHERE given.expected_version = 0 AND given.nth = ANY (done.nths)
),
chronicled AS (
    INSERT INTO journal (change, seq, at, content, previous, hash)
    SELECT line.change, line.seq, line.at, line.content, line.previous, line.hash
    FROM unnest($89::bigint[], $90::uuid[], $91::bigint[], $92::bigint[], $93::bytea[], $94::bytea[], $95::bytea[])
            AS line (nth, change, seq, at, content, previous, hash), done
    WHERE line.nth = ANY (done.nths)
),
settled AS (
    -- The first outcome stays: it is what the provider said.
    UPDATE effect
    SET status = asked.status, outcome = coalesce(effect.outcome, asked.outcome), last_error = asked.last_error,
        next_try_at = asked.next_try_at, consumed = effect.consumed OR asked.consumed,
        undecidable_since = asked.undecidable_since
    FROM asked, done
    WHERE effect.id = asked.id AND asked.nth = ANY (done.nths)
    RETURNING effect.id
),
promised AS (
    -- After `settled`: an outcome that is taken in makes room for the next effect of its name, or of its customer.
    INSERT INTO effect (id, change, seller, name, generation, call, request_hash, key, first_sent_at, key_deadline, status,
        attempts, next_try_at, outcome, last_error, charging, consumed)
    SELECT new.id, given.change, given.seller, new.name, new.generation, new.call, new.request_hash, new.key, new.first_sent_at,
        new.key_deadline, new.status, new.attempts, new.next_try_at, new.outcome, new.last_error, new.charging, new.consumed
    FROM unnest($72::bigint[], $73::uuid[], $74::text[], $75::bigint[], $76::bytea[], $78::text[], $79::text[], $80::bigint[],
            $81::bigint[], $82::text[], $83::bigint[], $84::bigint[], $85::bytea[], $86::text[], $87::text[], $88::boolean[])
            WITH ORDINALITY AS new (nth, id, name, generation, call, request_hash, key, first_sent_at, key_deadline, status,
            attempts, next_try_at, outcome, last_error, charging, consumed, place)
        JOIN given ON given.nth = new.nth, done
    WHERE new.nth = ANY (done.nths) AND (SELECT count(*) FROM settled) >= 0
    ORDER BY new.place
),
prepared AS (
    INSERT INTO effect_request (effect, request)
    SELECT new.id, new.request FROM unnest($72::bigint[], $73::uuid[], $77::bytea[]) AS new (nth, id, request), done
    WHERE new.nth = ANY (done.nths)
),
given_identity AS (
    INSERT INTO identity (id, account, data, hash, tax_hash, tax_id_hash, given_at)
    SELECT given.new_identity, given.account, given.identity_data, given.identity_hash, given.identity_tax_hash,
        given.identity_tax_id_hash, given.identity_at
    FROM given, done
    WHERE given.new_identity IS NOT NULL AND given.nth = ANY (done.nths)
),
learned AS (
    UPDATE account
    SET identity = coalesce(given.identity, account.identity),
        provider_customer = coalesce(given.customer, account.provider_customer),
        saved_identity_hash = coalesce(given.customer_hash, account.saved_identity_hash),
        saved_tax_id = coalesce(given.tax_id, account.saved_tax_id),
        saved_tax_id_hash = coalesce(given.tax_id_hash, account.saved_tax_id_hash)
    FROM given, done
    WHERE account.id = given.account AND given.learns AND given.nth = ANY (done.nths)
),
replaced AS (
    UPDATE contract SET version = given.contract_version, subscription = given.subscription, content = given.contract_content
    FROM given, done
    WHERE contract.id = given.new_contract AND given.nth = ANY (done.nths)
),
taken_up AS (
    -- Its attempts are counted anew, so that it is tried as often as the first time.
    UPDATE outbox SET status = 'waiting', next_try_at = given.updated_at, attempts = 0
    FROM unnest($96::bigint[], $97::uuid[]) AS given_up (nth, id) JOIN given ON given.nth = given_up.nth, done
    WHERE outbox.id = given_up.id AND outbox.entry_change = given.change AND outbox.status = 'given_up'
        AND given.nth = ANY (done.nths)
),
queued AS (
    INSERT INTO due (subject_kind, subject, due_at, machine_version, lease_epoch, attempts, wake_seq)
    SELECT 'change', given.change, given.due_at, given.machine_version, 0, 0, 0
    FROM given, done
    WHERE given.expected_version = 0 AND given.nth = ANY (done.nths)
),
scheduled AS (
    -- A command takes the change from whoever holds it. A worker that loses its lease may have claimed it because of a wake-up
    -- that it cannot answer any more: so the change counts as woken again. A wake-up that nobody has claimed counts more than
    -- the timer, but waits for a worker that goes on.
    UPDATE due SET
        due_at = CASE WHEN given.held_until IS NOT NULL THEN given.held_until
            WHEN given.fence IS NULL AND due.lease_owner IS NOT NULL
            THEN LEAST(given.due_at, due.woken_at, given.updated_at)
            ELSE LEAST(given.due_at, due.woken_at) END,
        woken_at = CASE WHEN given.fence IS NULL AND due.lease_owner IS NOT NULL
            THEN LEAST(due.woken_at, given.updated_at) ELSE due.woken_at END,
        wake_seq = due.wake_seq + (given.fence IS NULL AND due.lease_owner IS NOT NULL)::int,
        lease_epoch = due.lease_epoch + (given.fence IS NULL)::int,
        machine_version = given.machine_version, attempts = 0,
        lease_owner = CASE WHEN given.held_until IS NOT NULL THEN due.lease_owner END, lease_until = given.held_until,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
    FROM given, done
    WHERE due.subject_kind = 'change' AND due.subject = given.change AND given.expected_version > 0
        AND given.nth = ANY (done.nths)
),
watched AS (
    -- The end of a change gives its contract back to observation.
    UPDATE due
    SET wake_seq = due.wake_seq + 1, woken_at = LEAST(due.woken_at, given.contract_look),
        due_at = CASE WHEN due.lease_owner IS NULL THEN LEAST(due.due_at, given.contract_look) ELSE due.due_at END
    FROM given, done
    WHERE due.subject_kind = 'contract' AND due.subject = given.contract AND given.contract_look IS NOT NULL
        AND given.nth = ANY (done.nths)
),
remembered AS (
    INSERT INTO client_request (seller, key, fingerprint, status, body)
    SELECT given.request_seller, given.request_key, given.request_fingerprint, given.request_status, given.request_body
    FROM given, done
    WHERE given.request_key IS NOT NULL AND given.nth = ANY (done.nths)
)
