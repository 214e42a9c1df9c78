//! The requests that `async-stripe` generates, sent to a served sandbox, and its answers read by the same crates.

use std::fmt::{self, Display};

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use stripe_billing::{
    invoice::{
        CreatePreviewInvoice, CreatePreviewInvoiceSubscriptionDetails,
        CreatePreviewInvoiceSubscriptionDetailsItems,
        CreatePreviewInvoiceSubscriptionDetailsProrationBehavior, PayInvoice,
    },
    subscription::{
        CreateSubscription, CreateSubscriptionItems, CreateSubscriptionPaymentBehavior, RetrieveSubscription,
        UpdateSubscription, UpdateSubscriptionItems, UpdateSubscriptionPaymentBehavior,
        UpdateSubscriptionProrationBehavior,
    },
};
use stripe_client_core::{
    CustomizedStripeRequest, IdempotencyKey, RequestStrategy, StripeClient, StripeClientErr, StripeMethod,
    StripeRequest as _,
};
use stripe_core::customer::CreateCustomer;
use stripe_payment::payment_method::AttachPaymentMethod;
use stripe_product::{
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval},
    product::CreateProduct,
};
use stripe_shared::{Customer, InvoiceStatus, Subscription, SubscriptionStatus};
use stripe_types::{Currency, Expandable};

use super::http_house::{House, NOON, Receiver};

/// What went wrong: the status and the body, or why an answer could not be read.
#[derive(Debug)]
pub enum Failure {
    Refused(u16, Value),
    Unreadable(String),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(status, body) => write!(f, "{status}: {body}"),
            Failure::Unreadable(why) => f.write_str(why),
        }
    }
}

impl StripeClientErr for Failure {
    fn deserialize_err(message: impl Display) -> Failure {
        Failure::Unreadable(message.to_string())
    }
}

impl StripeClient for House {
    type Err = Failure;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failure> {
        let (request, custom) = request.into_pieces();
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut ask = self.ask(method, &format!("/v1{}{query}", request.path));
        if let Some(body) = request.body {
            ask = ask.form(&body);
        }
        if let Some(RequestStrategy::Idempotent(key)) = custom.request_strategy {
            ask = ask.key(key.as_str());
        }
        let answer = ask.send().await;
        if answer.status == 200 {
            Ok(Bytes::from(answer.text))
        } else {
            Err(Failure::Refused(answer.status, answer.json))
        }
    }
}

/// A customer with a card on a plan of 50.00 BRL a month, and a plan of 100.00 beside it.
struct Seller {
    house: House,
    customer: Customer,
    subscription: Subscription,
    pro: String,
}

impl Seller {
    async fn new() -> Seller {
        Seller::in_house(House::new().await).await
    }

    async fn in_house(house: House) -> Seller {
        let product = CreateProduct::new("Growth")
            .send(&house)
            .await
            .expect("a product");
        let mut prices = Vec::new();
        for amount in [5_000, 10_000] {
            let recurring = CreatePriceRecurring::new(CreatePriceRecurringInterval::Month);
            let price = CreatePrice::new(Currency::BRL)
                .product(product.id.as_str())
                .unit_amount(amount)
                .recurring(recurring);
            prices.push(price.send(&house).await.expect("a price").id.to_string());
        }
        let customer = CreateCustomer::new()
            .name("Ana")
            .email("ana@example.com")
            .send(&house)
            .await
            .expect("a customer");
        let card = AttachPaymentMethod::new("pm_card_visa")
            .customer(customer.id.as_str())
            .send(&house)
            .await
            .expect("a card");
        let item = CreateSubscriptionItems {
            price: Some(prices[0].clone()),
            ..CreateSubscriptionItems::new()
        };
        let subscription = CreateSubscription::new()
            .customer(customer.id.as_str())
            .items(vec![item])
            .default_payment_method(card.id.as_str())
            .payment_behavior(CreateSubscriptionPaymentBehavior::ErrorIfIncomplete)
            .send(&house)
            .await
            .expect("a subscription");
        assert_eq!(subscription.status, SubscriptionStatus::Active);
        Seller {
            house,
            customer,
            subscription,
            pro: prices.remove(1),
        }
    }

