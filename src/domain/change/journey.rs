//! The state chart, on one page. Each handler names what its stage answers to; everything else goes up to the stage around
//! it, and what nobody answers to is refused. What a step means in detail is in the file that it is called from.

use jiff::Timestamp;
use statig::prelude::*;

use super::decide::Context;
use super::event::{Event, IdentityRef};
use super::means::{Means, Voucher};
use super::promise::{Afterwards, Basis, Promise, PromiseStep};
use super::quote::{Deal, Drift};
use super::receipt::Receipt;
use super::refusal::Refusal;
use super::stage::{AbortReason, AbortStep, BillingStep, ChargeStep, OpenInvoice, Payment, Stage};
use super::stage_name::StageName;
use super::tell::Tell;
use super::ticket_ask::TicketAsk;
use super::{
    aborting, billing, judging, late, paying, promising, quoting, refunds, selecting, tickets, vouchers,
};
use crate::domain::catalog::Selection;

type Next = Outcome<Stage>;

/// The machine itself: it holds nothing. All facts are in the stage, all consequences in the context.
#[derive(Default)]
pub(super) struct Journey;

#[state_machine(
    initial = "Stage::Expired { from: StageName::Draft }",
    state(name = "Stage", custom)
)]
impl Journey {
    // Choosing and quoting

    #[state(superstate = "open", local_storage("problem: Option<Refusal>"))]
    fn draft(context: &mut Context<'_>, event: &Event, selection: &mut Selection) -> Next {
        match event {
            Event::Select { selection } => selecting::select(context, selection),
            Event::AskQuote => selecting::ask_quote(context, selection),
            Event::FileTicket { form } => tickets::file(context, selection, form.as_ref()),
            Event::Adopt { payment, invoice } => late::adopt(payment, invoice),
            _ => Super,
        }
    }

    #[state(superstate = "selectable")]
    fn quote_pending(
        context: &mut Context<'_>,
        event: &Event,
        selection: &mut Selection,
        billing_given: &mut bool,
        drift: &mut Option<Box<Drift>>,
    ) -> Next {
        match event {
            Event::Quoted { quote } => {
                quoting::quoted(context, selection, quote, *billing_given, drift.take())
            }
            Event::QuoteRefused { refusal } => quoting::refused(selection, refusal),
            _ => Super,
        }
    }

    #[state(superstate = "selectable", local_storage("drift: Option<Box<Drift>>"))]
    fn quote_ready(
        context: &mut Context<'_>,
        event: &Event,
        deal: &mut Deal,
        billing_given: &mut bool,
    ) -> Next {
        match event {
            Event::Accept { quote } => quoting::accept(context, deal, quote, *billing_given),
            Event::Confirm { quote, seen, consent } => quoting::confirm(context, deal, quote, *seen, consent),
            Event::AskQuote => quoting::again(deal, *billing_given),
            _ => Super,
        }
    }

    // Billing data

    #[state(superstate = "selectable")]
    fn billing_info(
        context: &mut Context<'_>,
        event: &Event,
        deal: &mut Deal,
        problem: &mut Option<Refusal>,
    ) -> Next {
        match event {
            Event::GiveBillingInfo { identity } => billing::give(context, deal, identity, problem.is_some()),
            Event::PassBillingInfo => billing::pass(context, deal, problem.is_some()),
            _ => Super,
        }
    }

    #[state(superstate = "open")]
    fn billing_saving(
        context: &mut Context<'_>,
        event: &Event,
        deal: &mut Deal,
        identity: &mut IdentityRef,
        step: &mut BillingStep,
        requote: &mut bool,
    ) -> Next {
        match event {
            Event::Done { answer, .. } => billing::saved(context, deal, identity, *step, answer, *requote),
            Event::Failed { failure, .. } => {
                billing::not_saved(context, deal, identity, *step, failure, *requote)
            }
            _ => Super,
        }
    }

    // Paying

    #[state(superstate = "selectable", local_storage("refused: Option<Decline>"))]
    fn choosing(
        context: &mut Context<'_>,
        event: &Event,
        deal: &mut Deal,
        method: &mut Option<Means>,
    ) -> Next {
        match event {
            Event::ChooseMethod { method } => paying::choose(context, deal, method),
            Event::GiveBillingInfo { identity } => billing::give(context, deal, identity, false),
            Event::Confirm { quote, seen, consent } => {
                paying::confirm(context, deal, method.as_ref(), quote, *seen, consent)
            }
            Event::AskQuote => quoting::again(deal, true),
            _ => Super,
        }
    }

