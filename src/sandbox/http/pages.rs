//! The pages for people: what this sandbox is and holds, and the bank's page of a 3-D Secure payment.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Form, Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reply::Reply;
use crate::sandbox::{
    Sandbox,
    core::{Call, test_cards},
    error::ApiError,
    state,
};

/// No script, no foreign content, no frames around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the index lists: a heading, and the operation that lists it.
const SHELVES: [(&str, &str); 6] = [
    ("Customers", "GetCustomers"),
    ("Prices", "GetPrices"),
    ("Subscriptions", "GetSubscriptions"),
    ("Invoices", "GetInvoices"),
    ("Payment intents", "GetPaymentIntents"),
    ("Refunds", "GetRefunds"),
];

/// Objects listed under one heading.
const LISTED_MAX: i64 = 8;

struct Line {
    id: String,
    status: String,
    amount: String,
}

struct Listing {
    heading: &'static str,
    lines: Vec<Line>,
    more: bool,
}

#[derive(Template)]
#[template(path = "index.html", config = "src/sandbox/http/askama.toml")]
struct Index<'a> {
    version: &'a str,
    now: i64,
    /// The same, as people read it.
    time: String,
    frozen: bool,
    listings: Vec<Listing>,
    /// Number, name in requests, and what becomes of it.
    cards: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "challenge.html", config = "src/sandbox/http/askama.toml")]
struct Challenge<'a> {
    intent: &'a str,
    amount: Option<String>,
    /// The answer is still awaited.
    open: bool,
    status: &'a str,
}

#[derive(Template)]
#[template(path = "invoice.html", config = "src/sandbox/http/askama.toml")]
struct Invoice<'a> {
    id: &'a str,
    number: &'a str,
    status: &'a str,
    total: String,
    lines: Vec<(String, String)>,
}

/// What the sandbox is, holds, and can do.
pub(super) async fn index(State(sandbox): State<Sandbox>) -> Result<Response, Reply> {
    let (now, frozen, listings) = sandbox
        .act(|state, now| {
            let listings = SHELVES.map(|(heading, operation)| listing(state, now, heading, operation));
            (now, state.clock.is_frozen(), listings.into_iter().collect())
        })
        .await?;
    let time =
        jiff::Timestamp::from_second(now).map(|time| time.strftime("%-d %B %Y, %H:%M:%S UTC").to_string());
    let cards = test_cards().map(|(number, name, fate)| (in_fours(number), name, fate));
    let index = Index {
        version: &sandbox.published().version,
        now,
        time: time.unwrap_or_default(),
        frozen,
        listings,
        cards: cards.collect(),
    };
    page(StatusCode::OK, &index)
}

fn listing(state: &mut state::State, now: i64, heading: &'static str, operation: &str) -> Listing {
    let mut params = Map::new();
    params.insert("limit".to_owned(), Value::from(LISTED_MAX));
    let answer = ask(state, now, operation, &BTreeMap::new(), &params).unwrap_or_default();
    let objects = answer
        .get("data")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let lines = objects.iter().map(|object| Line {
        id: text(object, "id").to_owned(),
        status: text(object, "status").to_owned(),
        amount: amount(object).unwrap_or_default(),
    });
    Listing {
        heading,
        lines: lines.collect(),
        more: answer
            .get("has_more")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
    }
}

/// Where an invoice's `hosted_invoice_url` leads.
pub(super) async fn invoice(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Response, Reply> {
    let names = BTreeMap::from([("invoice".to_owned(), id.clone())]);
    let invoice = sandbox
        .act(|state, now| ask(state, now, "GetInvoicesInvoice", &names, &Map::new()))
        .await??;
    let lines = invoice
        .pointer("/lines/data")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let lines = lines.iter().map(|line| {
        (
            text(line, "description").to_owned(),
            amount(line).unwrap_or_default(),
        )
    });
    let shown = Invoice {
        id: &id,
        number: text(&invoice, "number"),
        status: text(&invoice, "status"),
        total: amount(&invoice).unwrap_or_default(),
        lines: lines.collect(),
    };
    page(StatusCode::OK, &shown)
}

/// A card number as it is printed on cards.
fn in_fours(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    digits
        .chunks(4)
        .map(|four| four.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The page's style sheet.
pub(super) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("templates/style.css"),
    )
}

/// The bank's page: approve or refuse.
pub(super) async fn challenge(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Response, Reply> {
    let intent = sandbox.act(|state, now| read(state, now, &id)).await??;
    show(StatusCode::OK, &id, &intent)
}

/// The button that was pressed.
#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Approve,
    Fail,
}

/// Where the customer's browser goes back to, where the payment itself names no place: stands in for the window in which the
/// provider's library shows the bank's page.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    return_url: Option<String>,
}

