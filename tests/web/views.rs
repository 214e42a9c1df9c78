//! What clients are shown, made from real values of the seller Clint.

use std::sync::Arc;

use changeover::domain::account::{Account, AccountId, Contract, ContractId, ContractStatus};
use changeover::domain::account::{Debit, HeldLine, LinePlace, Period};
use changeover::domain::catalog::{Interval, ItemId, LineKey, Playbook, Recurring, Selection, Service};
use changeover::domain::change::{
    ChangeId, Deal, Decline, Drift, DriftCause, HoldingChange, Means, NextAction, OpenInvoice, Payment,
    PaymentMethod, Quote, QuoteId, QuoteLine, Stage,
};
use changeover::domain::change::{Confirmation, Consent};
use changeover::domain::language::Language;
use changeover::domain::money::Money;
use changeover::engine::ChangeView;
use changeover::ports::store::ChangeRow;
use changeover::web::api::views::{CatalogView, ChangeBody, ContractBody, Reader};
use changeover::workflow::Workflow;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

fn clint() -> Playbook {
    let text = include_str!("../../workflows/clint.toml");
    Workflow::parse("clint.toml", text)
        .expect("a workflow file")
        .playbook
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn brl(amount: i64) -> Money {
    Money::new(amount, "BRL".parse().expect("known"))
}

fn device() -> LineKey {
    LineKey::Item("device".parse().expect("an item"))
}

fn account() -> Account {
    Account {
        id: AccountId(Uuid::from_u128(1)),
        seller: "clint".parse().expect("a seller"),
        email: "ana@padaria.example".to_owned(),
        name: "Padaria da Ana".to_owned(),
        language: Language::PtBr,
        created_at: at("2025-06-10T12:00:00Z"),
        provider_customer: Some("cus_1".to_owned()),
    }
}

/// Growth, paid in another way, and five devices on the card.
fn contract(playbook: &Playbook) -> Contract {
    let selection = selection(5);
    let target = playbook.catalog.resolve(&selection, None).expect("a selection");
    let period = Period {
        interval: Interval::MONTH,
        start: at("2026-02-10T03:00:00Z"),
        end: at("2026-03-10T03:00:00Z"),
    };
    let lines = target.into_iter().map(|line| {
        let outside = line.key == LineKey::Plan;
        let item = "si_1".to_owned();
        HeldLine {
            outside: None,
            place: if outside {
                LinePlace::Outside
            } else {
                LinePlace::Provider { item }
            },
            debit: (!outside).then(|| Debit {
                amount: brl(5 * 9700),
                from: period.start,
                until: period.end,
            }),
            key: line.key,
            price_ref: line.price_ref,
            price: line.price,
            quantity: line.quantity,
        }
    });
    Contract {
        id: ContractId(Uuid::from_u128(2)),
        version: 3,
        account: account().id,
        seller: "clint".parse().expect("a seller"),
        plan: selection.plan.clone(),
        currency: selection.currency,
        lines: lines.collect(),
        options: std::collections::BTreeMap::new(),
        anchor_day: 10,
        periods: vec![period],
        subscription: Some("sub_1".to_owned()),
        status: ContractStatus::Active,
        responsible: None,
        created_at: at("2025-06-10T12:00:00Z"),
        client: None,
    }
}

fn selection(devices: u64) -> Selection {
    let device: ItemId = "device".parse().expect("an item");
    Selection {
        plan: "growth".parse().expect("a plan"),
        quantities: [(device, devices)].into(),
        options: std::collections::BTreeMap::new(),
        currency: "BRL".parse().expect("known"),
        interval: Interval::MONTH,
    }
}

fn quote(id: &str, charge: i64, tax: i64) -> Quote {
    let (from, until) = (at("2026-02-20T03:00:00Z"), at("2026-03-10T03:00:00Z"));
    let line = |quantity, amount| QuoteLine {
        key: Some(device()),
        quantity,
        amount: brl(amount),
        proration: true,
        from,
        until,
        outside: None,
        left_plan: None,
    };
    Quote {
        id: QuoteId(id.to_owned()),
        lines: vec![line(5, -31_179), line(8, charge)],
        subtotal: brl(charge - 31_179),
        tax: brl(tax),
        taxes: Vec::new(),
        balance_used: brl(0),
        carried: None,
        due_today: brl(charge - 31_179 + tax),
        recurring: vec![Recurring {
            interval: Interval::MONTH,
            amount: brl(8 * 9700),
            renews_at: until,
        }],
        period_end: Some(until),
        prorated_at: from,
        first_period: None,
        effective_at: None,
        releases: None,
        location_unknown: false,
        tax_rates: None,
        expires_at: at("2026-02-21T12:00:00Z"),
        targets: Vec::new(),
        held_method: None,
        holdings: vec![HoldingChange {
            key: device(),
            before: 5,
            after: 8,
            dropped: false,
        }],
    }
}

fn shown(stage: Stage) -> Value {
    let playbook = clint();
    let contract = contract(&playbook);
    let id = ChangeId(Uuid::from_u128(0x0199_1f2e_7c00_7000_8000_0000_0000_0007));
    let now = at("2026-02-20T12:00:00Z");
    let view = ChangeView {
        change: ChangeRow {
            id,
            reference: id.reference(),
            seller: contract.seller.clone(),
            account: contract.account,
            contract: contract.id,
            workflow: playbook.version.clone(),
            version: 4,
            stage: Vec::new(),
            stage_name: stage.full_name(),
            machine_version: 1,
            open: !stage.is_terminal(),
            entered_at: now,
            asked: 0,
            last_asked: None,
            reminded: 0,
            concern_at: None,
            invoice: None,
            payment_intent: None,
            return_url: Some("https://app.clint.example/plans".to_owned()),
            cancel_url: None,
            succeeds: None,
            created_at: now,
            updated_at: now,
            journal_head: [0; 32],
        },
        next_action: NextAction::of(&stage),
        stage,
        stuck: Vec::new(),
        playbook: Arc::new(playbook),
        account: account(),
        contract,
        now,
        successor: None,
    };
    serde_json::to_value(ChangeBody::of(&view)).expect("a view")
}

fn deal() -> Deal {
    Deal {
        selection: selection(8),
        quote: quote("q_new", 49_886, 100),
    }
}

#[test]
fn a_customer_can_edit_the_held_plan_alone_and_reads_why() {
    let playbook = clint();
    let contract = contract(&playbook);
    let reader = Reader::new(&playbook, Some(Language::PtBr));
    let service = Service {
        since: contract.created_at,
        now: at("2026-02-20T12:00:00Z"),
        time_zone: &playbook.seller.time_zone,
    };
    let catalog = serde_json::to_value(CatalogView::of(reader, Some((&contract, &service)))).expect("a view");
    for plan in catalog["plans"].as_array().expect("plans") {
        let held = plan["id"] == "growth";
        assert_eq!(plan["held"], held, "{plan}");
        assert_eq!(plan["editable"], held, "{plan}");
        assert_eq!(plan["why_not"].is_string(), !held, "{plan}");
    }
    let start = &catalog["plans"][0];
    assert!(
        start["why_not"]
            .as_str()
            .expect("a sentence")
            .contains("fale com o nosso suporte")
    );
    let device = &catalog["plans"][1]["items"][0];
    assert_eq!(device["held"], 5);
    assert_eq!(device["prices"][0]["unit"]["text"], "R$\u{a0}97,00");
    assert_eq!(device["quantities"]["max"], 100);
    let note = catalog["payment_methods"][0]["note"].as_str().expect("a note");
    assert!(note.contains("mensal"), "{note}");
    assert_eq!(catalog["support"]["email"], "suporte@clint.example");
}

#[test]
fn without_a_contract_nothing_is_held_and_every_plan_can_be_chosen() {
    let playbook = clint();
    let catalog = serde_json::to_value(CatalogView::of(Reader::new(&playbook, None), None)).expect("a view");
    assert_eq!(catalog["language"], "pt-BR");
    for plan in catalog["plans"].as_array().expect("plans") {
        assert_eq!(
            (&plan["held"], &plan["editable"]),
            (&Value::Bool(false), &Value::Bool(true))
        );
    }
}

#[test]
fn a_contract_tells_what_can_be_edited() {
    let playbook = clint();
    let reader = Reader::new(&playbook, Some(Language::PtBr));
    let body = ContractBody::of(reader, &contract(&playbook), Some(ChangeId(Uuid::from_u128(7))));
    insta::assert_json_snapshot!(body);
}

#[test]
fn a_quote_that_was_made_again_shows_line_by_line_what_differs() {
    let drift = Drift {
        replaced: quote("q_old", 50_443, 0),
        why: DriftCause::AmountsMoved,
    };
    insta::assert_json_snapshot!(shown(Stage::QuoteReady {
        deal: deal(),
        billing_given: false,
        drift: Some(Box::new(drift)),
    }));
}

#[test]
fn a_refused_card_comes_with_the_checklist_and_the_card_that_it_was() {
    let payment = Payment {
        deal: deal(),
        method: Some(Means::Card(PaymentMethod {
            id: "pm_1".to_owned(),
            brand: "visa".to_owned(),
            last4: "0002".to_owned(),
            exp_month: 12,
            exp_year: 2030,
        })),
        confirmation: Confirmation {
            seen: brl(18_807),
            consent: Consent {
                terms_version: "2026-01".to_owned(),
                at: at("2026-02-20T12:00:00Z"),
            },
        },
        customer: "cus_1".to_owned(),
        subscription: Some("sub_1".to_owned()),
        method_set: None,
        subscription_made: false,
        tax_rates_set: None,
        never_happened: 0,
        released: None,
    };
    let invoice = OpenInvoice {
        id: "in_1".to_owned(),
        amount_due: brl(18_807),
        hosted_url: None,
        held_until: None,
    };
    let body = shown(Stage::Declined {
        payment,
        invoice,
        reason: Decline::InsufficientFunds,
    });
    assert_eq!(
        (&body["stage"], &body["sub_stage"]),
        (&"payment_confirm".into(), &"declined".into())
    );
    assert_eq!(body["payment_method"]["text"], "visa •••• 0002");
    assert_eq!(body["billing_given"], true);
    let next = &body["next_action"];
    assert_eq!(next["type"], "choose_payment_method");
    assert_eq!(next["request"]["method"], "PUT");
    assert_eq!(next["declined"]["code"], "insufficient_funds");
    assert_eq!(next["declined"]["checklist"].as_array().map(Vec::len), Some(5));
}

#[test]
fn no_view_of_a_change_holds_personal_data() {
    let stages = [
        Stage::Draft {
            selection: selection(8),
            problem: None,
        },
        Stage::BillingInfo {
            deal: deal(),
            problem: None,
        },
    ];
    for stage in stages {
        let body = shown(stage).to_string();
        assert!(!body.contains("ana@") && !body.contains("Padaria"), "{body}");
    }
}
