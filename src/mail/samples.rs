//! One letter of every kind, with names and amounts that are made up: for tests and for whoever designs the mails.

mod more;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::domain::metering::{Limit, Quantity};
use crate::domain::money::{Currency, Money};
use crate::ports::mail::{Address, Letter, News, NextStep, Renewal, Sender};

/// 2026-03-14 18:30 UTC, which is 15:30 in São Paulo.
const SENT: i64 = 1_773_513_000;
const DAY: i64 = 86_400;

/// Every kind of news, each under a short name, in `currency`; kinds that read differently with and without a link, a
/// charge or a renewal come in both ways.
pub fn all_news(currency: Currency) -> Vec<(&'static str, News)> {
    let money = |amount| Money::new(amount, currency);
    let link = || Some("https://pay.example.com/c/4kQ2?step=review&lang=x".to_owned());
    let mut all = vec![
        (
            "quote",
            News::QuoteReady {
                due_today: money(123_456),
                holds_until: day(2),
                renewal: Some(Renewal {
                    amount: money(198_000),
                    at: day(17),
                }),
                resume_url: link(),
            },
        ),
        (
            "quote-no-link",
            News::QuoteReady {
                due_today: money(990),
                holds_until: day(2),
                renewal: None,
                resume_url: None,
            },
        ),
        (
            "reminder",
            News::Reminder {
                deadline: day(3),
                resume_url: link(),
            },
        ),
        (
            "authentication",
            News::AuthenticationNeeded {
                amount: money(4_900),
                deadline: day(1),
                action_url: link(),
            },
        ),
        (
            "declined",
            News::Declined {
                amount: money(4_900),
                reason: "insufficient_funds".to_owned(),
                resume_url: link(),
            },
        ),
        (
            "declined-silent",
            News::Declined {
                amount: money(4_900),
                reason: "stolen_card".to_owned(),
                resume_url: None,
            },
        ),
    ];
    all.extend(ends(currency));
    all.extend(tickets());
    all.extend(limits(money(5_000)));
    all.extend(more::held(currency));
    all.extend(more::paying(currency));
    all.extend(more::agencies());
    all
}

/// How a change can end.
fn ends(currency: Currency) -> [(&'static str, News); 6] {
    let money = |amount| Money::new(amount, currency);
    let document = News::NotaFiscalIssued {
        number: "2026/000481".to_owned(),
        url: Some("https://pay.example.com/c/4kQ2?step=review&lang=x".to_owned()),
        amount: money(4_900),
    };
    [
        ("confirmed", confirmed(money(4_900), Some(day(17)))),
        ("confirmed-free", confirmed(money(0), None)),
        ("nota-fiscal", document),
        ("expired", News::Expired),
        ("cancelled", News::Cancelled),
        ("refunded", News::Refunded { amount: money(4_900) }),
    ]
}

/// What becomes of a request to go down.
fn tickets() -> [(&'static str, News); 7] {
    [
        (
            "ticket",
            News::TicketReceived {
                ticket: "T-1042".to_owned(),
            },
        ),
        (
            "ticket-scheduled",
            News::TicketScheduled {
                ticket: "T-1042".to_owned(),
                at: day(17),
            },
        ),
        (
            "ticket-held",
            News::TicketHeld {
                ticket: "T-1042".to_owned(),
            },
        ),
        (
            "ticket-replaced",
            News::TicketReplaced {
                ticket: "T-1042".to_owned(),
            },
        ),
        (
            "ticket-fell",
            News::TicketFell {
                ticket: "T-1042".to_owned(),
            },
        ),
        (
            "ticket-answered",
            News::TicketAnswered {
                ticket: "T-1042".to_owned(),
                words: "Which of the devices do you still need?\nThe others can go at the end of the month."
                    .to_owned(),
            },
        ),
        (
            "ticket-declined",
            News::TicketDeclined {
                ticket: "T-1042".to_owned(),
                why: "The minimum term of the devices ends in May.".to_owned(),
            },
        ),
    ]
}

/// What is told of a limit: near and reached, where use goes on and where it stops.
fn limits(worth: Money) -> [(&'static str, News); 3] {
    let told = |percent, reached, stops, limit, of: Option<&str>| News::LimitReached {
        what: "E-mail syncs".to_owned(),
        of: of.map(str::to_owned),
        percent,
        used: Quantity::from_millionths(8_000_500_000),
        limit,
        reached,
        stops,
        charged: !stops,
        until: day(17),
    };
    let count = Limit::Count(Quantity::from_millionths(10_000_000_000));
    [
        ("limit-near", told(80, false, false, count, None)),
        (
            "limit-reached",
            told(100, true, false, Limit::Money(worth), Some("Padaria Luz")),
        ),
        ("limit-stops", told(100, true, true, count, None)),
    ]
}

/// A letter with this news from a made-up seller to a made-up customer.
pub fn letter(language: Language, news: News) -> Letter {
    Letter {
        dedupe_key: "sample:1:confirmed".to_owned(),
        to: Address {
            name: Some("Ana Souza".to_owned()),
            email: "ana@example.com".to_owned(),
        },
        language,
        sender: Sender {
            name: "Aurora CRM".to_owned(),
            from: Address {
                name: None,
                email: "billing@aurora.example".to_owned(),
            },
            support: "help@aurora.example".to_owned(),
        },
        reference: is_about_a_change(&news).then(|| "CHG-7K2M-94QD".to_owned()),
        time_zone: TimeZone::fixed(jiff::tz::offset(-3)),
        at: day(0),
        news,
    }
}

/// Whether such news is about one change; else it is about the account.
fn is_about_a_change(news: &News) -> bool {
    !matches!(
        news,
        News::Changed { .. }
            | News::ContractEnding { .. }
            | News::ContractContinues
            | News::ContractEnded { .. }
            | News::PastDue { .. }
            | News::Card { .. }
            | News::LimitReached { .. }
            | News::PayerAsked { .. }
    )
}

fn confirmed(charged: Money, next_renewal: Option<Timestamp>) -> News {
    let step = NextStep {
        text: "Register your sender number".to_owned(),
        url: Some("https://aurora.example/senders".to_owned()),
    };
    News::Confirmed {
        holdings: more::holdings(),
        plan: "Growth".to_owned(),
        charged,
        recurring: Money::new(123_456, charged.currency),
        next_renewal,
        receipt_url: next_renewal.map(|_| "https://pay.example.com/receipt/91".to_owned()),
        contract: next_renewal.map(|_| "C-2026-0481".to_owned()),
        next_steps: next_renewal.map(|_| step).into_iter().collect(),
    }
}

fn day(days: i64) -> Timestamp {
    Timestamp::from_second(SENT + days * DAY).unwrap_or(Timestamp::UNIX_EPOCH)
}
