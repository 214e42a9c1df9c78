//! One sample of each event, and of each answer, failure and fact that can lead elsewhere.

use jiff::SignedDuration;

use uuid::Uuid;

use super::{EventSample, NOW, World};
use crate::domain::change::{
    Call, CallAnswer, CallFailure, CallName, ChangeId, Decline, Event, IntentStatus, InvoiceFacts,
    InvoiceStatus, NoteRef, Party, PaymentFacts, Quote, QuoteId, Refusal, RefusalCode, SubscriptionStatus,
    TicketDecision,
};

pub(super) fn all(world: &World) -> Vec<EventSample> {
    let mut samples = Vec::new();
    let mut put = |party, detail, event| {
        samples.push(EventSample { detail, event, party });
    };
    for (detail, event) in by_customer(world) {
        put(Party::Customer, detail, event);
    }
    let why = "support was asked to".to_owned();
    put(Party::Support, "", Event::Cancel { why });
    for (detail, decision) in [
        ("apply now", TicketDecision::ApplyNow),
        (
            "schedule",
            TicketDecision::Schedule {
                at: NOW + SignedDuration::from_hours(480),
            },
        ),
        ("schedule in the past", TicketDecision::Schedule { at: NOW }),
        ("at period end", TicketDecision::AtPeriodEnd),
        ("ask money", TicketDecision::AskMoney),
        (
            "decline",
            TicketDecision::Decline {
                why: "The contract runs on.".to_owned(),
            },
        ),
    ] {
        put(Party::Support, detail, Event::AnswerTicket { decision });
    }
    for (detail, genuine) in [("genuine", true), ("not genuine", false)] {
        put(Party::Support, detail, Event::VerifyTicket { genuine });
    }
    for (party, detail, internal) in [
        (Party::Customer, "by the customer", false),
        (Party::Support, "to the customer", false),
        (Party::Support, "internal", true),
    ] {
        let note = NoteRef {
            row: Uuid::from_u128(41),
            hash: "words-2".to_owned(),
        };
        put(party, detail, Event::Comment { note, internal });
    }
    for event in [
        Event::Retry,
        Event::Hurry,
        Event::Resume,
        Event::Refresh,
        Event::Note,
    ] {
        put(Party::Support, "", event);
    }
    for (detail, event) in of_promises(world) {
        put(Party::Provider, detail, event);
    }
    for (detail, event) in by_provider(world) {
        put(Party::Provider, detail, event);
    }
    put(Party::System, "", Event::Remind { nth: 0 });
    put(Party::System, "", Event::TimeUp);
    for (detail, event) in found_late(world) {
        put(Party::System, detail, event);
    }
    samples
}

