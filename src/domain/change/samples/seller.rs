//! The seller of the samples: three plans, seats on two of them, and rules that use most of what a seller can say.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::word;
use crate::domain::account::{RoleRule, Roles, TaxIdKind};
use crate::domain::catalog::{
    Billed, BillingInfoPolicy, Catalog, Condition, Deadlines, Direction, DirectionRule, DirectionTable,
    Interval, Item, MethodRule, Offer, PaymentMethodKind, Plan, Playbook, Policy, Price, ProrationPolicy,
    QuantityRule, Scheme, SellerProfile, Sender, StageName, SupportContact, Terms, TicketForm,
    WorkflowVersion,
};
use crate::domain::language::{Language, Texts};
use crate::domain::money::Currency;

const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn currency() -> Currency {
    word("BRL")
}

fn texts(text: &str) -> Texts {
    Texts::from([(Language::En, text.to_owned())])
}

pub(super) fn per_unit(unit: i64) -> Price {
    Price {
        currency: currency(),
        interval: Interval::MONTH,
        scheme: Scheme::PerUnit { unit },
    }
}

/// Everything that the seller's workflow file would say.
pub(super) fn playbook() -> Playbook {
    Playbook {
        version: WorkflowVersion("0".repeat(64)),
        seller: SellerProfile {
            id: word("acme"),
            name: "Acme".to_owned(),
            sender: Sender {
                name: "Acme".to_owned(),
                email: "plans@example.com".to_owned(),
            },
            support: SupportContact {
                email: "help@example.com".to_owned(),
                url: None,
            },
            languages: vec![Language::En],
            currencies: vec![currency()],
            time_zone: TimeZone::UTC,
            return_urls: Vec::new(),
        },
        catalog: catalog(),
        policy: policy(),
    }
}

/// `free`, `basic` and `pro`, the last two with seats.
fn catalog() -> Catalog {
    let plan = |id: &str, unit: i64| Plan {
        id: word(id),
        name: texts(id),
        summary: texts(id),
        prices: vec![per_unit(unit)],
        sample: true,
    };
    let seats_on = |id: &str, unit: i64| Offer {
        plan: word(id),
        item: word("seat"),
        quantities: QuantityRule {
            min: 1,
            max: 50,
            step: 1,
            optional: true,
        },
        included: 1,
        billed: Billed::WithPlan,
        prices: vec![per_unit(unit)],
        sample: true,
    };
    Catalog {
        seller: word("acme"),
        plans: vec![plan("free", 0), plan("basic", 4_900), plan("pro", 9_900)],
        items: vec![Item {
            id: word("seat"),
            name: texts("Seat"),
            plural: texts("seats"),
            help: texts(""),
            sample: true,
        }],
        offers: vec![seats_on("basic", 1_000), seats_on("pro", 800)],
    }
}

fn policy() -> Policy {
    let rule = |when: Vec<Condition>, then: Direction| DirectionRule { when, then };
    let person = |id: &str, may_change: bool| RoleRule {
        id: word(id),
        name: texts(id),
        may_change,
    };
    Policy {
        tax_ids: vec![TaxIdKind::Cnpj, TaxIdKind::Cpf],
        direction: DirectionTable {
            rules: vec![
                rule(vec![Condition::PlanLower], Direction::Ticket),
                rule(
                    vec![Condition::PlanStays, Condition::AnyQuantityLower],
                    Direction::Ticket,
                ),
                rule(Vec::new(), Direction::Immediate),
            ],
        },
        roles: Roles {
            all: vec![person("owner", true), person("agent", false)],
        },
        deadlines: Deadlines {
            draft: DAY * 7,
            quote: DAY * 3,
            billing_info: DAY * 3,
            payment_confirm: DAY,
            downgrade_ticket: DAY * 30,
        },
        reminders: BTreeMap::from([
            (StageName::Quote, vec![DAY]),
            (StageName::PaymentConfirm, vec![DAY / 2]),
        ]),
        quote_valid_for: SignedDuration::from_mins(30),
        freeze_before_renewal: SignedDuration::from_hours(1),
        billing_info: BillingInfoPolicy::WhenMissing,
        proration: ProrationPolicy::Second,
        payment_methods: vec![MethodRule {
            kind: PaymentMethodKind::Card,
            releases: texts("At once."),
        }],
        screens: Vec::new(),
        terms: Terms {
            version: "2026-01".to_owned(),
            url: "https://example.com/terms".to_owned(),
            how_to_stop: texts("Ask our support."),
        },
        ticket: TicketForm::default(),
    }
}
