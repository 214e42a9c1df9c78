-- A decision, from `given` to its last write. The parts that other statements share (`answered` before, `remembered` and
-- `told` after) are put around it by the program. Parameters: $1-$5 the client's request, $6-$15 the outbox, then these.

-- What is asked, by name.
given AS MATERIALIZED (
    SELECT $16::uuid AS change, $17::text AS reference, $18::text AS seller, $19::uuid AS account, $20::uuid AS contract,
        $21::text AS workflow, $22::bigint AS version, $23::bytea AS stage, $24::text AS stage_name,
        $25::bigint AS machine_version, $26::boolean AS open, $27::bigint AS entered_at, $28::bigint AS asked,
        $29::bigint AS last_asked, $30::bigint AS reminded, $31::text AS return_url, $32::text AS cancel_url,
        $33::bigint AS created_at, $34::bigint AS updated_at, $35::bytea AS journal_head,
        $36::bigint AS expected_version, $37::bytea AS previous, $38::bigint AS fence, $39::bigint AS due_at,
        $87::bigint AS concern_at, $88::text AS invoice, $91::bigint AS contract_look
),

-- First every row that the decision rests on is locked, always in this order: queue, change, effects, contract, account. Each
-- step names the one before it, which keeps the order; each counts its rows, which makes it lock all of them. A locked row is
-- read as it is now, even when it was written after this statement began.
held AS MATERIALIZED (
    SELECT count(*) >= 0 AS locked,
        coalesce(bool_or(kind = 'change' AND lease_epoch = $38 AND lease_owner IS NOT NULL), FALSE) AS by_fence
    FROM (
        SELECT due.subject_kind AS kind, due.lease_epoch, due.lease_owner
        FROM given
        CROSS JOIN LATERAL (
            VALUES ('change', given.change), ('contract', CASE WHEN given.contract_look IS NOT NULL THEN given.contract END)
        ) AS wanted (kind, id)
        JOIN due ON due.subject_kind = wanted.kind AND due.subject = wanted.id
        ORDER BY due.subject_kind
        FOR NO KEY UPDATE OF due
    ) AS queued
),
stored AS MATERIALIZED (
    SELECT held.by_fence, found.version, found.journal_head
    FROM held LEFT JOIN LATERAL (
        SELECT change.version, change.journal_head FROM change WHERE change.id = $16 AND held.locked FOR NO KEY UPDATE
    ) AS found ON TRUE
),
settling AS MATERIALIZED (
    SELECT count(*) AS found, coalesce(bool_and(own), TRUE) AS own, coalesce(bool_and(forward), TRUE) AS forward
    FROM (
        SELECT effect.change = $16 AS own, effect.status = ANY (string_to_array(asked.before, ',')) AS forward
        FROM stored CROSS JOIN unnest($40::uuid[], $42::text[]) AS asked (id, before)
        JOIN effect ON effect.id = asked.id
        ORDER BY effect.id
        FOR NO KEY UPDATE OF effect
    ) AS effects
),
replacing AS MATERIALIZED (
    SELECT count(*) AS found
    FROM (
        SELECT FROM settling CROSS JOIN contract
        WHERE contract.id = $75::uuid AND contract.seller = $76::text AND contract.account = $77::uuid
            AND contract.version = $78::bigint - 1
        FOR NO KEY UPDATE OF contract
    ) AS contracts
),
learning AS MATERIALIZED (
    SELECT count(*) AS found
    FROM (
        SELECT FROM replacing CROSS JOIN account WHERE account.id = $19 AND $74::boolean FOR NO KEY UPDATE OF account
    ) AS accounts
),

-- What is not locked is looked up in the snapshot of the statement. Should somebody have been faster, a unique index says so.
blocking AS MATERIALIZED (
    SELECT change.id FROM change WHERE change.seller = $18 AND change.contract = $20 AND change.open AND $36 = 0 LIMIT 1
),
busy AS MATERIALIZED (
    SELECT count(*) AS found FROM effect
    WHERE effect.seller = $18 AND effect.charging = ANY ($61::text[]) AND effect.status IN ('intent', 'unknown')
        AND NOT EXISTS (
            SELECT FROM unnest($40::uuid[], $41::text[]) AS asked (id, status)
            WHERE asked.id = effect.id AND asked.status NOT IN ('intent', 'unknown')
        )
),

