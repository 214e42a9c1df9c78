//! The provider as an independent reckoner: the sandbox's core, called in process. It shares no code with the domain.

use std::collections::BTreeMap;

use changeover::domain::catalog::{
    Estimate, EstimateInstant, IntervalUnit, Place, ProrationPolicy, TargetLine, Tier,
};
use changeover::sandbox::core::{Call, World};
use serde_json::{Value, json};

use super::*;

/// The provider, and the ids that it gave.
pub struct Provider {
    world: World,
    customer: String,
    prices: BTreeMap<String, String>,
    product: String,
}

impl Provider {
    pub fn new(now: i64) -> Self {
        let mut world = World::new(7);
        let customer = id(&ask(
            &mut world,
            "PostCustomers",
            None,
            &json!({"email": "ana@example.com"}),
            now,
        ));
        let card = json!({"customer": customer});
        let method = ask(
            &mut world,
            "PostPaymentMethodsPaymentMethodAttach",
            Some(("payment_method", "pm_card_visa")),
            &card,
            now,
        );
        let settings = json!({"invoice_settings": {"default_payment_method": id(&method)}});
        ask(
            &mut world,
            "PostCustomersCustomer",
            Some(("customer", &customer)),
            &settings,
            now,
        );
        let product = id(&ask(
            &mut world,
            "PostProducts",
            None,
            &json!({"name": "Extras"}),
            now,
        ));
        Self {
            world,
            customer,
            prices: BTreeMap::new(),
            product,
        }
    }

    fn price(&mut self, line: &TargetLine, now: i64) -> String {
        let name = line.price_ref.as_str().to_owned();
        if let Some(known) = self.prices.get(&name) {
            return known.clone();
        }
        let unit = match line.price.interval.unit() {
            IntervalUnit::Month => "month",
            IntervalUnit::Year => "year",
        };
        let mut params = json!({
            "currency": line.price.currency.code().to_lowercase(),
            "product": self.product,
            "recurring": {"interval": unit, "interval_count": line.price.interval.count()},
        });
        let tiers = |tiers: &[Tier]| {
            let each = |tier: &Tier| {
                let up_to = tier.up_to.map_or(json!("inf"), |end| json!(end));
                json!({"up_to": up_to, "unit_amount": tier.unit, "flat_amount": tier.flat})
            };
            tiers.iter().map(each).collect::<Vec<_>>()
        };
        match &line.price.scheme {
            Scheme::PerUnit { unit } => params["unit_amount"] = json!(unit),
            Scheme::Graduated { tiers: all } | Scheme::Volume { tiers: all } => {
                let graduated = matches!(line.price.scheme, Scheme::Graduated { .. });
                params["billing_scheme"] = json!("tiered");
                params["tiers_mode"] = json!(if graduated { "graduated" } else { "volume" });
                params["tiers"] = json!(tiers(all));
            }
        }
        let made = id(&ask(&mut self.world, "PostPrices", None, &params, now));
        self.prices.insert(name, made.clone());
        made
    }
}

fn ask(world: &mut World, operation: &str, path: Option<(&str, &str)>, params: &Value, now: i64) -> Value {
    let path = path
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let params = params.as_object().expect("an object");
    let call = Call {
        operation,
        path: &path,
        params,
        now,
        request_id: "req_1",
        idempotency_key: None,
    };
    match world.perform(&call) {
        Ok(answer) => answer,
        Err(error) => panic!("{operation}: {error:?} for {params:?}"),
    }
}

fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

/// The amounts of an invoice's lines, sorted, and their sum.
pub type Amounts = (Vec<i64>, i64);

/// The amounts of an invoice's lines, sorted, and their sum.
fn amounts(invoice: &Value) -> Amounts {
    let lines = invoice["lines"]["data"].as_array().expect("lines");
    let mut all: Vec<_> = lines
        .iter()
        .map(|line| line["amount"].as_i64().expect("an amount"))
        .collect();
    all.sort_unstable();
    (all, invoice["subtotal"].as_i64().expect("a subtotal"))
}

