use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use super::methods::VoucherView;
use super::payment::DeclineView;
use crate::domain::change::{ChangeId, NextAction};

/// What a client does now: the one field that a checkout needs to branch on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NextAction)]
pub struct NextView {
    /// What to do.
    #[serde(rename = "type")]
    pub kind: NextKind,
    /// The request that does it, where it is one of this API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestView>,
    /// Why the last card was refused, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined: Option<DeclineView>,
    /// The invoice's page at the provider, where the customer can authenticate too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Until when the provider holds the unpaid change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the customer needs for sending the money, where they are asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherView>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NextKind {
    /// Let the customer choose, then ask for a quote.
    AskQuote,
    /// Nothing but to read again: `request` waits until something has moved.
    Wait,
    /// Show the quote and let the customer accept it, or confirm at once.
    Accept,
    /// Ask for the billing data, or let the customer go on with what is on file.
    GiveBillingInfo,
    /// Let the customer choose a card; `declined` says why the last one was refused.
    ChoosePaymentMethod,
    /// Let the customer confirm the amount that is due.
    Confirm,
    /// Let the customer authenticate with the bank: with the client secret and the provider's browser library, or at `url`.
    Authenticate,
    /// Show the `voucher`: the customer sends the money from their bank.
    PayVoucher,
    /// Wait for the seller's support.
    AwaitSupport,
    /// Nothing: the change is over.
    None,
}

/// A request of this API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NextRequest)]
pub struct RequestView {
    /// Its method.
    #[schema(example = "POST")]
    pub method: &'static str,
    /// Its address.
    pub url: String,
}

impl NextView {
    pub(super) fn of(reader: Reader<'_>, change: ChangeId, next: &NextAction) -> Self {
        let (kind, request) = match next {
            NextAction::AskQuote => (NextKind::AskQuote, Some(("POST", "/quote"))),
            NextAction::Wait => (NextKind::Wait, Some(("GET", "?wait=30"))),
            NextAction::Accept => (NextKind::Accept, Some(("POST", "/accept"))),
            NextAction::GiveBillingInfo => (NextKind::GiveBillingInfo, Some(("PUT", "/billing-info"))),
            NextAction::ChoosePaymentMethod { .. } => {
                (NextKind::ChoosePaymentMethod, Some(("PUT", "/payment-method")))
            }
            NextAction::Confirm => (NextKind::Confirm, Some(("POST", "/confirm"))),
            NextAction::Authenticate { .. } => (NextKind::Authenticate, Some(("GET", "/authentication"))),
            NextAction::PayVoucher { .. } => (NextKind::PayVoucher, Some(("GET", "?wait=30"))),
            NextAction::AwaitSupport => (NextKind::AwaitSupport, None),
            NextAction::None => (NextKind::None, None),
        };
        let declined = match next {
            NextAction::ChoosePaymentMethod { declined } => *declined,
            _ => None,
        };
        let (url, until) = match next {
            NextAction::Authenticate { url, until } => (url.clone(), *until),
            NextAction::PayVoucher { voucher } => (voucher.url.clone(), Some(voucher.expires_at)),
            _ => (None, None),
        };
        Self {
            kind,
            request: request.map(|(method, rest)| RequestView {
                method,
                url: format!("/v1/changes/{change}{rest}"),
            }),
            declined: declined.map(|decline| DeclineView::of(reader, decline)),
            url,
            until,
            voucher: match next {
                NextAction::PayVoucher { voucher } => Some(VoucherView::of(voucher)),
                _ => None,
            },
        }
    }
}
