//! A seller, a customer with a card, and a sandbox that both believe in, over real HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use changeover::domain::catalog::{Anchoring, Catalog};
use changeover::domain::change::{
    Call, CallAnswer, EffectId, FirstPeriod, IntentStatus, InvoiceStatus, PaymentFacts, QuotedTarget,
};
use changeover::domain::language::Language;
use changeover::ports::payments::{
    CallError, CardSetupOutcome, Marks, Payments as _, Preparing, Preview, PreviewAsk,
};
use changeover::sandbox::{Options, serve};
use changeover::stripe::StripePayments;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::things::{self, AT, at};
use super::{catalog, stub};

pub const DAY: i64 = 86_400;

/// A seller, a customer with a card, and the provider that both believe in.
pub struct Shop {
    pub address: String,
    pub payments: StripePayments,
    pub customer: String,
    prices: Vec<(String, String)>,
    pub time: Arc<AtomicI64>,
    effects: std::cell::Cell<u64>,
    _stop: oneshot::Sender<()>,
}

impl Shop {
    pub async fn open(card: &str) -> Self {
        let time = Arc::new(AtomicI64::new(AT));
        let read = Arc::clone(&time);
        let options = Options {
            strict: true,
            ..Options::in_memory(Arc::new(move || read.load(Ordering::SeqCst)))
        };
        let (bound, address) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(serve(
            options,
            move |address| bound.send(address).expect("the test waits"),
            async move {
                let _ = stopped.await;
            },
        ));
        let address = format!("http://{}", address.await.expect("it starts"));
        let payments = StripePayments::new(&stub::config(&address)).expect("a good configuration");
        let goods: Catalog = catalog::catalog();
        let plan = payments
            .plan_push(&goods, &[], Language::PtBr)
            .await
            .expect("planned");
        let pushed = payments.push(&plan).await.expect("pushed");
        let again = payments
            .plan_push(&goods, &[], Language::PtBr)
            .await
            .expect("planned");
        assert_eq!(again, pushed, "what was pushed is what is there");
        let names: Vec<String> = pushed.prices.iter().map(|price| price.name.to_string()).collect();
        let prices = payments.prices(&names).await.expect("read").into_iter().collect();
        let mut open = Self {
            address,
            payments,
            customer: String::new(),
            prices,
            time,
            effects: std::cell::Cell::new(10),
            _stop: stop,
        };
        let save = Call::SaveCustomer {
            customer: None,
            identity: Uuid::nil(),
        };
        let Ok(CallAnswer::CustomerSaved { customer }) = open.perform(&save).await else {
            panic!("a customer");
        };
        open.customer = customer;
        open.keep(card).await;
        open
    }

    pub fn next_marks(&self) -> Marks {
        let next = self.effects.get() + 1;
        self.effects.set(next);
        Marks {
            effect: things::effect(next),
            ..things::marks()
        }
    }

    pub async fn perform(&self, call: &Call) -> Result<CallAnswer, CallError> {
        self.perform_as(call, &self.next_marks()).await
    }

    pub async fn perform_as(&self, call: &Call, marks: &Marks) -> Result<CallAnswer, CallError> {
        let (account, identity) = (things::account(), things::identity());
        let preparing = Preparing {
            marks,
            account: &account,
            identity: Some(&identity),
        };
        let prepared = self.payments.prepare(call, preparing).expect("a request");
        let EffectId(id) = marks.effect;
        self.payments
            .perform(call, marks, &prepared, &id.to_string())
            .await
    }

    pub async fn facts(&self, call: &Call) -> PaymentFacts {
        match self.perform(call).await {
            Ok(CallAnswer::Payment(facts)) => facts,
            other => panic!("{other:?}"),
        }
    }