    #[state(superstate = "watched")]
    fn charging(
        context: &mut Context<'_>,
        event: &Event,
        payment: &mut Payment,
        step: &mut ChargeStep,
    ) -> Next {
        match event {
            Event::Done { answer, .. } => paying::done(context, payment, step, answer),
            Event::Failed { failure, .. } => paying::failed(context, payment, step, failure),
            Event::Quoted { quote } => paying::verified(context, payment, step, quote),
            Event::QuoteRefused { refusal } => aborting::refused_again(context, payment, step, refusal),
            Event::PaymentSeen { facts } => judging::seen_halted(context, payment, step, facts),
            Event::Retry => paying::retry(context, payment, step),
            Event::Cancel { why } => aborting::from_charging(context, payment, step, why),
            Event::TimeUp => aborting::expire_halted(context, payment, step),
            Event::Adopt { payment, invoice } => late::adopt_halted(step, payment, invoice),
            _ => Super,
        }
    }

    #[state(superstate = "awaiting_payment")]
    fn action_required(
        context: &mut Context<'_>,
        event: &Event,
        payment: &mut Payment,
        invoice: &mut OpenInvoice,
    ) -> Next {
        match event {
            Event::ChooseMethod { method } => paying::pay_with(context, payment, invoice, method),
            _ => Super,
        }
    }

    #[state(superstate = "awaiting_payment", local_storage("paid: bool"))]
    fn settling(
        context: &mut Context<'_>,
        event: &Event,
        payment: &mut Payment,
        invoice: &mut OpenInvoice,
        voucher: &mut Option<Voucher>,
    ) -> Next {
        match event {
            Event::TimeUp if voucher.is_some() => vouchers::time_up(context, payment, invoice),
            _ => Super,
        }
    }

    #[state(superstate = "awaiting_payment", local_storage("reason: Decline"))]
    fn declined(
        context: &mut Context<'_>,
        event: &Event,
        payment: &mut Payment,
        invoice: &mut OpenInvoice,
    ) -> Next {
        match event {
            Event::ChooseMethod { method } => paying::pay_with(context, payment, invoice, method),
            _ => Super,
        }
    }

    #[state(superstate = "watched")]
    fn aborting(
        context: &mut Context<'_>,
        event: &Event,
        payment: &mut Payment,
        reason: &mut AbortReason,
        step: &mut AbortStep,
        invoice: &mut Option<String>,
    ) -> Next {
        let abort = aborting::Abort {
            payment,
            reason,
            step: *step,
            invoice: invoice.as_deref(),
        };
        match event {
            Event::Done { answer, .. } => aborting::done(context, &abort, answer),
            Event::Failed { failure, .. } => aborting::failed(context, &abort, failure),
            Event::PaymentSeen { facts } => aborting::looked(context, &abort, facts),
            Event::Retry => aborting::retry(context, &abort),
            Event::TimeUp => aborting::retry_in_time(context, &abort),
            Event::Adopt { invoice, .. } => late::adopt_aborting(context.before, invoice),
            _ => Super,
        }
    }

    // Going down

    #[state(superstate = "ticket")]
    fn ticket_held(
        context: &mut Context<'_>,
        event: &Event,
        selection: &mut Selection,
        ask: &mut TicketAsk,
    ) -> Next {
        match event {
            Event::VerifyTicket { genuine } => tickets::verified(context, selection, ask, *genuine),
            _ => Super,
        }
    }

    #[state(superstate = "ticket", local_storage("problem: Option<String>"))]
    fn ticket_open(
        context: &mut Context<'_>,
        event: &Event,
        selection: &mut Selection,
        ask: &mut TicketAsk,
    ) -> Next {
        match event {
            Event::AnswerTicket { decision } => tickets::answer(context, selection, ask, decision),
            _ => Super,
        }
    }

    #[state(superstate = "watched")]
    fn ticket_scheduling(
        context: &mut Context<'_>,
        event: &Event,
        selection: &mut Selection,
        ask: &mut TicketAsk,
        step: &mut PromiseStep,
        then: &mut Afterwards,
        aside: &mut bool,
    ) -> Next {
        let way = promising::Way {
            selection,
            ask,
            step,
            then,
            aside: *aside,
        };
        match event {
            Event::Planned { plan } => promising::planned(context, &way, plan),
            Event::QuoteRefused { refusal } => promising::refused(context, &way, refusal),
            Event::Done { answer, .. } => promising::done(context, &way, answer),
            Event::Failed { failure, .. } => promising::failed(context, &way, failure),
            Event::Comment { internal, .. } => tickets::comment(context, *internal),
            Event::Retry | Event::TimeUp => promising::retry(context, &way),
            Event::Cancel { why } => match tickets::may_withdraw(context, ask) {
                Ok(()) => promising::cancel(context, &way, why),
                Err(refusal) => context.refuse(refusal),
            },
            _ => Super,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of the stage, each handed over by the machine"
    )]
    #[state(superstate = "watched")]
    fn ticket_scheduled(
        context: &mut Context<'_>,
        event: &Event,
        selection: &mut Selection,
        at: &mut Timestamp,
        ask: &mut TicketAsk,
        basis: &mut Basis,
        promise: &mut Option<Box<Promise>>,
        problem: &mut Option<String>,
    ) -> Next {
        let waiting = promising::Waiting {
            selection,
            at: *at,
            ask,
            basis,
            promise: promise.as_deref(),
            problem: problem.as_deref(),
        };
        match event {
            Event::TimeUp => tickets::its_day(context, &waiting),
            Event::StandingSeen { facts } => promising::seen(context, &waiting, facts),
            Event::AnswerTicket { decision } => tickets::answer_again(context, &waiting, decision),
            Event::Comment { internal, .. } => tickets::comment(context, *internal),
            Event::Cancel { why } => tickets::withdraw_promise(context, &waiting, why),
            _ => Super,
        }
    }

