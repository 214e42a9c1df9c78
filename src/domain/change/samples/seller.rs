//! The seller of the samples: three plans, seats on two of them, and rules that use most of what a seller can say.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::word;
use crate::domain::account::{Permission, RoleRule, Roles, TaxIdKind};
use crate::domain::catalog::{
    AutomaticChanges, BillingInfoPolicy, Catalog, Condition, Deadlines, Direction, DirectionRule,
    DirectionTable, Interval, Item, MethodRule, Offer, PaymentMethodKind, Plan, Playbook, Policy, Price,
    ProrationPolicy, QuantityRule, Scheme, SellerProfile, Sender, StageName, SupportContact, Terms,
    TicketForm, WorkflowVersion,
};
use crate::domain::language::{Language, Texts};
use crate::domain::metering::Metering;
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
            colour: None,
        },
        catalog: catalog(),
        policy: policy(),
        metering: Metering::default(),
    }
}

/// `free`, `basic` and `pro`, the last two with seats.
fn catalog() -> Catalog {
    let plan = |level: usize, id: &str, unit: i64| Plan {
        summary: texts(id),
        sample: true,
        level,
        ..Plan::new(word(id), texts(id), vec![per_unit(unit)])
    };
    let quantities = QuantityRule {
        min: 1,
        max: 50,
        step: 1,
        optional: true,
    };
    let seats_on = |id: &str, unit: i64| Offer {
        included: 1,
        sample: true,
        ..Offer::new(word(id), word("seat"), quantities, vec![per_unit(unit)])
    };
    Catalog {
        plans: vec![plan(0, "free", 0), plan(1, "basic", 4_900), plan(2, "pro", 9_900)],
        items: vec![Item {
            plural: texts("seats"),
            help: texts(""),
            sample: true,
            ..Item::new(word("seat"), texts("Seat"))
        }],
        offers: vec![seats_on("basic", 1_000), seats_on("pro", 800)],
        ..Catalog::new(word("acme"))
    }
}

fn method(kind: PaymentMethodKind) -> MethodRule {
    let (pay_within, settles_within) = kind.usual_times();
    MethodRule {
        kind,
        releases: texts("When it is paid."),
        after: None,
        currencies: Vec::new(),
        tax_ids: Vec::new(),
        pay_within,
        settles_within,
    }
}

fn policy() -> Policy {
    let rule = |when: Vec<Condition>, then: Direction| DirectionRule {
        when,
        then,
        ..DirectionRule::default()
    };
    let person = |id: &str, may_change: bool| RoleRule {
        id: word(id),
        name: texts(id),
        permissions: may_change.then_some(Permission::Billing).into_iter().collect(),
    };
    Policy {
        tax_ids: vec![TaxIdKind::Cnpj, TaxIdKind::Cpf],
        optional_tax_ids: Vec::new(),
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
            single: BTreeMap::new(),
        },
        clients: None,
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
        payment_methods: [
            PaymentMethodKind::Card,
            PaymentMethodKind::Boleto,
            PaymentMethodKind::Pix,
        ]
        .map(method)
        .into(),
        screens: Vec::new(),
        terms: Terms {
            version: "2026-01".to_owned(),
            url: "https://example.com/terms".to_owned(),
            how_to_stop: texts("Ask our support."),
        },
        automatic_changes: AutomaticChanges::Never,
        ticket: TicketForm::default(),
        tax: None,
    }
}