/// What the comparison with the provider brings.
fn found_late(world: &World) -> Vec<(&'static str, Event)> {
    let invoice = "in_1".to_owned();
    let subscription = "sub_1".to_owned();
    let other = ChangeId(Uuid::from_u128(7));
    let clean_up = |call| Event::CleanUp { call };
    vec![
        (
            "",
            Event::Adopt {
                payment: Box::new(world.payment()),
                invoice: world.open_invoice(),
            },
        ),
        (
            "",
            Event::SucceededBy {
                change: other,
                invoice: invoice.clone(),
            },
        ),
        (
            "void",
            clean_up(Call::VoidInvoice {
                invoice: invoice.clone(),
                subscription: subscription.clone(),
            }),
        ),
        (
            "end subscription",
            clean_up(Call::CancelSubscription {
                subscription: subscription.clone(),
            }),
        ),
        (
            "give back",
            clean_up(Call::Refund {
                invoice,
                amount: World::money(100),
            }),
        ),
        (
            "what charges",
            clean_up(Call::SetDefaultMethod {
                subscription,
                method: None,
            }),
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table: one row for each sample")]
fn by_customer(world: &World) -> Vec<(&'static str, Event)> {
    let quote = world.quote(&World::selection("pro", 5), NOW);
    let confirm = |quote: &QuoteId, seen| Event::Confirm {
        quote: quote.clone(),
        seen,
        consent: World::consent(),
    };
    let outdated = Event::Confirm {
        quote: quote.id.clone(),
        seen: quote.due_today,
        consent: crate::domain::change::Consent {
            terms_version: "2025-01".to_owned(),
            at: NOW,
        },
    };
    let other = QuoteId("quote-of-yesterday".to_owned());
    let select = |plan, seats| Event::Select {
        selection: World::selection(plan, seats),
    };
    vec![
        (
            "",
            Event::Opened {
                selection: World::selection("pro", 5),
            },
        ),
        ("up", select("pro", 5)),
        ("down", select("basic", 1)),
        ("what is held", select("basic", 2)),
        ("impossible", select("free", 5)),
        ("", Event::AskQuote),
        ("", Event::FileTicket { form: None }),
        (
            "",
            Event::Accept {
                quote: quote.id.clone(),
            },
        ),
        ("another quote", Event::Accept { quote: other.clone() }),
        (
            "same taxes",
            Event::GiveBillingInfo {
                identity: World::identity(1),
            },
        ),
        (
            "other taxes",
            Event::GiveBillingInfo {
                identity: World::identity(2),
            },
        ),
        ("", Event::PassBillingInfo),
        (
            "",
            Event::ChooseMethod {
                method: World::by_card("pm_new"),
            },
        ),
        (
            "boleto",
            Event::ChooseMethod {
                method: World::by_boleto(),
            },
        ),
        ("", confirm(&quote.id, quote.due_today)),
        ("nothing due", confirm(&quote.id, World::money(0))),
        ("another amount", confirm(&quote.id, World::money(1))),
        ("another quote", confirm(&other, quote.due_today)),
        ("old terms", outdated),
        (
            "",
            Event::Cancel {
                why: "too expensive".to_owned(),
            },
        ),
    ]
}

fn by_provider(world: &World) -> Vec<(&'static str, Event)> {
    let quote = world.quote(&World::selection("pro", 5), NOW);
    let moved = Quote {
        due_today: World::money(1),
        ..quote.clone()
    };
    let other_card = Quote {
        held_method: Some("pm_other".to_owned()),
        ..quote.clone()
    };
    let nowhere = Quote {
        location_unknown: true,
        ..quote.clone()
    };
    let refusal = Refusal::new(RefusalCode::SubscriptionPastDue, "A renewal is not paid yet.");
    let mut all = vec![
        ("same amounts", Event::Quoted { quote }),
        ("same amounts, other card", Event::Quoted { quote: other_card }),
        ("other amounts", Event::Quoted { quote: moved }),
        ("address that nobody finds", Event::Quoted { quote: nowhere }),
        ("", Event::QuoteRefused { refusal }),
    ];
    all.extend(answers());
    all.extend(failures());
    for (detail, facts) in payments(world) {
        let done = Event::Done {
            call: CallName::UpdateSubscription,
            answer: CallAnswer::Payment(facts.clone()),
        };
        all.push((detail, done));
        all.push((detail, Event::PaymentSeen { facts }));
    }
    all
}

/// What the provider tells about promises: what it holds, and whether they stand.
fn of_promises(world: &World) -> Vec<(&'static str, Event)> {
    let plan = Box::new(world.promise_plan(&World::selection("basic", 1)));
    let (before, after) = (world.facts_before().items, world.facts_after(&plan.deal).items);
    let seen = |schedule: Option<&str>, items| Event::StandingSeen {
        facts: Box::new(world.standing(schedule, items)),
    };
    let mut over = world.standing(None, before.clone());
    over.status = SubscriptionStatus::Canceled;
    vec![
        ("", Event::Planned { plan }),
        (
            "it has ended",
            Event::StandingSeen {
                facts: Box::new(over),
            },
        ),
        ("it stands", seen(Some("sub_sched_1"), before.clone())),
        ("it is gone", seen(None, before)),
        ("it has come true", seen(Some("sub_sched_1"), after)),
    ]
}

fn answers() -> Vec<(&'static str, Event)> {
    let customer = "cus_1".to_owned();
    let tax_id = "txi_2".to_owned();
    let refund = "re_1".to_owned();
    let all = [
        (CallName::SaveCustomer, CallAnswer::CustomerSaved { customer }),
        (CallName::AddTaxId, CallAnswer::TaxIdAdded { tax_id }),
        (CallName::RemoveTaxId, CallAnswer::TaxIdRemoved),
        (CallName::SetDefaultMethod, CallAnswer::MethodSet),
        (CallName::SetTaxRates, CallAnswer::TaxRatesSet),
        (
            CallName::CreateSchedule,
            CallAnswer::ScheduleMade {
                schedule: "sub_sched_1".to_owned(),
            },
        ),
        (CallName::TellSchedule, CallAnswer::ScheduleTold),
        (CallName::EndAtPeriodEnd, CallAnswer::EndSet),
        (CallName::ReleaseHold, CallAnswer::HoldReleased),
        (CallName::CancelSubscription, CallAnswer::SubscriptionCancelled),
        (
            CallName::DraftInvoice,
            CallAnswer::InvoiceDrafted {
                invoice: "in_1".to_owned(),
            },
        ),
        (CallName::AddInvoiceLine, CallAnswer::InvoiceLineAdded),
        (
            CallName::CreditBalance,
            CallAnswer::BalanceCredited {
                movement: "cbtxn_1".to_owned(),
            },
        ),
        (CallName::Refund, CallAnswer::Refunded { refund, amount: None }),
    ];
    all.into_iter()
        .map(|(call, answer)| (call.as_str(), Event::Done { call, answer }))
        .collect()
}

fn failures() -> Vec<(&'static str, Event)> {
    let refused = || CallFailure::Refused {
        code: "parameter_invalid".to_owned(),
        message: "It is refused.".to_owned(),
    };
    let unheard = || CallFailure::NeverHappened { proven_at: NOW };
    let code = "invoice_not_open".to_owned();
    let charge = CallName::UpdateSubscription;
    let declined = CallFailure::Declined(Decline::InsufficientFunds);
    [
        ("card declined", charge, declined),
        ("wrong state", charge, CallFailure::WrongState { code }),
        ("refused", charge, refused()),
        ("never happened", charge, unheard()),
        ("card not set", CallName::SetDefaultMethod, refused()),
        ("refund never happened", CallName::Refund, unheard()),
        ("refund refused", CallName::Refund, refused()),
        ("card refused", CallName::SetDefaultMethod, refused()),
    ]
    .into_iter()
    .map(|(detail, call, failure)| (detail, Event::Failed { call, failure }))
    .collect()
}

/// Every way in which a payment can read.
#[expect(clippy::too_many_lines, reason = "a table: one row for each sample")]
fn payments(world: &World) -> Vec<(&'static str, PaymentFacts)> {
    let deal = world.deal(&World::selection("pro", 5));
    let due = deal.quote.due_today;
    let (before, after) = (world.facts_before(), world.facts_after(&deal));
    let lowered = world.facts_after(&world.deal(&World::selection("basic", 1)));
    let invoice = |status, amount_due| {
        Some(InvoiceFacts {
            id: "in_1".to_owned(),
            status,
            amount_due,
            amount_paid: if status == InvoiceStatus::Paid {
                amount_due
            } else {
                World::money(0)
            },
            hosted_url: None,
        })
    };
    let waits = |intent, decline| PaymentFacts {
        invoice: invoice(InvoiceStatus::Open, due),
        intent: Some(intent),
        decline,
        pending_until: Some(NOW + SignedDuration::from_hours(23)),
        ..before.clone()
    };
    let with = |facts: &PaymentFacts, invoice| PaymentFacts {
        invoice,
        ..facts.clone()
    };
    let more = World::money(due.amount + 100);
    let void = invoice(InvoiceStatus::Void, due);
    vec![
        ("payment: paid", with(&after, invoice(InvoiceStatus::Paid, due))),
        (
            "payment: paid too much",
            with(&after, invoice(InvoiceStatus::Paid, more)),
        ),
        (
            "payment: paid, not switched",
            with(&before, invoice(InvoiceStatus::Paid, due)),
        ),
        ("payment: switched without invoice", after),
        ("payment: lowered", lowered),
        ("payment: no invoice", before.clone()),
        (
            "payment: no invoice, declined",
            PaymentFacts {
                decline: Some(Decline::ExpiredCard),
                ..before.clone()
            },
        ),
        (
            "payment: voucher",
            PaymentFacts {
                intent_id: Some("pi_1".to_owned()),
                voucher: Some(Box::new(World::voucher())),
                pending_until: None,
                ..waits(IntentStatus::RequiresAction, None)
            },
        ),
        (
            "payment: to be asked for",
            PaymentFacts {
                intent_id: Some("pi_1".to_owned()),
                pending_until: None,
                ..waits(IntentStatus::RequiresPaymentMethod, None)
            },
        ),
        (
            "payment: voucher expired",
            PaymentFacts {
                pending_until: None,
                ..waits(IntentStatus::RequiresPaymentMethod, Some(Decline::VoucherExpired))
            },
        ),
        ("payment: authenticate", waits(IntentStatus::RequiresAction, None)),
        ("payment: processing", waits(IntentStatus::Processing, None)),
        (
            "payment: declined",
            waits(IntentStatus::RequiresPaymentMethod, Some(Decline::ExpiredCard)),
        ),
        (
            "payment: not tried",
            waits(IntentStatus::RequiresConfirmation, None),
        ),
        (
            "payment: other amount",
            with(&before, invoice(InvoiceStatus::Open, more)),
        ),
        ("payment: void", with(&before, void)),
    ]
}
