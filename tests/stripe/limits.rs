//! The provider is asked no faster than it wants to be; what has no turn is not sent.

use std::num::NonZeroU32;
use std::time::Duration;

use changeover::domain::change::Call;
use changeover::ports::payments::{CallError, Payments as _, ReadError};
use changeover::stripe::{Rates, StripePayments};
use governor::Quota;

use super::stub::{self, Reply, Stub};
use super::things::{marks, prepared};

/// A seller whose account may be asked this often.
fn paced(stub: &Stub, reads: Quota, writes: Quota) -> StripePayments {
    let mut config = stub::config(&stub.address);
    config.rates = Some(Rates {
        reads,
        writes,
        endpoint: often(),
    });
    StripePayments::new(&config).expect("a good configuration")
}

fn often() -> Quota {
    Quota::per_second(NonZeroU32::new(1000).expect("not nothing"))
}

fn once() -> Quota {
    Quota::with_period(Duration::from_mins(10)).expect("a time")
}

async fn write(payments: &StripePayments) -> Result<(), CallError> {
    let call = Call::SetDefaultMethod {
        subscription: "sub_1".to_owned(),
        method: None,
    };
    let prepared = prepared(payments, &call);
    let performed = payments.perform(&call, &marks(), &prepared, "key-1").await;
    performed.map(drop)
}

#[tokio::test]
async fn a_call_that_has_no_turn_is_not_sent_and_says_when_it_has() {
    let stub = Stub::start().await;
    stub.answers(
        "POST /v1/subscriptions/sub_1",
        Reply::status(200, r#"{"id":"sub_1"}"#),
    );
    let payments = paced(&stub, often(), once());
    assert_eq!(write(&payments).await, Ok(()));
    let held_back = write(&payments).await;
    let Err(CallError::Later {
        after: Some(after), ..
    }) = held_back
    else {
        panic!("{held_back:?}");
    };
    assert!(after > Duration::from_mins(9), "{after:?}");
    assert_eq!(stub.lines().len(), 1, "nothing else has left");
}

#[tokio::test]
async fn a_question_that_has_no_turn_is_not_asked_and_writes_still_go() {
    let stub = Stub::start().await;
    stub.answers(
        "GET /v1/subscriptions/sub_1",
        Reply::error(404, "invalid_request_error", "resource_missing"),
    )
    .answers(
        "POST /v1/subscriptions/sub_1",
        Reply::status(200, r#"{"id":"sub_1"}"#),
    );
    let payments = paced(&stub, once(), often());
    let first = payments.subscription("sub_1").await;
    assert_eq!(first.err(), Some(ReadError::NotFound("sub_1".to_owned())));
    let second = payments.subscription("sub_1").await;
    assert!(
        matches!(second, Err(ReadError::Later { after: Some(_), .. })),
        "{second:?}"
    );
    assert_eq!(write(&payments).await, Ok(()));
    assert_eq!(stub.lines().len(), 2);
}

#[tokio::test]
async fn after_the_providers_own_too_many_nothing_is_sent_until_the_time_that_it_names() {
    let stub = Stub::start().await;
    stub.answers(
        "POST /v1/subscriptions/sub_1",
        Reply::error(429, "invalid_request_error", "rate_limit")
            .with("retry-after", "30")
            .with("stripe-rate-limited-reason", "global-rate"),
    );
    let payments = paced(&stub, often(), often());
    let limited = write(&payments).await;
    let named = Duration::from_secs(30);
    assert!(
        matches!(limited, Err(CallError::Later { after: Some(after), .. }) if after == named),
        "{limited:?}"
    );
    let held_back = payments.subscription("sub_1").await;
    let Err(ReadError::Later {
        after: Some(after), ..
    }) = held_back
    else {
        panic!("{held_back:?}");
    };
    assert!(after <= named, "{after:?}");
    assert_eq!(stub.lines().len(), 1, "nothing else has left");
}

#[tokio::test]
async fn polls_use_up_only_their_own_share() {
    let stub = Stub::start().await;
    let missing = || Reply::error(404, "invalid_request_error", "resource_missing");
    for _ in 0..5 {
        stub.answers("GET /v1/subscriptions/sub_1", missing());
    }
    let five = once().allow_burst(NonZeroU32::new(5).expect("not nothing"));
    let payments = paced(&stub, five, often());
    let polls = payments.unhurried().expect("a slower way");
    for _ in 0..3 {
        assert!(matches!(
            polls.subscription("sub_1").await,
            Err(ReadError::NotFound(_))
        ));
    }
    let poll = polls.subscription("sub_1").await;
    assert!(matches!(poll, Err(ReadError::Later { .. })), "{poll:?}");
    for _ in 0..2 {
        let asked = payments.subscription("sub_1").await;
        assert!(matches!(asked, Err(ReadError::NotFound(_))), "{asked:?}");
    }
    assert_eq!(stub.lines().len(), 5);
}