-- One word decides about all of it. One with a dot names the cell that would be damaged.
verdict AS MATERIALIZED (
    SELECT CASE
        WHEN EXISTS (SELECT FROM answered) THEN 'answered'
        WHEN given.fence IS NOT NULL AND NOT stored.by_fence THEN 'stale'
        WHEN coalesce(stored.version, 0) <> given.expected_version THEN 'stale'
        WHEN EXISTS (SELECT FROM blocking) THEN 'blocked'
        WHEN $86::text IS NOT NULL THEN $86
        WHEN given.previous <> coalesce(stored.journal_head, decode(repeat('00', 32), 'hex')) THEN 'journal.previous'
        WHEN settling.found <> cardinality($40::uuid[]) THEN 'effect.id'
        WHEN NOT settling.own THEN 'effect.change'
        WHEN NOT settling.forward THEN 'stale'
        WHEN busy.found > 0 THEN 'busy'
        WHEN $74::boolean AND learning.found = 0 THEN 'account.id'
        WHEN $73::uuid IS NOT NULL AND $73 IS DISTINCT FROM $63::uuid
            AND NOT EXISTS (SELECT FROM identity WHERE identity.id = $73 AND identity.account = $19) THEN 'account.identity'
        WHEN $75::uuid IS NOT NULL AND replacing.found = 0 THEN 'stale'
        ELSE 'done'
    END AS word
    FROM given, stored, settling, replacing, learning, busy
),