    /// What the customer's browser does, and what people press in the sandbox.
    pub async fn post(&self, path: &str, form: &str) -> Value {
        let client: Client<_, Full<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let request = hyper::Request::post(format!("{}{path}", self.address))
            .header("authorization", "Bearer sk_test_browser")
            .header("stripe-version", super::schema::version())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(bytes::Bytes::from(form.to_owned())))
            .expect("a request");
        let response = client.request(request).await.expect("an answer");
        let bytes = response.into_body().collect().await.expect("whole").to_bytes();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    /// The customer gives a card to the provider, and it is kept.
    pub async fn keep(&self, card: &str) -> String {
        let key = format!("setup-{card}");
        let begun = self
            .payments
            .begin_card_setup(&self.customer, &key)
            .await
            .expect("begun");
        let unfinished = self.payments.card_setup(&self.customer, &begun.id).await;
        assert_eq!(unfinished, Ok(CardSetupOutcome::Unfinished));
        let path = format!("/v1/setup_intents/{}/confirm", begun.id);
        let confirmed = self.post(&path, &format!("payment_method={card}")).await;
        if confirmed["status"] == "requires_action" {
            self.post(&format!("/_sandbox/3ds/{}", begun.id), "outcome=approve")
                .await;
        }
        match self.payments.card_setup(&self.customer, &begun.id).await {
            Ok(CardSetupOutcome::Kept(method)) => method.id,
            other => panic!("{other:?}"),
        }
    }

    pub fn target(&self, key: &str, item: Option<&str>, quantity: u64) -> QuotedTarget {
        let part = if key == "plan" { ".plan." } else { ".device." };
        let (lookup_key, price) = self
            .prices
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
    }

    pub async fn preview(
        &self,
        subscription: Option<&str>,
        targets: &[QuotedTarget],
        moment: i64,
    ) -> Preview {
        let ask = self.ask(subscription, targets, moment);
        self.payments.preview(&ask).await.expect("previewed")
    }

    pub fn ask(&self, subscription: Option<&str>, targets: &[QuotedTarget], moment: i64) -> PreviewAsk {
        let first = FirstPeriod {
            starts_at: at(moment),
            anchor: at(AT + 20 * DAY),
            anchoring: Anchoring::FirstRenewal,
        };
        PreviewAsk {
            customer: Some(self.customer.clone()),
            subscription: subscription.map(str::to_owned),
            targets: targets.to_vec(),
            currency: "BRL".parse().expect("known"),
            prorated_at: at(moment),
            first_period: subscription.is_none().then_some(first),
            credits: Vec::new(),
            automatic_tax: false,
            untaxed: false,
            tax_rates: None,
        }
    }

    /// Buys the plan; the first invoice is paid with the kept card.
    pub async fn buy(&self) -> PaymentFacts {
        let targets = [self.target("plan", None, 1)];
        let preview = self.preview(None, &targets, AT).await;
        let card = self.payments.cards(&self.customer).await.expect("read")[0]
            .id
            .clone();
        let create = Call::CreateSubscription {
            customer: self.customer.clone(),
            targets: targets.to_vec(),
            first_period: FirstPeriod {
                starts_at: at(AT),
                anchor: at(AT + 20 * DAY),
                anchoring: Anchoring::FirstRenewal,
            },
            method: Some(card.clone()),
            automatic_tax: false,
            tax_rates: Vec::new(),
        };
        let made = self.facts(&create).await;
        let invoice = made.invoice.clone().expect("a first invoice");
        assert_eq!(
            (invoice.status, invoice.amount_due),
            (InvoiceStatus::Open, preview.amount_due)
        );
        assert_eq!(
            (made.intent, made.decline),
            (Some(IntentStatus::RequiresConfirmation), None)
        );
        self.facts(&self.pay(&made, &card)).await
    }

    pub fn pay(&self, facts: &PaymentFacts, method: &str) -> Call {
        Call::PayInvoice {
            invoice: facts.invoice.as_ref().expect("an invoice").id.clone(),
            subscription: facts.subscription.clone(),
            customer: self.customer.clone(),
            method: method.to_owned(),
        }
    }

    pub fn update(&self, held: &PaymentFacts, devices: u64, moment: i64) -> Call {
        Call::UpdateSubscription {
            subscription: held.subscription.clone(),
            customer: self.customer.clone(),
            targets: vec![
                self.target("plan", Some(&held.items[0].id), 1),
                self.target("item:device", None, devices),
            ],
            prorated_at: at(moment),
            credits: Vec::new(),
        }
    }
}
