use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use governor::clock::FakeRelativeClock;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const SUBSCRIPTIONS: &str = "GET /v1/subscriptions/{id}";

/// An account on a clock that only waiting moves.
struct Account {
    clock: FakeRelativeClock,
    waited_ms: Arc<AtomicU64>,
    pace: Pace<FakeRelativeClock>,
}

impl Account {
    fn at(rates: Rates) -> Self {
        let clock = FakeRelativeClock::default();
        let waited_ms = Arc::new(AtomicU64::new(0));
        let (moved, waited) = (clock.clone(), waited_ms.clone());
        let sleep = move |wait: Duration| -> BoxFuture<'static, ()> {
            moved.advance(wait);
            waited.fetch_add(u64::try_from(wait.as_millis()).expect("short"), Ordering::SeqCst);
            Box::pin(std::future::ready(()))
        };
        Self {
            pace: Pace::on(clock.clone(), Box::new(sleep), Some(rates)),
            clock,
            waited_ms,
        }
    }

    async fn reads(&self, urgency: Urgency) -> Result<(), Duration> {
        self.pace.turn(false, SUBSCRIPTIONS, urgency).await
    }

    async fn writes(&self) -> Result<(), Duration> {
        self.pace.turn(true, "POST /v1/customers", Urgency::Hurried).await
    }

    /// How many go through at this instant, before one has to wait.
    async fn at_once(&self, urgency: Urgency) -> u64 {
        for nth in 0..1000 {
            let before = self.waited();
            let passed = self.reads(urgency).await;
            if passed.is_err() || self.waited() > before {
                return nth;
            }
        }
        unreachable!("nothing is ever held back");
    }

    fn waited(&self) -> u64 {
        self.waited_ms.load(Ordering::SeqCst)
    }
}

fn rate(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("not nothing")
}

/// One every ten minutes: nobody waits for that.
fn rare() -> Rates {
    let rare = Quota::with_period(Duration::from_mins(10)).expect("a time");
    Rates {
        reads: rare,
        writes: rare,
        endpoint: Quota::per_second(rate(100)),
    }
}

/// So many a second of each kind, to whatever endpoint.
fn generous(number: u32) -> Rates {
    Rates {
        endpoint: Quota::per_second(rate(10_000)),
        ..Rates::per_second(rate(number), rate(number))
    }
}

fn too_many(headers: &[(&str, &str)], code: &str) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        })
        .collect();
    let body = format!(r#"{{"error":{{"type":"invalid_request_error","code":"{code}"}}}}"#);
    Answer::read(429, &headers, Bytes::from(body))
}

#[tokio::test]
async fn a_short_wait_is_waited_for_and_a_long_one_is_told() {
    let account = Account::at(Rates::per_second(rate(4), rate(4)));
    assert_eq!(account.at_once(Urgency::Hurried).await, 1);
    assert_eq!(account.reads(Urgency::Hurried).await, Ok(()));
    assert!(account.waited() >= 250, "{} ms", account.waited());

    let busy = Account::at(rare());
    assert_eq!(busy.reads(Urgency::Hurried).await, Ok(()));
    let held_back = busy.reads(Urgency::Hurried).await.expect_err("too long a wait");
    assert!(held_back > Duration::from_mins(9), "{held_back:?}");
    assert_eq!(busy.waited(), 0, "nobody waits for nothing");
    busy.clock.advance(held_back);
    assert_eq!(busy.reads(Urgency::Hurried).await, Ok(()), "its turn has come");
}

#[tokio::test]
async fn reads_and_writes_have_buckets_of_their_own() {
    let account = Account::at(rare());
    assert_eq!(account.reads(Urgency::Hurried).await, Ok(()));
    assert!(account.reads(Urgency::Hurried).await.is_err());
    assert_eq!(account.writes().await, Ok(()));
    assert!(account.writes().await.is_err());
}

#[tokio::test]
async fn sweeps_leave_room_for_what_customers_wait_for() {
    let account = Account::at(generous(40));
    let swept = account.at_once(Urgency::Unhurried).await;
    let more = account.at_once(Urgency::Hurried).await;
    assert!(swept > 0, "sweeps go on");
    assert!(more > 0, "sweeps took {swept}, and left nothing");
}

