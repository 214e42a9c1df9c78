//! Everything that is measured: its name, its unit and what it means, in one place.
//!
//! Like logging, measuring is open to every room, and nobody learns anything by it. Labels come from short fixed lists: never
//! an id, a name, an address or an amount. Names follow Prometheus's conventions: base units, `_total` for what only rises.

use std::time::{Duration, Instant};

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

/// The bounds of the buckets of everything that is measured in seconds.
pub const SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

const DECISIONS: &str = "changeover_decisions_total";
const ENDED: &str = "changeover_changes_ended_total";
const OPEN: &str = "changeover_changes_open";
const PROBLEMS: &str = "changeover_problems_total";
const EFFECTS: &str = "changeover_effects_total";
const RETRIES: &str = "changeover_effect_retries_total";
const LEASES_LOST: &str = "changeover_leases_lost_total";
const FAILURES: &str = "changeover_work_failures_total";
const DRIFTS: &str = "changeover_quote_drifts_total";
const ESTIMATES_OFF: &str = "changeover_estimates_off_total";
const SENT: &str = "changeover_outbox_total";
const OUTBOX_LAG: &str = "changeover_outbox_lag_seconds";
const DUE_LAG: &str = "changeover_due_lag_seconds";
const WEBHOOKS: &str = "changeover_webhooks_total";
const REQUESTS: &str = "changeover_http_requests_total";
const REQUEST_TIME: &str = "changeover_http_request_duration_seconds";
const SHED: &str = "changeover_http_shed_total";
const IN_FLIGHT: &str = "changeover_http_requests_in_flight";
const PROVIDER: &str = "changeover_provider_requests_total";
const PROVIDER_TIME: &str = "changeover_provider_request_duration_seconds";
const HELD_BACK: &str = "changeover_provider_held_back_total";
const CONNECTIONS: &str = "changeover_store_connections";
const WRITES_WAITING: &str = "changeover_store_writes_waiting";
const WRITES_REFUSED: &str = "changeover_store_writes_refused_total";

/// What only rises.
const COUNTED: [(&str, &str); 16] = [
    (
        DECISIONS,
        "Decisions that were written, by event and the stage that they led to.",
    ),
    (ENDED, "Changes that came to an end, by how."),
    (
        PROBLEMS,
        "Requests that were answered with a problem, by its code.",
    ),
    (EFFECTS, "Calls of changes, by name and how they came out."),
    (
        RETRIES,
        "Attempts at a call that brought no outcome, by name and whether it may have happened.",
    ),
    (
        LEASES_LOST,
        "Decisions that were not written because the change had moved or the lease was lost.",
    ),
    (
        FAILURES,
        "Work that failed and is tried again, by what it was about.",
    ),
    (
        DRIFTS,
        "Quotes that were made again because the amounts had moved after the yes.",
    ),
    (
        ESTIMATES_OFF,
        "Estimates that differed from the provider's preview. They never block.",
    ),
    (SENT, "Mails and events, by how the attempt came out."),
    (WEBHOOKS, "Webhooks of the provider, by what became of them."),
    (
        REQUESTS,
        "Requests that were answered, by method, route and status.",
    ),
    (
        SHED,
        "Requests that were refused because too many were being answered already.",
    ),
    (
        PROVIDER,
        "Requests to the provider, by operation and how they came out.",
    ),
    (
        HELD_BACK,
        "Requests that were not sent because our own limit was reached.",
    ),
    (
        WRITES_REFUSED,
        "Writes that were refused because too many were waiting already.",
    ),
];

/// What goes up and down.
const PRESENT: [(&str, Unit, &str); 6] = [
    (OPEN, Unit::Count, "Changes that are open, by stage."),
    (
        OUTBOX_LAG,
        Unit::Seconds,
        "For how long the oldest mail or event has been waiting beyond its time.",
    ),
    (
        DUE_LAG,
        Unit::Seconds,
        "For how long the oldest due change or contract has been waiting for a worker.",
    ),
    (IN_FLIGHT, Unit::Count, "Requests that are being answered."),
    (
        CONNECTIONS,
        Unit::Count,
        "Connections to the database, by state; on SQLite those for reading.",
    ),
    (
        WRITES_WAITING,
        Unit::Count,
        "Writes that wait for the database's one writer.",
    ),
];

