//! One story for two providers: the sandbox, and Stripe itself.
//!
//! By default the sandbox plays Stripe. With `CHANGEOVER_TEST_STRIPE_KEY` set to a test-mode key, the same story runs against
//! Stripe's own servers, in real time, and leaves a customer and a cancelled subscription behind in the test account:
//!
//! ```sh
//! CHANGEOVER_TEST_STRIPE_KEY=sk_test_... cargo test --test all stripe::test_mode
//! ```

use std::sync::Arc;

use bytes::Bytes;
use changeover::domain::catalog::{Anchoring, Catalog};
use changeover::domain::change::{
    Call, CallAnswer, ChangeId, EffectId, FirstPeriod, InvoiceStatus, PaymentFacts, QuotedTarget,
};
use changeover::domain::language::Language;
use changeover::domain::money::Money;
use changeover::ports::payments::{CardSetupOutcome, Marks, Payments as _, Preparing, PreviewAsk};
use changeover::ports::time::{Clock as _, Ids as _};
use changeover::sandbox::{Options, serve};
use changeover::stripe::{StripeConfig, StripePayments};
use changeover::system::{SystemClock, SystemIds};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::oneshot;

use super::{catalog, things};

const KEY: &str = "CHANGEOVER_TEST_STRIPE_KEY";

struct Account {
    payments: StripePayments,
    address: String,
    key: String,
    change: ChangeId,
}

impl Account {
    async fn open() -> Self {
        let (address, key) = match std::env::var(KEY) {
            Ok(key) => {
                assert!(
                    key.contains("_test_"),
                    "{KEY} must be a test-mode key: this suite moves money"
                );
                ("https://api.stripe.com".to_owned(), key)
            }
            Err(_) => (sandbox().await, "sk_test_sandbox".to_owned()),
        };
        let url = address.parse().expect("an address");
        let config = StripeConfig::new(url, SecretString::from(key.clone()));
        let payments = StripePayments::new(&config).expect("a good configuration");
        Self {
            payments,
            address,
            key,
            change: ChangeId(SystemIds.new_id(SystemClock.now())),
        }
    }

    async fn perform(&self, call: &Call) -> CallAnswer {
        let effect = EffectId(SystemIds.new_id(SystemClock.now()));
        let marks = Marks {
            change: self.change,
            effect,
        };
        let (account, identity) = (things::account(), things::identity());
        let preparing = Preparing {
            marks: &marks,
            account: &account,
            identity: Some(&identity),
        };
        let prepared = self.payments.prepare(call, preparing).expect("a request");
        let key = format!("test-mode-{effect}");
        let first = self
            .payments
            .perform(call, &marks, &prepared, &key)
            .await
            .expect("an answer");
        let again = self.payments.perform(call, &marks, &prepared, &key).await;
        assert_eq!(
            again.as_ref(),
            Ok(&first),
            "the same bytes under the same key do nothing new"
        );
        first
    }

    async fn payment(&self, call: &Call) -> PaymentFacts {
        match self.perform(call).await {
            CallAnswer::Payment(facts) => facts,
            other => panic!("{other:?}"),
        }
    }

    /// The customer's browser gives a card to the provider.
    async fn keep_card(&self, customer: &str) -> String {
        let key = format!("test-mode-setup-{}", self.change);
        let setup = self
            .payments
            .begin_card_setup(customer, &key)
            .await
            .expect("begun");
        let https = hyper_rustls::HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(https);
        let request = hyper::Request::post(format!("{}/v1/setup_intents/{}/confirm", self.address, setup.id))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from_static(
                b"payment_method=pm_card_visa&return_url=https%3A%2F%2Fexample.com%2F",
            )))
            .expect("a request");
        let answer = client.request(request).await.expect("an answer");
        let status = answer.status();
        let said = answer.into_body().collect().await.expect("whole").to_bytes();
        assert!(status.is_success(), "{}", String::from_utf8_lossy(&said));
        match self.payments.card_setup(customer, &setup.id).await {
            Ok(CardSetupOutcome::Kept(card)) => card.id,
            other => panic!("{other:?}"),
        }
    }
}

