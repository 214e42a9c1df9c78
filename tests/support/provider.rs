//! The provider, as others than Changeover use it: the seller's dashboard, a customer's browser, a bank.

use changeover::sandbox::Sandbox;
use hyper::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::http::Http;

const SECRET: (&str, &str) = ("authorization", "Bearer sk_test_house");
const BROWSER: (&str, &str) = ("authorization", "Bearer pk_test_house");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

#[derive(Clone)]
pub struct Provider {
    pub(super) http: Http,
}

impl Provider {
    /// A sandbox that is a process of its own.
    pub fn at(address: &str) -> Self {
        Self {
            http: Http::new(address),
        }
    }

    /// Puts the sandbox on a port of its own.
    pub async fn serve(sandbox: &Sandbox) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        sandbox.set_base_url(&address).expect("a base address");
        let sandbox = sandbox.clone();
        tokio::spawn(async move { changeover::sandbox::answer(&sandbox, listener).await });
        Self {
            http: Http::new(address),
        }
    }

    pub fn address(&self) -> String {
        self.http.base().to_owned()
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.send(Method::GET, path, &[SECRET], "").await;
        assert_eq!(
            answer.status,
            200,
            "GET {path}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        answer.json()
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        self.post(path, SECRET, fields).await
    }

    async fn post(&self, path: &str, key: (&str, &str), fields: &[(&str, &str)]) -> Value {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let answer = self.http.send(Method::POST, path, &[key, FORM], form).await;
        let said = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 400, "POST {path}: {} {said}", answer.status);
        answer.json()
    }

    /// A customer's browser gives a card to the provider, and passes the bank's page when it is asked to.
    pub async fn give_card(&self, setup: &Value, number: &str) {
        let fields = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2031"),
            ("card[cvc]", "123"),
        ];
        let card = self.post("/v1/payment_methods", BROWSER, &fields).await;
        let (id, secret) = (
            setup["setup"].as_str().expect("an id"),
            setup["client_secret"].as_str().expect("a secret"),
        );
        let fields = [
            ("payment_method", card["id"].as_str().expect("an id")),
            ("client_secret", secret),
        ];
        let confirmed = self
            .post(&format!("/v1/setup_intents/{id}/confirm"), BROWSER, &fields)
            .await;
        if confirmed["status"] == "requires_action" {
            self.bank_says(id, "approve").await;
        }
    }

    /// The same, with the name that is on the card.
    pub async fn give_named_card(&self, setup: &Value, number: &str, holder: &str) {
        let status = self.tries_to_give(setup, number, holder).await;
        assert_eq!(status, 200);
    }

    /// A card that is refused when it is given.
    pub async fn fails_to_give_card(&self, setup: &Value, number: &str, holder: &str) {
        let status = self.tries_to_give(setup, number, holder).await;
        assert_eq!(status, 402);
    }

    async fn tries_to_give(&self, setup: &Value, number: &str, holder: &str) -> u16 {
        let fields = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2031"),
            ("card[cvc]", "123"),
            ("billing_details[name]", holder),
        ];
        let card = self.post("/v1/payment_methods", BROWSER, &fields).await;
        let id = setup["setup"].as_str().expect("an id");
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("payment_method", card["id"].as_str().expect("an id"))
            .append_pair(
                "client_secret",
                setup["client_secret"].as_str().expect("a secret"),
            )
            .finish();
        let path = format!("/v1/setup_intents/{id}/confirm");
        self.http
            .send(Method::POST, &path, &[BROWSER, FORM], form)
            .await
            .status
    }

    /// A card that is known by this name is attached to a customer. Its id.
    pub async fn brings_card(&self, customer: &str, name: &str) -> String {
        let path = format!("/v1/payment_methods/{name}/attach");
        let card = self.form(&path, &[("customer", customer)]).await;
        card["id"].as_str().expect("an id").to_owned()
    }

    /// The customer's cards.
    pub async fn cards_of(&self, customer: &str) -> Vec<String> {
        let cards = self
            .get(&format!("/v1/customers/{customer}/payment_methods"))
            .await;
        let cards = cards["data"].as_array().expect("cards").iter();
        cards
            .map(|card| card["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    pub async fn subscription(&self, id: &str) -> Value {
        self.get(&format!("/v1/subscriptions/{id}")).await
    }

    /// Somebody edits a subscription at the provider, past Changeover.
    pub async fn edits(&self, subscription: &str, fields: &[(&str, &str)]) -> Value {
        self.form(&format!("/v1/subscriptions/{subscription}"), fields)
            .await
    }

    /// Somebody ends a subscription at the provider, at once.
    pub async fn ends(&self, subscription: &str) {
        self.removes(&format!("/v1/subscriptions/{subscription}")).await;
    }

    /// Somebody takes something away at the provider.
    pub async fn removes(&self, path: &str) {
        let answer = self.http.send(Method::DELETE, path, &[SECRET], "").await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// The customer presses a button on the bank's 3-D Secure page.
    pub async fn bank_says(&self, intent: &str, outcome: &str) {
        self.post(
            &format!("/_sandbox/3ds/{intent}"),
            BROWSER,
            &[("outcome", outcome)],
        )
        .await;
    }

    /// The same, where the bank may have been told already.
    pub async fn bank_is_asked(&self, intent: &str) {
        let path = format!("/_sandbox/3ds/{intent}");
        let told = self
            .http
            .send(Method::POST, &path, &[BROWSER, FORM], "outcome=approve")
            .await;
        assert!(told.status < 500, "{}", String::from_utf8_lossy(&told.body));
    }

    /// Something happens at the bank to a boleto or Pix: `pay`, `pay_unheard`, `settle`, `fail`, `expire`. `false` where the bank does
    /// not know it in that state.
    pub async fn at_the_bank(&self, intent: &str, outcome: &str) -> bool {
        let path = format!("/_sandbox/vouchers/{intent}");
        let form = format!("outcome={outcome}");
        let told = self.http.send(Method::POST, &path, &[BROWSER, FORM], form).await;
        assert!(told.status < 500, "{}", String::from_utf8_lossy(&told.body));
        told.status == 200
    }

    /// Makes requests go wrong; see the sandbox's faults.
    pub async fn fault(&self, method: &str, path: &str, nth: u64, action: &str) {
        self.fault_for(method, path, nth, 1, action).await;
    }

    /// From the nth request of this kind on, each meets this fault, until the provider heals.
    pub async fn fault_from(&self, method: &str, path: &str, nth: u64, action: &str) {
        self.fault_for(method, path, nth, 0, action).await;
    }

    /// The same, for so many requests in a row; for all that follow with 0.
    pub async fn fault_for(&self, method: &str, path: &str, nth: u64, times: u64, action: &str) {
        self.fails(&json!({ "method": method, "path": path, "nth": nth, "times": times, "action": action }))
            .await;
    }

    /// The same, as the sandbox takes it.
    pub async fn fails(&self, rule: &Value) {
        let answer = self
            .http
            .send(Method::POST, "/_sandbox/faults", &[JSON], rule.to_string())
            .await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// From now on no webhook arrives.
    pub async fn loses_every_webhook(&self) {
        self.treats_webhooks(&json!({ "drop_every": 1 })).await;
    }

    /// What happens to webhooks from now on; see the sandbox's page.
    pub async fn treats_webhooks(&self, how: &Value) {
        let chaos = how.to_string();
        let answer = self
            .http
            .send(Method::POST, "/_sandbox/webhooks", &[JSON], chaos)
            .await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// Everything that moved money, or asked for it.
    pub async fn ledger(&self) -> Vec<Value> {
        let ledger = self.get("/_sandbox/ledger").await;
        ledger["entries"].as_array().expect("entries").clone()
    }

    /// The successful charges for what changes of a subscription have cost.
    pub async fn charges_for_changes(&self) -> Vec<i64> {
        let ledger = self.ledger().await;
        let of_change = |invoice: &Value| {
            ledger.iter().any(|entry| {
                let reason = entry["billing_reason"].as_str().unwrap_or_default();
                let one_off = reason == "manual" && !entry["metadata"]["changeover_effect"].is_null();
                let ours = one_off || ["subscription_update", "subscription_create"].contains(&reason);
                entry["object"] == "invoice" && entry["id"] == *invoice && ours && !is_of_the_past(entry)
            })
        };
        let charges = ledger
            .iter()
            .filter(|entry| entry["object"] == "charge" && entry["status"] == "succeeded");
        let ours = charges.filter(|charge| of_change(&charge["sandbox_invoice"]));
        ours.map(|charge| charge["amount"].as_i64().expect("an amount"))
            .collect()
    }

    /// The requests that reached the provider, oldest first.
    pub async fn requests(&self) -> Vec<Value> {
        let requests = self.get("/_sandbox/requests?limit=1000").await;
        requests["data"].as_array().expect("requests").clone()
    }
}

/// The subscription that a customer brings along was made by the test itself, without our marks.
fn is_of_the_past(invoice: &Value) -> bool {
    invoice["billing_reason"] == "subscription_create"
        && invoice
            .pointer("/parent/subscription_details/metadata/changeover_change")
            .is_none()
}

impl Provider {
    /// Every request that Changeover sent fitted Stripe's published parameter schemas: the sandbox refuses what does not. An
    /// invoice that was paid or voided in the same instant is refused for what it is, not for how it was asked; so is a key that
    /// was used in a life whose commits were lost.
    pub async fn assert_every_request_fitted(&self, commits_were_lost: bool) {
        for request in self.requests().await {
            let path = request["path"].as_str().unwrap_or_default();
            let closes = path.ends_with("/void") || path.ends_with("/pay");
            let understood = (closes || commits_were_lost) && !request["params"].is_null();
            assert!(
                request["status"] != 400 || understood,
                "a request did not fit: {request}"
            );
        }
    }
}
