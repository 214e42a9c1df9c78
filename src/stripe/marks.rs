//! Our marks in the metadata of what calls make, and how they are recognised.

use std::collections::HashMap;

use jiff::Timestamp;
use stripe_billing::{Invoice, InvoiceBillingReason, Subscription};

use crate::domain::account::AccountId;
use crate::domain::change::{ChangeId, EffectId, VoucherKind};
use crate::domain::reconcile::SeenMarks;
use crate::ports::payments::Marks;

const CHANGE: &str = "changeover_change";
const EFFECT: &str = "changeover_effect";
const PRORATED_AT: &str = "changeover_prorated_at";
const VOUCHER: &str = "changeover_voucher";
const ACCOUNT: &str = "changeover_account";

/// Metadata, in the type that the provider's library has for it. Only looked up by key, never walked.
pub(super) type Metadata = HashMap<String, String>;

/// The marks of something that one effect makes.
pub(super) fn of_effect(marks: &Marks) -> Metadata {
    pairs([
        (CHANGE, marks.change.to_string()),
        (EFFECT, marks.effect.to_string()),
    ])
}

/// The marks of what an effect makes of a subscription, with the instant that its invoice is prorated from.
pub(super) fn of_subscription(marks: &Marks, prorated_at: Timestamp) -> Metadata {
    pairs([
        (CHANGE, marks.change.to_string()),
        (EFFECT, marks.effect.to_string()),
        (PRORATED_AT, prorated_at.as_second().to_string()),
    ])
}

/// The marks of a one-off invoice: by what it is to be paid, and from when its lines are prorated.
pub(super) fn of_one_off(marks: &Marks, prorated_at: Timestamp, voucher: VoucherKind) -> Metadata {
    let mut all = of_subscription(marks, prorated_at);
    all.insert(VOUCHER.to_owned(), voucher.as_str().to_owned());
    all
}

/// The marks of a customer.
pub(super) fn of_customer(marks: &Marks, account: AccountId) -> Metadata {
    pairs([
        (ACCOUNT, account.to_string()),
        (CHANGE, marks.change.to_string()),
        (EFFECT, marks.effect.to_string()),
    ])
}

fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Metadata {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Whose marks a thing carries, seen from one effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// This effect's.
    Ours,
    /// None, or those of an effect that is older: this one has not been here.
    Earlier,
    /// Those of a younger effect: whether this one was here before cannot be told.
    Later,
}

/// Whose marks these are. The ids of effects sort by the time of their making.
pub(super) fn owner(metadata: Option<&Metadata>, effect: EffectId) -> Owner {
    let found = metadata.and_then(|metadata| metadata.get(EFFECT));
    match found.map(|id| id.parse().map(EffectId)) {
        Some(Ok(id)) if id == effect => Owner::Ours,
        Some(Ok(id)) if id > effect => Owner::Later,
        _ => Owner::Earlier,
    }
}

/// Whether these are the marks of this effect.
pub(super) fn ours(metadata: Option<&Metadata>, effect: EffectId) -> bool {
    owner(metadata, effect) == Owner::Ours
}

/// When the effect was made, in Unix seconds: it is in the id. `None` for an id without time.
pub(super) fn made_at(effect: EffectId) -> Option<i64> {
    let (seconds, _) = effect.0.get_timestamp()?.to_unix();
    i64::try_from(seconds).ok()
}

/// Whether an invoice is the one that this effect made: made for this reason, and carrying its mark. Later invoices inherit
/// the subscription's metadata, but are made for another reason.
///
/// While a change waits for its money, its metadata waits with it: then the mark may be on the pending update alone, whose
/// invoice is always the subscription's latest.
pub(super) fn on_invoice(
    invoice: &Invoice,
    subscription: &Subscription,
    effect: EffectId,
    reason: &InvoiceBillingReason,
) -> bool {
    if invoice.billing_reason.as_ref() != Some(reason) {
        return false;
    }
    if ours(of_invoice(invoice), effect) {
        return true;
    }
    let pending = subscription.pending_update.as_ref();
    let latest = subscription
        .latest_invoice
        .as_ref()
        .map(stripe_types::Expandable::id);
    ours(pending.and_then(|pending| pending.metadata.as_ref()), effect) && latest == Some(&invoice.id)
}

/// The subscription's metadata at the moment at which the invoice was made.
pub(super) fn of_invoice(invoice: &Invoice) -> Option<&Metadata> {
    let details = invoice.parent.as_ref()?.subscription_details.as_ref()?;
    details.metadata.as_ref()
}

/// The marks that a thing carries, whoever's; nothing where one of them is no name of ours.
pub(super) fn seen(metadata: Option<&Metadata>) -> Option<SeenMarks> {
    let metadata = metadata?;
    let instant = metadata.get(PRORATED_AT).and_then(|seconds| seconds.parse().ok());
    Some(SeenMarks {
        change: ChangeId(metadata.get(CHANGE)?.parse().ok()?),
        effect: EffectId(metadata.get(EFFECT)?.parse().ok()?),
        prorated_at: instant.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        voucher: match metadata.get(VOUCHER).map(String::as_str) {
            Some("boleto") => Some(VoucherKind::Boleto),
            Some("pix") => Some(VoucherKind::Pix),
            _ => None,
        },
    })
}

/// The marks of an invoice. While a change waits for its money, they may be on the pending update alone, whose invoice is
/// always the subscription's latest.
pub(super) fn seen_on_invoice(invoice: &Invoice, subscription: Option<&Subscription>) -> Option<SeenMarks> {
    let pending = subscription.and_then(|subscription| {
        let latest = subscription
            .latest_invoice
            .as_ref()
            .map(stripe_types::Expandable::id);
        let pending = subscription.pending_update.as_ref()?;
        (latest == Some(&invoice.id)).then_some(pending.metadata.as_ref()?)
    });
    seen(pending).or_else(|| seen(of_invoice(invoice)))
}

/// Whether there is a mark of any effect.
pub(super) fn any(metadata: Option<&Metadata>) -> bool {
    metadata.is_some_and(|metadata| metadata.contains_key(EFFECT))
}