/// Tells the recorder what each name means; once, when it has been installed.
pub fn describe() {
    for (name, meaning) in COUNTED {
        describe_counter!(name, Unit::Count, meaning);
    }
    for (name, unit, meaning) in PRESENT {
        describe_gauge!(name, unit, meaning);
    }
    describe_histogram!(REQUEST_TIME, Unit::Seconds, "How long answers took, by route.");
    describe_histogram!(
        PROVIDER_TIME,
        Unit::Seconds,
        "How long the provider took, by operation."
    );
}

/// Measures how long something takes. It decides nothing, so that it may ask the machine itself.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(
        clippy::disallowed_methods,
        reason = "a measurement that nothing depends on; a clock that tests hold still would measure nothing"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// What has passed.
    pub fn passed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A decision was written: this event led to this stage.
pub fn decided(event: &'static str, stage: &str) {
    counter!(DECISIONS, "event" => event, "stage" => stage.to_owned()).increment(1);
}

/// A change came to an end.
pub fn ended(stage: &'static str) {
    counter!(ENDED, "outcome" => stage).increment(1);
}

/// So many changes are open in each stage now.
pub fn open(stage: &str, count: u64) {
    gauge!(OPEN, "stage" => stage.to_owned()).set(whole(count));
}

/// A request was answered with a problem.
pub fn problem(code: &'static str) {
    counter!(PROBLEMS, "code" => code).increment(1);
}

/// A call of a change came out like this.
pub fn effect(call: &'static str, status: &'static str) {
    counter!(EFFECTS, "call" => call, "status" => status).increment(1);
}

/// An attempt at a call brought no outcome.
pub fn retried(call: &'static str, status: &'static str) {
    counter!(RETRIES, "call" => call, "status" => status).increment(1);
}

/// A decision was not written: somebody else had been faster.
pub fn lease_lost() {
    counter!(LEASES_LOST).increment(1);
}

/// Work failed, and is tried again.
pub fn failed(work: &'static str) {
    counter!(FAILURES, "work" => work).increment(1);
}

/// The amounts have moved after the yes.
pub fn drifted() {
    counter!(DRIFTS).increment(1);
}

/// An estimate differed from the preview.
pub fn estimate_off() {
    counter!(ESTIMATES_OFF).increment(1);
}

/// An attempt to send a mail or an event came out like this.
pub fn left(channel: &'static str, outcome: &'static str) {
    counter!(SENT, "channel" => channel, "outcome" => outcome).increment(1);
}

/// How far the outbox and the queue of what is due are behind.
pub fn lags(outbox: Duration, due: Duration) {
    gauge!(OUTBOX_LAG).set(outbox.as_secs_f64());
    gauge!(DUE_LAG).set(due.as_secs_f64());
}

/// What became of a webhook.
pub fn webhook(outcome: &'static str) {
    counter!(WEBHOOKS, "outcome" => outcome).increment(1);
}

/// A request was answered. `route` is its pattern, never its address.
pub fn answered(method: &'static str, route: &str, status: u16, watch: &Stopwatch) {
    let route = route.to_owned();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    histogram!(REQUEST_TIME, "method" => method, "route" => route).record(watch.passed());
}

/// A request was refused at the door.
pub fn shed() {
    counter!(SHED).increment(1);
}

/// So many requests are being answered.
pub fn in_flight(count: usize) {
    gauge!(IN_FLIGHT).set(whole(count.try_into().unwrap_or(u64::MAX)));
}

/// The provider answered, or did not.
pub fn provider_answered(operation: &str, outcome: &'static str, watch: &Stopwatch) {
    let operation = operation.to_owned();
    counter!(PROVIDER, "operation" => operation.clone(), "outcome" => outcome).increment(1);
    histogram!(PROVIDER_TIME, "operation" => operation).record(watch.passed());
}

/// A request to the provider did not leave.
pub fn provider_held_back(urgency: &'static str) {
    counter!(HELD_BACK, "urgency" => urgency).increment(1);
}

/// The readers of the database.
pub fn store_connections(busy: u64, idle: u64) {
    gauge!(CONNECTIONS, "state" => "busy").set(whole(busy));
    gauge!(CONNECTIONS, "state" => "idle").set(whole(idle));
}

/// So many writes wait for the writer.
pub fn writes_waiting(count: u64) {
    gauge!(WRITES_WAITING).set(whole(count));
}

/// A write was refused because too many were waiting.
pub fn write_refused() {
    counter!(WRITES_REFUSED).increment(1);
}

/// A count as a gauge takes it. Beyond 2^32 it is no longer of interest how many.
fn whole(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
