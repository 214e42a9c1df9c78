//! A world with a clock, driven by the published names of its operations. Every answer is held against the contract,
//! every refusal must leave nothing behind, and everything made durable must come back the same.

use std::collections::BTreeMap;

use changeover::sandbox::core::{Call, Record, World};
use changeover::sandbox::error::ApiError;
use serde_json::{Value, json};

use super::core_contract;

pub struct House {
    pub world: World,
    pub now: i64,
    /// The durable file.
    file: BTreeMap<(String, String), Vec<u8>>,
    requests: u32,
}

/// An instant, from its usual notation.
pub fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

impl House {
    pub fn opened(when: &str) -> House {
        let mut world = World::new(7);
        world.set_base_url("http://127.0.0.1:4242/");
        House {
            world,
            now: at(when),
            file: BTreeMap::new(),
            requests: 0,
        }
    }

    fn perform(&mut self, operation: &str, path: &[(&str, &str)], params: Value) -> Result<Value, ApiError> {
        self.requests += 1;
        let path = path
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let request_id = format!("req_{}", self.requests);
        let call = Call {
            operation,
            path: &path,
            params: params.as_object().unwrap(),
            now: self.now,
            request_id: &request_id,
            idempotency_key: Some("key"),
        };
        self.world.perform(&call)
    }

    pub fn keep(&mut self) {
        for Record { kind, id, body } in self.world.take_changes() {
            match body {
                Some(body) => self.file.insert((kind, id), body),
                None => self.file.remove(&(kind, id)),
            };
        }
    }

    /// Forgets everything that is not in the durable file.
    pub fn restart(&mut self) {
        self.keep();
        let records = self.file.iter().map(|((kind, id), body)| Record {
            kind: kind.clone(),
            id: id.clone(),
            body: Some(body.clone()),
        });
        self.world = World::restore(records).unwrap();
        self.world.set_base_url("http://127.0.0.1:4242/");
    }

    /// A call that succeeds.
    pub fn does(&mut self, operation: &str, path: &[(&str, &str)], params: Value) -> Value {
        let answer = match self.perform(operation, path, params) {
            Ok(answer) => answer,
            Err(error) => panic!("{operation}: {error:?}"),
        };
        core_contract::check(&answer);
        self.keep();
        answer
    }

    /// A call that is refused and leaves nothing behind.
    pub fn refuses(&mut self, operation: &str, path: &[(&str, &str)], params: Value) -> ApiError {
        self.world.advance_to(self.now);
        self.keep();
        let before = self.world.take_events().len();
        let error = match self.perform(operation, path, params) {
            Ok(answer) => panic!("{operation} was not refused: {answer:#}"),
            Err(error) => error,
        };
        let left = self.world.take_changes();
        assert!(
            left.iter().all(|record| record.kind == "world"),
            "{operation} left {left:?} behind"
        );
        assert_eq!(
            self.world.take_events().len(),
            0,
            "after {before} events before it"
        );
        error
    }

    /// A call whose payment is refused, which leaves its traces.
    pub fn declines(&mut self, operation: &str, path: &[(&str, &str)], params: Value) -> ApiError {
        let error = match self.perform(operation, path, params) {
            Ok(answer) => panic!("{operation} was not declined: {answer:#}"),
            Err(error) => error,
        };
        assert_eq!(error.status, 402, "{error:?}");
        if let Some(object) = &error.object {
            core_contract::check(&object.1);
        }
        self.keep();
        error
    }

    pub fn passes(&mut self, seconds: i64) {
        self.now += seconds;
        self.world.advance_to(self.now);
        self.keep();
    }

    pub fn waits_until(&mut self, when: &str) {
        self.passes(at(when) - self.now);
    }

    /// The kinds of the events since the last look.
    pub fn hears(&mut self) -> Vec<String> {
        let events = self.world.take_events();
        events.iter().for_each(core_contract::check);
        events
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }

    /// A price of its own product, per interval.
    pub fn price(&mut self, amount: i64, interval: &str) -> String {
        self.price_in("brl", amount, interval)
    }

    pub fn price_in(&mut self, currency: &str, amount: i64, interval: &str) -> String {
        let params = json!({
            "currency": currency,
            "unit_amount": amount,
            "recurring": { "interval": interval },
            "product_data": { "name": "Seat" },
        });
        id(&self.does("PostPrices", &[], params))
    }

