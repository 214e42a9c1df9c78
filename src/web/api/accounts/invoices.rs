use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::account::AccountId;
use crate::domain::change::InvoiceStatus;
use crate::ports::statements::InvoiceSummary;
use crate::ports::store::FiscalDocument;
use crate::web::WebState;
use crate::web::api::changes::fiscal_documents::FiscalDocumentView;
use crate::web::api::document::{AccountPath, PaymentProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{MoneyView, Reader, VoucherView};
use crate::web::ask::{Asking, Caller, Named, ReaderQuery};
use crate::web::problem::{EdgeCode, Problem};

/// The most invoices of a page.
const LIMIT_MAX: u32 = 100;

/// Which part of the list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InvoicesQuery {
    /// The `next` of the page before; left out for the first page.
    #[param(example = "in_1MtHbELkdIwHu7ixl4OzzPMv")]
    pub after: Option<String>,
    /// At most how many.
    #[serde(default = "twenty")]
    #[param(default = 20, minimum = 1, maximum = 100)]
    pub limit: u32,
    /// The role of the person for whom it is read, in the words of the workflow file.
    #[param(example = "owner")]
    pub role: Option<String>,
    /// The single permissions that the person has besides, with commas between them.
    #[param(example = "billing")]
    pub permissions: Option<String>,
}

const fn twenty() -> u32 {
    20
}

/// A page of an account's invoices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvoicePage)]
pub struct InvoicesBody {
    /// The invoices, the newest first.
    pub data: Vec<InvoiceView>,
    /// The `after` of the next page; nothing on the last.
    pub next: Option<String>,
}

/// An invoice: of a plan change, of a renewal, or of anything else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub struct InvoiceView {
    /// The provider's id.
    pub id: String,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "8A3F2B1C-0007")]
    pub number: Option<String>,
    /// What it is for: `first`, `change`, `renewal` or `other`.
    #[schema(example = "renewal")]
    pub kind: &'static str,
    /// `open`, `overdue`, `paid`, `void` or `uncollectible`.
    #[schema(example = "open")]
    pub status: &'static str,
    /// What it asks for.
    pub amount: MoneyView,
    /// What has been paid.
    pub paid: MoneyView,
    /// When it was made.
    pub created_at: Timestamp,
    /// The day on which it was made, as people read it.
    #[schema(example = "10 de abril de 2026")]
    pub created_on: String,
    /// Until when it is to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The day until which it is to be paid, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The provider's page of it: where it can be paid, and where the receipt is afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The same as a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
    /// The boleto or Pix that waits to be paid, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherView>,
    /// The change that it is for, where it is for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub change: Option<String>,
    /// The tax documents that were issued for it.
    pub fiscal_documents: Vec<FiscalDocumentView>,
}

impl InvoiceView {
    /// Where it can be seen, and paid while it is open: a boleto or Pix that waits has a page of its own.
    pub fn page(&self) -> Option<&String> {
        let waits = self.voucher.as_ref();
        waits
            .and_then(|voucher| voucher.url.as_ref())
            .or(self.url.as_ref())
    }

    /// The invoice, as it stands at this moment.
    pub fn of(
        reader: Reader<'_>,
        invoice: &InvoiceSummary,
        documents: Vec<FiscalDocument>,
        now: Timestamp,
    ) -> Self {
        let late = invoice.due_at.is_some_and(|due| due < now);
        let status = match invoice.status {
            InvoiceStatus::Draft => "draft",
            InvoiceStatus::Open if late => "overdue",
            InvoiceStatus::Open => "open",
            InvoiceStatus::Paid => "paid",
            InvoiceStatus::Void => "void",
            InvoiceStatus::Uncollectible => "uncollectible",
        };
        Self {
            id: invoice.id.clone(),
            number: invoice.number.clone(),
            kind: invoice.kind.as_str(),
            status,
            amount: reader.money(invoice.amount_due),
            paid: reader.money(invoice.amount_paid),
            created_at: invoice.created_at,
            created_on: reader.day(invoice.created_at),
            due_at: invoice.due_at,
            due_on: invoice.due_at.map(|due| reader.day(due)),
            paid_at: invoice.paid_at,
            url: invoice.url.clone(),
            pdf: invoice.pdf.clone(),
            voucher: invoice.voucher.as_ref().map(VoucherView::of),
            change: invoice.change.map(|change| change.to_string()),
            fiscal_documents: documents.into_iter().map(FiscalDocumentView::of).collect(),
        }
    }
}

/// List an account's invoices
///
/// Everything that it was asked to pay, the newest first: plan changes and renewals, with boletos that wait, receipts and tax
/// documents. Read from the provider now: when it cannot be asked, that is said, and no list is made up. Where a role is
/// given, only those are answered who may see it.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/invoices",
    tag = "accounts",
    params(AccountPath, InvoicesQuery),
    responses((status = 200, description = "A page of them.", body = InvoicesBody), PaymentProblems)
)]
pub async fn list_invoices(
    State(state): State<WebState>,
    caller: Caller,
    Named(account): Named<AccountId>,
    Asking(asking): Asking<InvoicesQuery>,
) -> Answer {
    let InvoicesQuery {
        after,
        limit,
        role,
        permissions,
    } = asking;
    let viewer = ReaderQuery {
        role,
        permissions,
        account: None,
    };
    viewer.viewer(&*state.playbook(&caller.seller)?)?;
    if !(1..=LIMIT_MAX).contains(&limit) {
        let detail = format!("`limit` is {limit}; it can be 1 to {LIMIT_MAX}.");
        return Err(Problem::edge(EdgeCode::ParameterInvalid, detail));
    }
    let asked = caller.asked();
    let found = state
        .engine
        .statements(account, after.as_deref(), limit, &asked)
        .await?;
    let reader = Reader::new(&found.playbook, Some(found.account.language));
    let now = state.engine.now();
    let shown = found
        .invoices
        .into_iter()
        .map(|(invoice, documents)| InvoiceView::of(reader, &invoice, documents, now));
    show::now(&InvoicesBody {
        data: shown.collect(),
        next: found.next,
    })
}
