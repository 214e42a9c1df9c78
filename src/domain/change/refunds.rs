//! Money back: what was charged beyond the confirmed amount is returned once, or visibly not yet.

use statig::Outcome;

use super::call::{Call, CallAnswer, CallFailure, CallName, Tell};
use super::decide::Context;
use super::receipt::{Receipt, RefundStep};
use super::stage::Stage;

/// A call did its work after the change was done: the money is on its way back, or the card for renewals is set.
pub(super) fn done(context: &mut Context<'_>, receipt: &mut Receipt, answer: &CallAnswer) -> Outcome<Stage> {
    let CallAnswer::Refunded { refund } = answer else {
        return Outcome::Super;
    };
    receipt.refund = Some(RefundStep::Returned {
        refund: refund.clone(),
    });
    context.tell(Tell::Refunded);
    Outcome::Handled
}

/// The provider does not give the money back: it is still owed, and a person must look.
pub(super) fn failed(receipt: &mut Receipt, call: CallName, failure: &CallFailure) -> Outcome<Stage> {
    if call != CallName::Refund || receipt.refund != Some(RefundStep::OnItsWay) {
        return Outcome::Super;
    }
    let code = match failure {
        CallFailure::Refused { code, .. } | CallFailure::WrongState { code } => code.clone(),
        CallFailure::Declined(decline) => decline.as_str().to_owned(),
    };
    receipt.refund = Some(RefundStep::Halted { code });
    Outcome::Handled
}

/// Support orders another attempt. Only after a proven failure, so that nothing is given back twice.
pub(super) fn retry(context: &mut Context<'_>, receipt: &mut Receipt) -> Outcome<Stage> {
    let owed = (receipt.refund.clone(), receipt.invoice.clone(), receipt.excess);
    let (Some(RefundStep::Halted { .. }), Some(invoice), Some(amount)) = owed else {
        return Outcome::Super;
    };
    context.call(Call::Refund { invoice, amount });
    receipt.refund = Some(RefundStep::OnItsWay);
    Outcome::Handled
}