    fn item(&self) -> String {
        self.subscription.items.data[0].id.to_string()
    }

    /// Everything that moved money, without the port, which is another one after each start.
    async fn ledger(&self) -> String {
        let ledger = self.house.get("/_sandbox/ledger").await.text;
        ledger.replace(&self.house.address.to_string(), "sandbox")
    }

    /// What the upgrade would cost at `instant`.
    async fn quote(&self, instant: i64) -> i64 {
        let items = CreatePreviewInvoiceSubscriptionDetailsItems {
            id: Some(self.item()),
            price: Some(self.pro.clone()),
            ..CreatePreviewInvoiceSubscriptionDetailsItems::new()
        };
        let details = CreatePreviewInvoiceSubscriptionDetails {
            items: Some(vec![items]),
            proration_date: Some(instant),
            proration_behavior: Some(CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::AlwaysInvoice),
            ..CreatePreviewInvoiceSubscriptionDetails::new()
        };
        let preview = CreatePreviewInvoice::new()
            .subscription(self.subscription.id.as_str())
            .subscription_details(details);
        preview.send(&self.house).await.expect("a preview").amount_due
    }

    fn upgrade(&self, instant: i64) -> UpdateSubscription {
        let item = UpdateSubscriptionItems {
            id: Some(self.item()),
            price: Some(self.pro.clone()),
            ..UpdateSubscriptionItems::new()
        };
        UpdateSubscription::new(self.subscription.id.clone())
            .items(vec![item])
            .proration_date(instant)
            .proration_behavior(UpdateSubscriptionProrationBehavior::AlwaysInvoice)
            .payment_behavior(UpdateSubscriptionPaymentBehavior::PendingIfIncomplete)
            .expand(vec!["latest_invoice.payments".to_owned()])
    }
}

#[tokio::test]
async fn an_upgrade_costs_what_was_quoted_and_a_repeated_one_costs_nothing() {
    let seller = Seller::new().await;
    let instant = NOON + 10 * 24 * 60 * 60;
    seller.house.advance(instant - NOON).await;
    let quoted = seller.quote(instant).await;
    // 21 of the 31 days from 15 January to 15 February are left, and 50.00 is what the plans differ by.
    assert_eq!(quoted, 3_387);

    let key = RequestStrategy::Idempotent(IdempotencyKey::new("upgrade").expect("a key"));
    let upgraded = seller
        .upgrade(instant)
        .customize()
        .request_strategy(key.clone())
        .send(&seller.house)
        .await;
    let upgraded = upgraded.expect("an upgrade");
    let Some(Expandable::Object(invoice)) = &upgraded.latest_invoice else {
        panic!("the invoice was to be expanded")
    };
    assert_eq!(
        (invoice.amount_paid, &invoice.status),
        (quoted, &Some(InvoiceStatus::Paid))
    );
    assert_eq!(upgraded.items.data[0].price.id.as_str(), seller.pro);

    let page = invoice
        .hosted_invoice_url
        .as_ref()
        .expect("a page")
        .split_once("/_sandbox")
        .expect("our own")
        .1;
    let page = seller.house.get(&format!("/_sandbox{page}")).await;
    assert!(
        page.status == 200 && page.text.contains("33.87 BRL"),
        "{}",
        page.text
    );

    let again = seller
        .upgrade(instant)
        .customize()
        .request_strategy(key)
        .send(&seller.house)
        .await
        .expect("the same");
    assert_eq!(
        again.latest_invoice.as_ref().map(Expandable::id),
        upgraded.latest_invoice.as_ref().map(Expandable::id)
    );
    let invoices = seller
        .house
        .get(&format!("/v1/invoices?customer={}", seller.customer.id))
        .await
        .json;
    assert_eq!(invoices["data"].as_array().map(Vec::len), Some(2), "{invoices}");
    seller.house.stop().await;
}

