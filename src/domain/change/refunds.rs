//! Money back: what was charged beyond the confirmed amount is returned once, or visibly not yet.

use statig::Outcome;

use super::call::{Call, CallAnswer, CallFailure, CallName, Tell};
use super::decide::Context;
use super::receipt::{Receipt, RefundStep};
use super::stage::{AGAIN_MAX, Stage};

/// A call did its work after the change was done: the money is on its way back.
pub(super) fn done(context: &mut Context<'_>, receipt: &mut Receipt, answer: &CallAnswer) -> Outcome<Stage> {
    match (answer, &receipt.refund) {
        (CallAnswer::Refunded { refund, .. }, Some(RefundStep::OnItsWay)) => {
            receipt.refund = Some(RefundStep::Returned {
                refund: refund.clone(),
            });
            receipt.never_happened = 0;
            context.tell(Tell::Refunded);
            Outcome::Handled
        }
        _ => Outcome::Super,
    }
}

/// A call is over without having done its work after the change was done. Money that the provider does not give back is still
/// owed, and a person must look; and so must they where renewals would be charged on a card that the customer did not choose.
pub(super) fn failed(
    context: &mut Context<'_>,
    receipt: &mut Receipt,
    call: CallName,
    failure: &CallFailure,
) -> Outcome<Stage> {
    let code = match failure {
        CallFailure::Refused { code, .. } | CallFailure::WrongState { code } => code.clone(),
        CallFailure::NeverHappened { .. } => "never_happened".to_owned(),
        CallFailure::Declined(decline) => decline.as_str().to_owned(),
    };
    let unheard = matches!(failure, CallFailure::NeverHappened { .. });
    match call {
        CallName::SetDefaultMethod => receipt.renewal_card_refused = Some(code),
        CallName::Refund if receipt.refund != Some(RefundStep::OnItsWay) => return Outcome::Super,
        CallName::Refund if unheard && receipt.never_happened < AGAIN_MAX => {
            receipt.never_happened += 1;
            return order(context, receipt);
        }
        CallName::Refund => receipt.refund = Some(RefundStep::Halted { code }),
        _ => return Outcome::Super,
    }
    Outcome::Handled
}

/// Support orders another attempt. Only after a proven failure, so that nothing is given back twice.
pub(super) fn retry(context: &mut Context<'_>, receipt: &mut Receipt) -> Outcome<Stage> {
    if !matches!(receipt.refund, Some(RefundStep::Halted { .. })) {
        return Outcome::Super;
    }
    receipt.never_happened = 0;
    order(context, receipt)
}

fn order(context: &mut Context<'_>, receipt: &mut Receipt) -> Outcome<Stage> {
    let (Some(invoice), Some(amount)) = (receipt.invoice.clone(), receipt.excess) else {
        return Outcome::Super;
    };
    context.call(Call::Refund { invoice, amount });
    receipt.refund = Some(RefundStep::OnItsWay);
    Outcome::Handled
}
