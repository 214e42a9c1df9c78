//! One letter of every kind, with names and amounts that are made up: for tests and for whoever designs the mails.

mod more;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::domain::money::{Currency, Money};
use crate::ports::mail::{Address, Letter, News, NextStep, Renewal, Sender};

/// 2026-03-14 18:30 UTC, which is 15:30 in São Paulo.
const SENT: i64 = 1_773_513_000;
const DAY: i64 = 86_400;

/// Every kind of news, each under a short name, in `currency`; kinds that read differently with and without a link, a
/// charge or a renewal come in both ways.
pub fn all_news(currency: Currency) -> Vec<(&'static str, News)> {
    let money = |amount| Money::new(amount, currency);
    let declined = |reason: &str, resume_url| News::Declined {
        amount: money(4_900),
        reason: reason.to_owned(),
        resume_url,
    };
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
        ("declined", declined("insufficient_funds", link())),
        ("declined-silent", declined("stolen_card", None)),
        ("confirmed", confirmed(money(4_900), Some(day(17)))),
        ("confirmed-free", confirmed(money(0), None)),
        (
            "nota-fiscal",
            News::NotaFiscalIssued {
                number: "2026/000481".to_owned(),
                url: link(),
                amount: money(4_900),
            },
        ),
        ("expired", News::Expired),
        ("cancelled", News::Cancelled),
        ("refunded", News::Refunded { amount: money(4_900) }),
    ];
    all.extend(tickets());
    all.extend(more::held(currency));
    all.extend(more::paying(currency));
    all.extend(more::agencies());
    all
}

/// What becomes of a request to go down.
fn tickets() -> [(&'static str, News); 3] {
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
            "ticket-declined",
            News::TicketDeclined {
                ticket: "T-1042".to_owned(),
                why: "The minimum term of the devices ends in May.".to_owned(),
            },
        ),
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
