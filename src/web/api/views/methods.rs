use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{MoneyView, Reader};
use crate::domain::account::TaxIdKind;
use crate::domain::catalog::Unavailable;
use crate::domain::change::{Actor, Means, Offered, Stage, Turn, Voucher, VoucherKind, methods};
use crate::engine::ChangeView;

/// What the customer needs for sending the money.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Voucher)]
pub struct VoucherView {
    /// What it is: `boleto` or `pix`.
    #[schema(example = "boleto")]
    pub kind: &'static str,
    /// A boleto's number, or the text of a Pix code: to be typed or pasted at the bank.
    pub code: String,
    /// The provider's page with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A boleto as a file to print.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
    /// A Pix code as a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Until when it can be paid.
    pub due_at: Timestamp,
}

/// One of the seller's ways to pay, as it stands for this change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferedMethod)]
pub struct OfferedView {
    /// Which way.
    #[schema(example = "boleto")]
    pub kind: &'static str,
    /// When a payment by it releases the change, in the seller's words.
    pub releases: String,
    /// Whether it can be chosen now.
    pub available: bool,
    /// From when on it can be chosen, where only time is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_from: Option<Timestamp>,
    /// Why it cannot be chosen, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "not_yet")]
    pub why_not: Option<&'static str>,
    /// The least that can be paid by it, where the amount is too small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<MoneyView>,
    /// The most that can be paid by it, where the amount is too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<MoneyView>,
    /// The kinds of tax numbers of which it needs one; none means that it needs none.
    #[schema(value_type = Vec<String>)]
    pub tax_ids: Vec<TaxIdKind>,
}

impl VoucherView {
    /// The voucher.
    pub fn of(voucher: &Voucher) -> Self {
        Self {
            kind: voucher.kind.as_str(),
            code: voucher.code.clone(),
            url: voucher.url.clone(),
            pdf: voucher.pdf.clone(),
            image: voucher.image.clone(),
            due_at: voucher.expires_at,
        }
    }
}

impl OfferedView {
    /// The ways to pay, while the customer can still choose one.
    /// The ways that a change offers now; none where nothing is to be paid yet, or any more.
    pub fn of_change(reader: Reader<'_>, view: &ChangeView) -> Vec<Self> {
        let quote = match &view.stage {
            Stage::QuoteReady { deal, .. }
            | Stage::BillingInfo { deal, .. }
            | Stage::Choosing { deal, .. } => &deal.quote,
            _ => return Vec::new(),
        };
        let actor = Actor::system();
        let turn = Turn {
            now: view.now,
            actor: &actor,
            playbook: &view.playbook,
            account: &view.account,
            billing: None,
            contract: &view.contract,
        };
        let offered = methods(turn, quote).into_iter();
        offered.filter_map(|offered| Self::of(reader, &offered)).collect()
    }

    fn of(reader: Reader<'_>, offered: &Offered) -> Option<Self> {
        let rule = reader.playbook.policy.method(offered.kind)?;
        let why = offered.unavailable;
        Some(Self {
            kind: offered.kind.as_str(),
            releases: reader.said(&rule.releases),
            available: why.is_none(),
            available_from: match why {
                Some(Unavailable::Until(from)) => Some(from),
                _ => None,
            },
            why_not: why.map(Unavailable::as_str),
            least: match why {
                Some(Unavailable::TooLittle(least)) => Some(reader.money(least)),
                _ => None,
            },
            most: match why {
                Some(Unavailable::TooMuch(most)) => Some(reader.money(most)),
                _ => None,
            },
            tax_ids: rule.tax_ids.clone(),
        })
    }
}

/// The way to pay by which the customer sends the money, once one is chosen.
pub(super) fn paid_by(stage: &Stage) -> Option<&'static str> {
    let method = match stage {
        Stage::Choosing { method, .. } => method.as_ref(),
        _ => stage.payment()?.method.as_ref(),
    };
    method.and_then(Means::voucher).map(VoucherKind::as_str)
}