/// Takes the customer's answer, and sends the customer back to where the payment was confirmed.
pub(super) async fn answer(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(asked): Query<Back>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, Reply> {
    let approved = pressed.outcome == Outcome::Approve;
    let (before, after) = sandbox
        .act(|state, now| {
            let before = read(state, now, &id)?;
            if is_open(&before) {
                state.world.complete_authentication(&id, approved, now)?;
            }
            let after = read(state, now, &id)?;
            Ok::<_, ApiError>((before, after))
        })
        .await??;
    let address = before
        .pointer("/next_action/redirect_to_url/return_url")
        .and_then(Value::as_str)
        .or(asked.return_url.as_deref().filter(|url| url.starts_with("http")));
    let back =
        address.and_then(|address| HeaderValue::from_str(&returning(address, &id, &before, approved)).ok());
    match back {
        Some(location) if is_open(&before) => {
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
        }
        _ => show(StatusCode::OK, &id, &after),
    }
}

/// The address to return to, with what Stripe adds to it.
fn returning(address: &str, id: &str, intent: &Value, approved: bool) -> String {
    let (address, fragment) = address
        .split_once('#')
        .map_or((address, None), |(address, rest)| (address, Some(rest)));
    let kind = if id.starts_with("seti_") {
        "setup_intent"
    } else {
        "payment_intent"
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(kind, id)
        .append_pair(&format!("{kind}_client_secret"), text(intent, "client_secret"))
        .append_pair("redirect_status", if approved { "succeeded" } else { "failed" })
        .finish();
    let joint = if address.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|rest| format!("#{rest}")).unwrap_or_default();
    format!("{address}{joint}{query}{fragment}")
}

fn show(status: StatusCode, id: &str, intent: &Value) -> Result<Response, Reply> {
    let challenge = Challenge {
        intent: id,
        amount: amount(intent),
        open: is_open(intent),
        status: text(intent, "status"),
    };
    page(status, &challenge)
}

fn is_open(intent: &Value) -> bool {
    text(intent, "status") == "requires_action"
}

pub(super) fn read(state: &mut state::State, now: i64, id: &str) -> Result<Value, ApiError> {
    let operation = if id.starts_with("seti_") {
        "GetSetupIntentsIntent"
    } else {
        "GetPaymentIntentsIntent"
    };
    let names = BTreeMap::from([("intent".to_owned(), id.to_owned())]);
    ask(state, now, operation, &names, &Map::new())
}

fn ask(
    state: &mut state::State,
    now: i64,
    operation: &str,
    path: &BTreeMap<String, String>,
    params: &Map<String, Value>,
) -> Result<Value, ApiError> {
    state.perform(&Call {
        operation,
        path,
        params,
        now,
        request_id: "req_page",
        idempotency_key: None,
    })
}

pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The amount of an intent, invoice, refund or price, for people: `49.90 BRL`.
pub(super) fn amount(object: &Value) -> Option<String> {
    let minor = ["amount", "total", "unit_amount"]
        .iter()
        .find_map(|name| object.get(*name).and_then(Value::as_i64))?;
    let currency = text(object, "currency");
    // As Stripe lists them: without and with three decimal places; all others have two.
    let places = match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "vnd" | "vuv"
        | "xaf" | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let digits = format!("{:0width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if minor < 0 { "-" } else { "" };
    let point = if places == 0 { "" } else { "." };
    Some(format!(
        "{sign}{whole}{point}{fraction} {}",
        currency.to_uppercase()
    ))
}

pub(super) fn page(status: StatusCode, template: &impl Template) -> Result<Response, Reply> {
    let html = template
        .render()
        .map_err(|_| ApiError::internal("This page cannot be shown."))?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((status, headers, Html(html)).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_have_the_places_of_their_currency() {
        let shown = |amount: i64, currency: &str| {
            super::amount(&json!({ "amount": amount, "currency": currency })).unwrap()
        };
        assert_eq!(shown(4990, "brl"), "49.90 BRL");
        assert_eq!(shown(-5, "usd"), "-0.05 USD");
        assert_eq!(shown(1999, "jpy"), "1999 JPY");
        assert_eq!(shown(1, "kwd"), "0.001 KWD");
        assert_eq!(amount(&json!({ "status": "active" })), None);
    }

    #[test]
    fn the_way_back_keeps_the_sellers_query_and_fragment() {
        let intent = json!({ "client_secret": "pi_1_secret_x&y" });
        assert_eq!(
            returning("https://seller.example/done?change=7#top", "pi_1", &intent, true),
            "https://seller.example/done?change=7&payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_x%26y\
             &redirect_status=succeeded#top"
        );
        assert!(
            returning("app://done", "seti_1", &intent, false).starts_with("app://done?setup_intent=seti_1&")
        );
    }
}
