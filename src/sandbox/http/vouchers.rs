//! The pages of a boleto or Pix: what the customer takes to the bank, and the bank's own buttons.

use askama::Template;
use axum::{
    extract::{Form, Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use serde_json::Value;

use super::pages::{amount, page as shown, read, text};
use super::reply::Reply;
use crate::sandbox::{Sandbox, core::BankSays, error::ApiError};

#[derive(Template)]
#[template(path = "voucher.html", config = "src/sandbox/http/askama.toml")]
struct Voucher<'a> {
    intent: &'a str,
    amount: String,
    code: String,
    status: &'a str,
    payable: bool,
    on_its_way: bool,
}

/// Where `hosted_voucher_url` and `hosted_instructions_url` lead.
pub(super) async fn page(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Response, Reply> {
    let intent = sandbox.act(|state, now| read(state, now, &id)).await??;
    show(&id, &intent)
}

/// The same to print, or as a picture.
pub(super) async fn form(
    State(sandbox): State<Sandbox>,
    Path((id, _)): Path<(String, String)>,
) -> Result<Response, Reply> {
    page(State(sandbox), Path(id)).await
}

/// The button that was pressed at the bank.
#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    outcome: BankSays,
}

/// Something happens at the bank.
pub(super) async fn at_the_bank(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, Reply> {
    let intent = sandbox
        .act(|state, now| {
            state.world.bank_says(&id, pressed.outcome, now)?;
            read(state, now, &id)
        })
        .await??;
    show(&id, &intent)
}

fn show(id: &str, intent: &Value) -> Result<Response, Reply> {
    let code = [
        "/next_action/boleto_display_details/number",
        "/next_action/pix_display_qr_code/data",
    ]
    .iter()
    .find_map(|place| intent.pointer(place)?.as_str());
    let status = text(intent, "status");
    let voucher = Voucher {
        intent: id,
        amount: amount(intent).unwrap_or_default(),
        code: code.unwrap_or_default().to_owned(),
        status,
        payable: status == "requires_action" && code.is_some(),
        on_its_way: status == "processing",
    };
    let page: Result<Response, Reply> = shown(StatusCode::OK, &voucher);
    page.map_err(|_| Reply::error(&ApiError::internal("This page cannot be shown."), "req_page"))
}
