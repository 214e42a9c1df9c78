//! What reaches a customer by mail while they wait or are away: the first mail tells what is waited for, and whoever goes on at
//! once is not written at all.

use changeover::mail::StoredMail;
use jiff::SignedDuration;

use super::travelling::ASKS_ALWAYS;
use super::{WORKS, renewals};
use crate::support::{Change, Clint, Customs, House};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The provider's card that can be kept, and is refused without a word when it is charged.
const REFUSED: &str = "4000000000000341";

async fn customer(house: &House, language: &'static str) -> Clint {
    let customs = Customs {
        language,
        ..Customs::default()
    };
    Clint::customer_like(house, customs).await
}

async fn subjects(house: &House) -> Vec<String> {
    house.mails().await.into_iter().map(|mail| mail.subject).collect()
}

/// The one mail that there is; it names the change and the support.
async fn the_mail(house: &House, change: &Change) -> StoredMail {
    let mut mails = house.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = mails.remove(0);
    assert!(mail.text.contains(&change.reference().await), "{}", mail.text);
    assert!(mail.text.contains("clint.example/suporte"), "{}", mail.text);
    mail
}

/// What stands on the screen is not mailed as well.
async fn nothing_is_mailed(house: &House) {
    assert_eq!(
        subjects(house).await,
        Vec::<String>::new(),
        "it stands on the screen"
    );
}

/// Each part stands in the text, after the one before it.
fn says_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("`{part}` is missing or out of order:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

#[tokio::test]
async fn a_quote_that_waits_is_mailed_once_with_what_is_due_and_then_only_reminded_of() {
    let mut house = House::open().await;
    let clint = customer(&house, "es").await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    nothing_is_mailed(&house).await;
    house.pass(DAY).await;
    let mail = the_mail(&house, &change).await;
    assert_eq!(mail.subject, "Su presupuesto está listo");
    let quote = change.quote().await;
    says_in_order(
        &mail.text,
        &[
            "A pagar hoy",
            "255,01",
            "En cada renovación",
            "Próxima renovación",
            "10 de abril de 2026",
        ],
    );
    assert_eq!(quote["due_today"]["amount"], 25501);
    house.pass(DAY * 2).await;
    let mut told = subjects(&house).await;
    told.sort();
    assert_eq!(
        told,
        ["Su cambio de plan sigue pendiente", "Su presupuesto está listo"]
    );
    change.cancels().await.expect("cancelling");
    house.close().await;
}

#[tokio::test]
async fn z7_a_refused_card_is_mailed_with_the_checklist_in_its_order_unless_the_customer_goes_on() {
    let checklist = [
        "se o número do cartão está correto",
        "se a validade está correta e não passou",
        "se o código de segurança está correto",
        "se o cartão está habilitado para compras on-line",
        "se o saldo ou o limite é suficiente",
        "fale com o banco ou a empresa que emitiu o cartão",
    ];
    let mut house = House::open().await;
    let clint = customer(&house, "pt-BR").await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), REFUSED)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    nothing_is_mailed(&house).await;
    house.pass(HOUR).await;
    let mail = the_mail(&house, &change).await;
    assert_eq!(mail.subject, "O pagamento não foi aprovado");
    // The bank gave no reason, and none is invented.
    says_in_order(&mail.text, &["O seu banco não aprovou o pagamento.", "255,01"]);
    says_in_order(&mail.text, &checklist);
    house.pass(HOUR * 12).await;
    assert_eq!(house.mails().await.len(), 1, "not the same again");
    change.cancels().await.expect("cancelling");
    house.settle().await;
    house.close().await;

    // Whoever chooses another card at once has read it on the screen, and hears of the end alone.
    let mut house = House::open().await;
    let clint = customer(&house, "pt-BR").await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), REFUSED)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    pays_with_another_card(&mut house, &change).await;
    house.pass(HOUR).await;
    assert_eq!(subjects(&house).await, ["A sua mudança de plano foi concluída"]);
    house.close().await;
}