moved AS (
    -- What a change was opened with stays: its names, whose it is, and the workflow that it runs on.
    UPDATE change
    SET version = given.version, stage = given.stage, stage_name = given.stage_name,
        machine_version = given.machine_version, open = given.open, entered_at = given.entered_at, asked = given.asked,
        last_asked = given.last_asked, reminded = given.reminded, return_url = given.return_url,
        updated_at = given.updated_at, journal_head = given.journal_head, concern_at = given.concern_at,
        invoice = given.invoice
    FROM given, verdict
    WHERE change.id = $16 AND given.expected_version > 0 AND verdict.word = 'done'
),
opened AS (
    INSERT INTO change (id, reference, seller, account, contract, workflow, version, stage, stage_name, machine_version, open,
        entered_at, asked, last_asked, reminded, return_url, cancel_url, created_at, updated_at, journal_head, concern_at,
        invoice)
    SELECT given.change, reference, seller, account, contract, workflow, version, stage, stage_name, machine_version, open,
        entered_at, asked, last_asked, reminded, return_url, cancel_url, created_at, updated_at, journal_head, concern_at,
        invoice
    FROM given, verdict
    WHERE given.expected_version = 0 AND verdict.word = 'done'
),
chronicled AS (
    INSERT INTO journal (change, seq, at, content, previous, hash)
    SELECT $16, line.*
    FROM unnest($81::bigint[], $82::bigint[], $83::bytea[], $84::bytea[], $85::bytea[])
            AS line (seq, at, content, previous, hash), verdict
    WHERE verdict.word = 'done'
),
settled AS (
    -- The first outcome stays: it is what the provider said.
    UPDATE effect
    SET status = asked.status, outcome = coalesce(effect.outcome, asked.outcome), last_error = asked.last_error,
        next_try_at = asked.next_try_at, consumed = effect.consumed OR asked.consumed,
        undecidable_since = asked.undecidable_since
    FROM unnest($40::uuid[], $41::text[], $43::bytea[], $44::text[], $45::bigint[], $46::boolean[], $89::bigint[])
            AS asked (id, status, outcome, last_error, next_try_at, consumed, undecidable_since), verdict
    WHERE effect.id = asked.id AND verdict.word = 'done'
    RETURNING effect.id
),
promised AS (
    -- After `settled`: an outcome that is taken in makes room for the next effect of its name, or of its customer.
    INSERT INTO effect (id, change, seller, name, generation, call, request_hash, key, first_sent_at, key_deadline, status,
        attempts, next_try_at, outcome, last_error, charging, consumed)
    SELECT new.id, $16, $18, new.name, new.generation, new.call, new.request_hash, new.key, new.first_sent_at,
        new.key_deadline, new.status, new.attempts, new.next_try_at, new.outcome, new.last_error, new.charging, new.consumed
    FROM unnest($47::uuid[], $48::text[], $49::bigint[], $50::bytea[], $52::text[], $53::text[], $54::bigint[],
            $55::bigint[], $56::text[], $57::bigint[], $58::bigint[], $59::bytea[], $60::text[], $61::text[], $62::boolean[])
            WITH ORDINALITY AS new (id, name, generation, call, request_hash, key, first_sent_at, key_deadline, status,
            attempts, next_try_at, outcome, last_error, charging, consumed, place), verdict
    WHERE verdict.word = 'done' AND (SELECT count(*) FROM settled) >= 0
    ORDER BY new.place
),
prepared AS (
    INSERT INTO effect_request (effect, request)
    SELECT new.id, new.request FROM unnest($47::uuid[], $51::bytea[]) AS new (id, request), verdict
    WHERE verdict.word = 'done'
),
given_identity AS (
    INSERT INTO identity (id, account, data, hash, tax_hash, tax_id_hash, given_at)
    SELECT $63::uuid, $19, $64::bytea, $65::text, $66::text, $67::text, $68::bigint FROM verdict
    WHERE verdict.word = 'done' AND $63::uuid IS NOT NULL
),
learned AS (
    UPDATE account
    SET identity = coalesce($73::uuid, account.identity),
        provider_customer = coalesce($69::text, account.provider_customer),
        saved_identity_hash = coalesce($70::text, account.saved_identity_hash),
        saved_tax_id = coalesce($71::text, account.saved_tax_id),
        saved_tax_id_hash = coalesce($72::text, account.saved_tax_id_hash)
    FROM verdict
    WHERE account.id = $19 AND $74::boolean AND verdict.word = 'done'
),
replaced AS (
    UPDATE contract SET version = $78::bigint, subscription = $79::text, content = $80::bytea
    FROM verdict
    WHERE contract.id = $75::uuid AND verdict.word = 'done'
),
taken_up AS (
    -- Its attempts are counted anew, so that it is tried as often as the first time.
    UPDATE outbox SET status = 'waiting', next_try_at = $34, attempts = 0
    FROM verdict
    WHERE outbox.id = ANY ($90::uuid[]) AND outbox.entry_change = $16 AND outbox.status = 'given_up'
        AND verdict.word = 'done'
),
scheduled AS (
    -- A command takes the change from whoever holds it. A worker that loses its lease may have claimed it because of a wake-up
    -- that it cannot answer any more: so the change counts as woken again. A wake-up that nobody has claimed counts more than
    -- the timer.
    INSERT INTO due (subject_kind, subject, due_at, machine_version, lease_epoch, attempts, wake_seq)
    SELECT 'change', given.change, given.due_at, given.machine_version, 0, 0, 0 FROM given, verdict
    WHERE verdict.word = 'done'
    ON CONFLICT (subject_kind, subject) DO UPDATE SET
        due_at = CASE WHEN $38 IS NULL AND due.lease_owner IS NOT NULL THEN LEAST(excluded.due_at, due.woken_at, $34)
            ELSE LEAST(excluded.due_at, due.woken_at) END,
        woken_at = CASE WHEN $38 IS NULL AND due.lease_owner IS NOT NULL THEN LEAST(due.woken_at, $34) ELSE due.woken_at END,
        wake_seq = due.wake_seq + ($38 IS NULL AND due.lease_owner IS NOT NULL)::int,
        lease_epoch = due.lease_epoch + ($38 IS NULL)::int,
        machine_version = excluded.machine_version, lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
),
watched AS (
    -- The end of a change gives its contract back to observation.
    UPDATE due
    SET wake_seq = due.wake_seq + 1, woken_at = LEAST(due.woken_at, $91),
        due_at = CASE WHEN due.lease_owner IS NULL THEN LEAST(due.due_at, $91) ELSE due.due_at END
    FROM verdict
    WHERE due.subject_kind = 'contract' AND due.subject = $20 AND $91 IS NOT NULL AND verdict.word = 'done'
)