#[tokio::test]
async fn a_declined_upgrade_leaves_the_plan_until_another_card_pays() {
    let seller = Seller::new().await;
    let instant = NOON + 10 * 24 * 60 * 60;
    seller.house.advance(instant - NOON).await;
    let customer = seller.customer.id.as_str();
    let bad = AttachPaymentMethod::new("pm_card_chargeCustomerFail")
        .customer(customer)
        .send(&seller.house)
        .await;
    let bad = bad.expect("it can be attached");
    UpdateSubscription::new(seller.subscription.id.clone())
        .default_payment_method(bad.id.as_str())
        .send(&seller.house)
        .await
        .expect("the card is chosen");
    let held = seller
        .upgrade(instant)
        .send(&seller.house)
        .await
        .expect("an update that waits");
    assert!(held.pending_update.is_some());
    assert_ne!(held.items.data[0].price.id.as_str(), seller.pro);
    let Some(Expandable::Object(invoice)) = &held.latest_invoice else {
        panic!("the invoice was to be expanded")
    };
    assert_eq!(invoice.status, Some(InvoiceStatus::Open));

    let invoice = invoice.id.clone().expect("an id");
    let declined = PayInvoice::new(invoice.clone())
        .payment_method(bad.id.as_str())
        .off_session(false);
    let Err(Failure::Refused(402, refusal)) = declined.send(&seller.house).await else {
        panic!("it must be declined")
    };
    assert_eq!(refusal["error"]["type"], "card_error", "{refusal}");

    let good = AttachPaymentMethod::new("pm_card_mastercard")
        .customer(customer)
        .send(&seller.house)
        .await
        .expect("a card");
    let paid = PayInvoice::new(invoice)
        .payment_method(good.id.as_str())
        .off_session(false)
        .send(&seller.house)
        .await;
    assert_eq!(paid.expect("paid").status, Some(InvoiceStatus::Paid));
    let after = RetrieveSubscription::new(seller.subscription.id.clone())
        .send(&seller.house)
        .await
        .expect("a subscription");
    assert!(after.pending_update.is_none());
    assert_eq!(after.items.data[0].price.id.as_str(), seller.pro);
    seller.house.stop().await;
}

#[tokio::test]
async fn a_renewal_comes_with_its_time_and_is_announced() {
    let seller = Seller::new().await;
    let mut receiver = Receiver::answering([]).await;
    let form = format!("url={}&enabled_events[]=invoice.paid", receiver.url);
    seller.house.post("/v1/webhook_endpoints", &form).await.id();
    let month = 31 * 24 * 60 * 60;
    // The renewal invoice stays a draft for an hour.
    seller.house.advance(month + 2 * 60 * 60).await;
    let announced = receiver.next().await.event;
    let invoice = &announced["data"]["object"];
    assert_eq!(
        (
            invoice["billing_reason"].as_str(),
            invoice["amount_paid"].as_i64()
        ),
        (Some("subscription_cycle"), Some(5_000))
    );
    let ledger = seller.house.get("/_sandbox/ledger").await;
    assert!(
        ledger.text.contains(invoice["id"].as_str().expect("an id")),
        "{}",
        ledger.text
    );
    seller.house.stop().await;
}

#[tokio::test]
async fn what_happened_survives_a_kill_to_the_cent() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = changeover::sandbox::Data::File(folder.path().join("sandbox.db"));
    let seller = Seller::in_house(House::at(data.clone()).await).await;
    let instant = NOON + 10 * 24 * 60 * 60;
    seller.house.advance(instant - NOON).await;
    let quoted = seller.quote(instant).await;
    let ledger = seller.ledger().await;
    let Seller {
        house,
        subscription,
        pro,
        customer,
    } = seller;
    house.kill().await;

    let seller = Seller {
        house: House::at(data).await,
        subscription,
        pro,
        customer,
    };
    assert!(seller.ledger().await == ledger, "the ledger changed");
    assert_eq!(seller.quote(instant).await, quoted);
    let upgraded = seller
        .upgrade(instant)
        .send(&seller.house)
        .await
        .expect("an upgrade");
    let Some(Expandable::Object(invoice)) = &upgraded.latest_invoice else {
        panic!("the invoice was to be expanded")
    };
    assert_eq!(invoice.amount_paid, quoted);
    seller.house.stop().await;
}