    #[state(superstate = "watched")]
    fn ticket_applying(
        context: &mut Context<'_>,
        event: &Event,
        selection: &mut Selection,
        deal: &mut Option<Deal>,
        ask: &mut TicketAsk,
    ) -> Next {
        match event {
            Event::Quoted { quote } => tickets::quoted(context, selection, ask, quote),
            Event::Done { answer, .. } => tickets::applied(context, deal.as_ref(), ask, answer),
            Event::QuoteRefused { refusal } => tickets::reopen(selection, ask, refusal.code.as_str()),
            Event::Failed { failure, .. } => tickets::reopen(selection, ask, failure.code()),
            Event::Comment { internal, .. } => tickets::comment(context, *internal),
            _ => Super,
        }
    }

    // The ends

    #[state(superstate = "closed", local_storage("deal: Deal"))]
    fn active(context: &mut Context<'_>, event: &Event, receipt: &mut Receipt) -> Next {
        match event {
            Event::Done { answer, .. } => late::done_active(context, receipt, answer),
            Event::Failed { call, failure } => refunds::failed(context, receipt, *call, failure),
            Event::Retry => refunds::retry(context, receipt),
            _ => Super,
        }
    }

    #[state(
        superstate = "closed",
        local_storage("by: Party", "why: String", "from: StageName")
    )]
    fn cancelled() -> Next {
        Super
    }

    #[state(superstate = "closed", local_storage("from: StageName"))]
    fn expired() -> Next {
        Super
    }

    // The stages around them

    /// Wherever it is, support can leave a word, or have what is owed or rests done now. The stage stays what it is: what
    /// follows comes from the provider's next answer.
    #[superstate]
    fn watched(event: &Event) -> Next {
        match event {
            Event::Note | Event::Hurry | Event::Resume | Event::Refresh => Handled,
            _ => Super,
        }
    }

    /// Open, and no money is on its way: it can be given up at once.
    #[superstate(superstate = "watched")]
    fn open(context: &mut Context<'_>, event: &Event) -> Next {
        match event {
            Event::Cancel { why } => aborting::cancel_at_once(context, why),
            Event::TimeUp => aborting::expire_at_once(context),
            Event::Remind { .. } => {
                context.tell(Tell::Reminder);
                Handled
            }
            _ => Super,
        }
    }

    /// A request that is not applied yet: it is talked about, and can be taken back by whoever made it.
    #[superstate(superstate = "open")]
    fn ticket(context: &mut Context<'_>, event: &Event, ask: &mut TicketAsk) -> Next {
        match event {
            Event::Comment { internal, .. } => tickets::comment(context, *internal),
            Event::Cancel { why } => tickets::withdraw(context, ask, why),
            _ => Super,
        }
    }

    /// The customer can still choose otherwise.
    #[superstate(superstate = "open")]
    fn selectable(context: &mut Context<'_>, event: &Event) -> Next {
        match event {
            Event::Select { selection } => selecting::select(context, selection),
            Event::Adopt { payment, invoice } => late::adopt(payment, invoice),
            _ => Super,
        }
    }

    /// An invoice is open: the provider's word decides, and giving up means voiding it first.
    #[superstate(superstate = "watched")]
    fn awaiting_payment(
        context: &mut Context<'_>,
        event: &Event,
        payment: &mut Payment,
        invoice: &mut OpenInvoice,
    ) -> Next {
        match event {
            Event::PaymentSeen { facts } => judging::seen(context, payment, invoice, facts),
            Event::Cancel { why } => aborting::cancel(context, payment, invoice, why),
            Event::TimeUp => aborting::expire(context, payment, invoice),
            Event::Remind { .. } => {
                context.tell(Tell::Reminder);
                Handled
            }
            _ => Super,
        }
    }

    /// Over. Only what a call brought back late is still taken in, and what must not be left is taken away.
    #[superstate(superstate = "watched")]
    fn closed(context: &mut Context<'_>, event: &Event) -> Next {
        match event {
            Event::Done { answer, .. } => late::done(context, answer),
            Event::CleanUp { call } => late::clean_up(context, call),
            Event::Failed { .. } | Event::SucceededBy { .. } => Handled,
            _ => Super,
        }
    }
}