#[tokio::test]
async fn one_endpoint_cannot_take_the_whole_account() {
    let mut rates = Rates::per_second(rate(400), rate(400));
    rates.endpoint = Quota::with_period(Duration::from_mins(10)).expect("a time");
    let account = Account::at(rates);
    assert_eq!(account.reads(Urgency::Hurried).await, Ok(()));
    assert!(account.reads(Urgency::Hurried).await.is_err());
    let other = account.pace.turn(false, "GET /v1/prices", Urgency::Hurried);
    assert_eq!(other.await, Ok(()));
}

#[tokio::test]
async fn an_account_that_said_too_many_is_asked_at_half_its_rate_for_a_while() {
    let usual = Account::at(generous(80)).at_once(Urgency::Hurried).await;
    let account = Account::at(generous(80));
    account.pace.learn(SUBSCRIPTIONS, &too_many(&[], "rate_limit"));
    let slowed = account.at_once(Urgency::Hurried).await;
    assert!(0 < slowed && slowed < usual, "{slowed} of {usual}");
    account.clock.advance(SLOW_FOR);
    assert_eq!(account.at_once(Urgency::Hurried).await, usual);
}

#[tokio::test]
async fn where_the_provider_names_a_time_nothing_leaves_before() {
    let account = Account::at(generous(80));
    let answer = too_many(
        &[
            ("retry-after", "20"),
            ("stripe-rate-limited-reason", "global-rate"),
        ],
        "rate_limit",
    );
    account.pace.learn(SUBSCRIPTIONS, &answer);
    assert_eq!(account.writes().await, Err(Duration::from_secs(20)));
    account.clock.advance(Duration::from_secs(20));
    assert_eq!(account.writes().await, Ok(()));
}

#[tokio::test]
async fn a_busy_endpoint_slows_only_itself_and_a_busy_object_nobody() {
    let account = Account::at(Rates::per_second(rate(80), rate(80)));
    let usual = account.at_once(Urgency::Hurried).await;
    account.clock.advance(Duration::from_mins(1));
    let objects = [
        too_many(
            &[("stripe-rate-limited-reason", "resource-specific")],
            "rate_limit",
        ),
        too_many(&[], "lock_timeout"),
    ];
    for answer in objects {
        account.pace.learn(SUBSCRIPTIONS, &answer);
        assert_eq!(account.at_once(Urgency::Hurried).await, usual, "{answer:?}");
        account.clock.advance(Duration::from_mins(1));
    }
    let endpoint = too_many(&[("stripe-rate-limited-reason", "endpoint-rate")], "rate_limit");
    account.pace.learn(SUBSCRIPTIONS, &endpoint);
    assert!(account.at_once(Urgency::Hurried).await < usual);
}

#[test]
fn what_stripe_documents_is_never_exceeded_even_in_the_worst_second() {
    for (live, allowed) in [(true, 100), (false, 25)] {
        let rates = Rates::documented(live);
        let worst = |quota: Quota| {
            let per_second = Duration::from_secs(1).as_nanos() / quota.replenish_interval().as_nanos();
            u32::try_from(per_second).expect("a rate") + quota.burst_size().get()
        };
        assert!(
            worst(rates.reads) + worst(rates.writes) <= allowed,
            "live: {live}"
        );
        assert!(worst(rates.endpoint) <= 25, "live: {live}");
    }
}

#[test]
fn an_operation_names_no_id() {
    for (path, named) in [
        (
            "/v1/subscriptions/sub_1?expand[0]=x",
            "GET /v1/subscriptions/{id}",
        ),
        ("/v1/invoices/create_preview", "GET /v1/invoices/create_preview"),
        (
            "/v1/customers/cus_1/tax_ids/txi_1",
            "GET /v1/customers/{id}/tax_ids/{id}",
        ),
        ("/v1/prices?limit=100", "GET /v1/prices"),
    ] {
        assert_eq!(operation("GET", path), named);
    }
}

#[test]
fn sellers_of_one_account_share_its_buckets() {
    let mut paces = Paces::default();
    let key = |key: &str| SecretString::from(key.to_owned());
    let first = paces.of(&key("sk_test_1"), None);
    assert!(Arc::ptr_eq(&first, &paces.of(&key("sk_test_1"), None)));
    assert!(!Arc::ptr_eq(&first, &paces.of(&key("sk_test_2"), None)));
}