/// Previews and makes the change; the amounts of both, and the subscription afterwards.
pub fn change(
    provider: &mut Provider,
    contract: &Contract,
    target: &[TargetLine],
    instant: &EstimateInstant,
    policy: ProrationPolicy,
    now: i64,
) -> (Amounts, Amounts, Value) {
    let pinned = instant.at.as_second();
    let mut items = Vec::new();
    for line in target {
        let price = provider.price(line, now);
        let mut item = json!({"price": price, "quantity": line.quantity});
        if let Some(LinePlace::Provider { item: known }) = contract.line(&line.key).map(|held| &held.place) {
            item["id"] = json!(known);
        }
        items.push(item);
    }
    for held in &contract.lines {
        if let LinePlace::Provider { item } = &held.place
            && target.iter().all(|line| line.key != held.key)
        {
            items.push(json!({"id": item, "deleted": true}));
        }
    }
    let customer = provider.customer.clone();
    let world = &mut provider.world;
    let made = if let Some(subscription) = &contract.subscription {
        let details =
            json!({"items": items, "proration_date": pinned, "proration_behavior": "always_invoice"});
        let params =
            json!({"customer": customer, "subscription": subscription, "subscription_details": details});
        let preview = ask(world, "PostInvoicesCreatePreview", None, &params, now);
        let path = Some(("subscription_exposed_id", subscription.as_str()));
        let mut details = details;
        details["expand"] = json!(["latest_invoice"]);
        (
            preview,
            ask(
                world,
                "PostSubscriptionsSubscriptionExposedId",
                path,
                &details,
                now,
            ),
        )
    } else {
        // By the second it begins now and is told no anchor; else the first interval's renewal is the anchor of all.
        let period = instant.periods[0];
        let anchor = (policy == ProrationPolicy::Day).then(|| period.end.as_second());
        let mut details = json!({"items": items});
        if let Some(anchor) = anchor {
            details["start_date"] = json!(pinned);
            details["billing_cycle_anchor"] = json!({"type": "timestamp", "timestamp": anchor});
        }
        let params = json!({"customer": customer, "subscription_details": details});
        let preview = ask(world, "PostInvoicesCreatePreview", None, &params, now);
        let mut params = json!({"customer": customer, "items": items, "expand": ["latest_invoice"]});
        if let Some(anchor) = anchor {
            params["backdate_start_date"] = json!(pinned);
            params["billing_cycle_anchor"] = json!(anchor);
        }
        (preview, ask(world, "PostSubscriptions", None, &params, now))
    };
    let (preview, subscription) = made;
    (
        amounts(&preview),
        amounts(&subscription["latest_invoice"]),
        subscription,
    )
}

pub fn after(
    before: &Contract,
    target: &[TargetLine],
    told: &Estimate,
    instant: &EstimateInstant,
    subscription: &Value,
) -> Contract {
    let items = subscription["items"]["data"].as_array().expect("items");
    let mut lines: Vec<_> = before
        .lines
        .iter()
        .filter(|line| target.iter().all(|wanted| wanted.key != line.key))
        .filter(|line| line.place.place() == Place::Outside)
        .cloned()
        .collect();
    for line in target {
        let held = before.line(&line.key);
        let item = if let Some(LinePlace::Provider { item }) = held.map(|held| &held.place) {
            item.clone()
        } else {
            let known = |item: &str| {
                let carries = |held: &HeldLine| {
                    held.place
                        == LinePlace::Provider {
                            item: item.to_owned(),
                        }
                };
                before.lines.iter().chain(&lines).any(carries)
            };
            // New items stand in the order in which they were asked for.
            items
                .iter()
                .map(id)
                .find(|item| !known(item))
                .expect("a new item")
        };
        let debit = told
            .lines
            .iter()
            .find(|told| told.key == line.key && told.amount.amount >= 0);
        let debit = match debit {
            Some(debit) => Some(Debit {
                amount: debit.amount,
                from: debit.from,
                until: debit.until,
            }),
            None => held.and_then(|held| held.debit),
        };
        lines.push(HeldLine {
            outside: None,
            key: line.key.clone(),
            price_ref: line.price_ref.clone(),
            price: line.price.clone(),
            quantity: line.quantity,
            place: LinePlace::Provider { item },
            debit,
        });
    }
    let periods = instant.periods.clone();
    Contract {
        lines,
        periods,
        subscription: Some(id(subscription)),
        ..before.clone()
    }
}