/// A sandbox in real time, that lives as long as the test.
async fn sandbox() -> String {
    let options = Options::in_memory(Arc::new(|| SystemClock.now().as_second()));
    let (bound, address) = oneshot::channel();
    tokio::spawn(serve(
        options,
        move |address| bound.send(address).expect("the test waits"),
        std::future::pending(),
    ));
    format!("http://{}", address.await.expect("it starts"))
}

fn plus(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days))
        .expect("an instant")
}

#[tokio::test]
async fn a_subscription_is_made_raised_paid_and_ended() {
    let stripe = Account::open().await;
    let goods: Catalog = catalog::catalog();
    let plan = stripe
        .payments
        .plan_push(&goods, &[], Language::PtBr)
        .await
        .expect("planned");
    stripe.payments.push(&plan).await.expect("pushed");
    let names: Vec<String> = plan.prices.iter().map(|price| price.name.to_string()).collect();
    let prices = stripe.payments.prices(&names).await.expect("prices");
    let target = |key: &str, part: &str, item: Option<&str>, quantity| {
        let (lookup_key, price) = prices
            .iter()
            .find(|(name, _)| name.contains(part))
            .expect("pushed");
        QuotedTarget {
            key: key.parse().expect("a line"),
            lookup_key: lookup_key.clone(),
            price: price.clone(),
            item: item.map(str::to_owned),
            quantity,
        }
    };

    let identity = SystemIds.new_id(SystemClock.now());
    let CallAnswer::CustomerSaved { customer } = stripe
        .perform(&Call::SaveCustomer {
            customer: None,
            identity,
        })
        .await
    else {
        panic!("a customer");
    };
    stripe
        .perform(&Call::AddTaxId {
            customer: customer.clone(),
            identity,
        })
        .await;
    let card = stripe.keep_card(&customer).await;

    let now = Timestamp::from_second(SystemClock.now().as_second()).expect("an instant");
    let first_period = FirstPeriod {
        starts_at: plus(now, -5),
        anchor: plus(now, 20),
        anchoring: Anchoring::FirstRenewal,
    };
    let targets = vec![target("plan", ".plan.", None, 1)];
    let mut ask = PreviewAsk {
        customer: Some(customer.clone()),
        subscription: None,
        targets: targets.clone(),
        currency: "BRL".parse().expect("known"),
        prorated_at: now,
        first_period: Some(first_period),
        credits: Vec::new(),
        automatic_tax: false,
        untaxed: false,
        tax_rates: None,
    };
    let preview = stripe.payments.preview(&ask).await.expect("previewed");
    let create = Call::CreateSubscription {
        customer: customer.clone(),
        targets,
        first_period,
        method: Some(card.clone()),
        automatic_tax: false,
        tax_rates: Vec::new(),
    };
    let made = stripe.payment(&create).await;
    let invoice = made.invoice.clone().expect("a first invoice");
    assert_eq!(
        (invoice.status, invoice.amount_due),
        (InvoiceStatus::Open, preview.amount_due)
    );
    let pay = Call::PayInvoice {
        invoice: invoice.id,
        subscription: made.subscription.clone(),
        customer: customer.clone(),
        method: card,
    };
    let paid = stripe.payment(&pay).await;
    assert_eq!(
        paid.invoice.as_ref().map(|invoice| invoice.status),
        Some(InvoiceStatus::Paid)
    );

    ask.subscription = Some(made.subscription.clone());
    ask.first_period = None;
    ask.targets = vec![
        target("plan", ".plan.", Some(&made.items[0].id), 1),
        target("item:device", ".device.", None, 3),
    ];
    let preview = stripe.payments.preview(&ask).await.expect("previewed");
    let update = Call::UpdateSubscription {
        subscription: made.subscription.clone(),
        customer,
        targets: ask.targets.clone(),
        prorated_at: now,
        credits: Vec::new(),
    };
    let raised = stripe.payment(&update).await;
    let invoice = raised.invoice.clone().expect("an invoice of the update");
    assert_eq!(
        (invoice.status, invoice.amount_paid),
        (InvoiceStatus::Paid, preview.amount_due)
    );

    let amount = Money::new(100, preview.amount_due.currency);
    stripe
        .perform(&Call::Refund {
            invoice: invoice.id,
            amount,
        })
        .await;
    let end = Call::CancelSubscription {
        subscription: made.subscription,
    };
    assert_eq!(stripe.perform(&end).await, CallAnswer::SubscriptionCancelled);
}