async fn pays_with_another_card(house: &mut House, change: &Change) {
    let setup = change.begins_a_card().await;
    house.provider.give_card(&setup, WORKS).await;
    let chosen = serde_json::json!({ "setup": setup["setup"] });
    change.put("payment-method", chosen).await.expect("a card");
    house.settle().await;
    if change.stage().await != "active" {
        change.confirms().await.expect("a confirmation");
        house.settle().await;
    }
    assert_eq!(change.stage().await, "active");
}

#[tokio::test]
async fn what_the_bank_asks_is_mailed_to_whoever_has_left() {
    let mut house = House::open().await;
    let clint = customer(&house, "fr").await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), ASKS_ALWAYS)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.action_required");
    nothing_is_mailed(&house).await;
    house.pass(HOUR).await;
    let mail = the_mail(&house, &change).await;
    assert_eq!(mail.subject, "Confirmez le paiement auprès de votre banque");
    says_in_order(
        &mail.text,
        &["Montant\u{a0}: 255,01", "À confirmer au plus tard le"],
    );
    change.cancels().await.expect("cancelling");
    house.settle().await;
    house.close().await;
}

#[tokio::test]
async fn what_somebody_else_does_to_a_contract_is_mailed_and_leaves_as_an_event() {
    let mut house = House::open().await;
    let clint = customer(&house, "en").await;
    clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    house.pass(HOUR).await;
    let before = house.mails().await.len();

    let items = house.provider.subscription(&clint.subscription).await["items"]["data"].clone();
    let device = items
        .as_array()
        .expect("items")
        .iter()
        .find(|item| item["quantity"] == 5)
        .expect("the devices");
    let (id, price) = (
        device["id"].as_str().expect("an id"),
        device["price"]["id"].as_str().expect("a price"),
    );
    let fields = [
        ("items[0][id]", id),
        ("items[0][price]", price),
        ("items[0][quantity]", "4"),
        ("proration_behavior", "none"),
    ];
    house.provider.edits(&clint.subscription, &fields).await;
    house.pass(DAY).await;
    let mails = house.mails().await;
    let told: Vec<_> = mails
        .iter()
        .filter(|mail| mail.subject == "Your plan was changed")
        .collect();
    let [mail] = told.as_slice() else {
        panic!("one mail: {mails:?}");
    };
    assert_eq!(mails.len(), before + 1);
    says_in_order(
        &mail.text,
        &[
            "Plan: Growth",
            "devices: now 4 (before: 5, -1)",
            "user seats: 8 (unchanged)",
        ],
    );
    assert!(
        !mail.text.contains("Reference"),
        "it belongs to no change: {}",
        mail.text
    );

    house
        .provider
        .edits(&clint.subscription, &[("cancel_at_period_end", "true")])
        .await;
    house.pass(DAY).await;
    house
        .provider
        .edits(&clint.subscription, &[("cancel_at_period_end", "false")])
        .await;
    house.pass(DAY).await;
    house.provider.ends(&clint.subscription).await;
    house.pass(DAY).await;
    let told: Vec<String> = subjects(&house).await.into_iter().collect();
    for subject in [
        "Your contract will end",
        "Your contract goes on",
        "Your contract has ended",
    ] {
        let copies = told.iter().filter(|one| *one == subject).count();
        assert_eq!(copies, 1, "{subject}: {told:?}");
    }
    assert!(renewals::seen(&house, &clint).await.contains(&"ended".to_owned()));

    let feed = house.backend.get("/v1/events?limit=200").await;
    let events = feed["data"].as_array().expect("events").iter();
    let of_the_contract: Vec<_> = events
        .map(|entry| &entry["event"])
        .filter(|event| event["data"]["contract"] == clint.contract && event["data"].get("change").is_none())
        .map(|event| event["type"].as_str().expect("a type"))
        .collect();
    assert_eq!(
        of_the_contract,
        [
            "entitlements.changed",
            "contract.changed_elsewhere",
            "contract.ending",
            "contract.continues",
            "entitlements.changed",
            "contract.ended"
        ]
    );
    house.close().await;
}
