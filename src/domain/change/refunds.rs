//! What is still owed when a change is done: money that was charged beyond the confirmed amount is returned once, and the card
//! that paid becomes the one of renewals; or it is seen that they are not yet.

use statig::Outcome;

use super::call::{Call, CallAnswer, CallFailure};
use super::call_name::CallName;
use super::decide::Context;
use super::receipt::{CardStep, Receipt, RefundStep};
use super::stage::{AGAIN_MAX, Stage};
use super::tell::Tell;

/// A call did its work after the change was done: the money is back, or the card for renewals is set.
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
        (CallAnswer::MethodSet, _) => {
            receipt.card = None;
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
    let code = failure.code().to_owned();
    let unheard = matches!(failure, CallFailure::NeverHappened { .. });
    match (call, &receipt.refund, &receipt.card) {
        (CallName::Refund, Some(RefundStep::OnItsWay), _)
            if unheard && receipt.never_happened < AGAIN_MAX =>
        {
            receipt.never_happened += 1;
            if refund(context, receipt) {
                return Outcome::Handled;
            }
            Outcome::Super
        }
        (CallName::Refund, Some(RefundStep::OnItsWay), _) => {
            receipt.refund = Some(RefundStep::Halted { code });
            Outcome::Handled
        }
        (CallName::SetDefaultMethod, _, Some(CardStep::OnItsWay { method })) => {
            receipt.card = Some(CardStep::Halted {
                method: method.clone(),
                code,
            });
            Outcome::Handled
        }
        _ => Outcome::Super,
    }
}

/// Support orders another attempt at whatever has halted. Only after a proven failure, so that nothing is given back twice.
pub(super) fn retry(context: &mut Context<'_>, receipt: &mut Receipt) -> Outcome<Stage> {
    let halted = matches!(receipt.refund, Some(RefundStep::Halted { .. }));
    if halted {
        receipt.never_happened = 0;
    }
    let refund = halted && refund(context, receipt);
    let card = keep_card_again(context, receipt);
    if refund || card {
        Outcome::Handled
    } else {
        Outcome::Super
    }
}

fn refund(context: &mut Context<'_>, receipt: &mut Receipt) -> bool {
    let (Some(invoice), Some(amount)) = (receipt.invoice.clone(), receipt.excess) else {
        return false;
    };
    context.call(Call::Refund { invoice, amount });
    receipt.refund = Some(RefundStep::OnItsWay);
    true
}

fn keep_card_again(context: &mut Context<'_>, receipt: &mut Receipt) -> bool {
    let subscription = context.turn.contract.subscription.clone();
    let (Some(CardStep::Halted { method, .. }), Some(subscription)) = (receipt.card.clone(), subscription)
    else {
        return false;
    };
    context.call(Call::SetDefaultMethod {
        subscription,
        method: Some(method.clone()),
    });
    receipt.card = Some(CardStep::OnItsWay { method });
    true
}