    /// A customer with a card as their default; both identifiers.
    pub fn customer_with(&mut self, card: &str) -> (String, String) {
        let customer = id(&self.does(
            "PostCustomers",
            &[],
            json!({ "name": "Ana", "email": "ana@example.com" }),
        ));
        let method = self.attaches(&customer, card);
        let params = json!({ "invoice_settings": { "default_payment_method": method } });
        self.does("PostCustomersCustomer", &[("customer", &customer)], params);
        (customer, method)
    }

    pub fn attaches(&mut self, customer: &str, card: &str) -> String {
        let params = json!({ "customer": customer });
        id(&self.does(
            "PostPaymentMethodsPaymentMethodAttach",
            &[("payment_method", card)],
            params,
        ))
    }

    /// A subscription to one price, paid by the customer's card.
    pub fn subscribes(&mut self, customer: &str, price: &str, quantity: u64) -> Value {
        let params = json!({ "customer": customer, "items": [{ "price": price, "quantity": quantity }] });
        let made = self.does("PostSubscriptions", &[], params);
        assert_eq!(made["status"], "active", "{made:#}");
        made
    }

    pub fn subscription(&mut self, id: &str) -> Value {
        let params = json!({ "expand": ["latest_invoice.payments", "latest_invoice.confirmation_secret"] });
        self.does(
            "GetSubscriptionsSubscriptionExposedId",
            &[("subscription_exposed_id", id)],
            params,
        )
    }

    pub fn updates(&mut self, id: &str, params: Value) -> Value {
        self.does(
            "PostSubscriptionsSubscriptionExposedId",
            &[("subscription_exposed_id", id)],
            params,
        )
    }

    pub fn previews(&mut self, params: Value) -> Value {
        let before = self.world.ledger();
        let preview = self.does("PostInvoicesCreatePreview", &[], params);
        assert_eq!(before, self.world.ledger(), "a preview changes nothing");
        preview
    }

    pub fn invoice(&mut self, id: &str) -> Value {
        let params = json!({ "expand": ["payments.data.payment.payment_intent", "confirmation_secret"] });
        self.does("GetInvoicesInvoice", &[("invoice", id)], params)
    }

    /// The payment intent that collects for an invoice.
    pub fn intent_of(&mut self, invoice: &str) -> Value {
        let listed = self.does("GetInvoicePayments", &[], json!({ "invoice": invoice }));
        let intent = listed["data"][0]["payment"]["payment_intent"]
            .as_str()
            .unwrap()
            .to_owned();
        self.does("GetPaymentIntentsIntent", &[("intent", &intent)], json!({}))
    }

    pub fn customer(&mut self, id: &str) -> Value {
        self.does("GetCustomersCustomer", &[("customer", id)], json!({}))
    }
}

pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// The amounts of an invoice's lines, in order.
pub fn amounts(invoice: &Value) -> Vec<i64> {
    invoice["lines"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["amount"].as_i64().unwrap())
        .collect()
}

pub fn item(subscription: &Value) -> String {
    subscription["items"]["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A subscription to one seat of 30.00 a month, half of its first month gone. The customer then changes to this card.
pub fn half_way(card: &str) -> (House, String, Value) {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    let method = house.attaches(&ana, card);
    house.updates(
        &id(&subscription),
        json!({ "default_payment_method": method, "metadata": { "kept": "yes" } }),
    );
    house.waits_until("2027-04-16T00:00:00Z");
    house.hears();
    (house, ana, subscription)
}

/// That subscription grown to three seats, to be paid first.
pub fn upgrade(subscription: &Value) -> Value {
    json!({
        "items": [{ "id": item(subscription), "quantity": 3 }],
        "proration_behavior": "always_invoice",
        "payment_behavior": "pending_if_incomplete",
        "metadata": { "change": "c1" },
    })
}

/// The identifier of its latest invoice.
pub fn latest(subscription: &Value) -> String {
    let latest = &subscription["latest_invoice"];
    latest["id"].as_str().or(latest.as_str()).unwrap().to_owned()
}

/// The seats of its first item.
pub fn quantity(subscription: &Value) -> i64 {
    subscription["items"]["data"][0]["quantity"].as_i64().unwrap()
}
