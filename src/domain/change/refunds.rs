//! What is still owed when a change is done: money that was charged beyond the confirmed amount is returned once, and the card
//! that paid becomes the one of renewals; or it is seen that they are not yet.

use statig::Outcome;

use super::billing;
use super::call::{Call, CallAnswer, CallFailure, CallName, Tell};
use super::decide::Context;
use super::receipt::{CardStep, Receipt, RefundStep};
use super::stage::Stage;

/// A call did its work after the change was done: the money is on its way back, or the card for renewals is set.
pub(super) fn done(context: &mut Context<'_>, receipt: &mut Receipt, answer: &CallAnswer) -> Outcome<Stage> {
    match answer {
        CallAnswer::Refunded { refund } => {
            receipt.refund = Some(RefundStep::Returned {
                refund: refund.clone(),
            });
            context.tell(Tell::Refunded);
            Outcome::Handled
        }
        CallAnswer::MethodSet => {
            receipt.card = None;
            Outcome::Handled
        }
        _ => billing::late(context, answer),
    }
}

/// The provider does not do it: it is still owed, and a person must look.
pub(super) fn failed(receipt: &mut Receipt, call: CallName, failure: &CallFailure) -> Outcome<Stage> {
    match (call, &receipt.refund, &receipt.card) {
        (CallName::Refund, Some(RefundStep::OnItsWay), _) => {
            receipt.refund = Some(RefundStep::Halted {
                code: failure.code().to_owned(),
            });
            Outcome::Handled
        }
        (CallName::SetDefaultMethod, _, Some(CardStep::OnItsWay { method })) => {
            receipt.card = Some(CardStep::Halted {
                method: method.clone(),
                code: failure.code().to_owned(),
            });
            Outcome::Handled
        }
        _ => Outcome::Super,
    }
}

/// Support orders another attempt at whatever has halted. Only after a proven failure, so that nothing is given back twice.
pub(super) fn retry(context: &mut Context<'_>, receipt: &mut Receipt) -> Outcome<Stage> {
    let refund = refund_again(context, receipt);
    let card = keep_card_again(context, receipt);
    if refund || card {
        Outcome::Handled
    } else {
        Outcome::Super
    }
}

fn refund_again(context: &mut Context<'_>, receipt: &mut Receipt) -> bool {
    let owed = (receipt.refund.clone(), receipt.invoice.clone(), receipt.excess);
    let (Some(RefundStep::Halted { .. }), Some(invoice), Some(amount)) = owed else {
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
