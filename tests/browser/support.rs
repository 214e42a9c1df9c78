//! The seller's support in the console: a request to go down is answered, a stuck change is freed.

use serde_json::json;

use super::activecampaign::goes_to_billing;
use super::driver::{Browser, Tab};
use super::house::Front;
use super::paying::{comes_to_the_payment, is_back_with_one_charge};

/// Somebody of support comes to work, in a tab of their own.
async fn comes_to_work(front: &Front) -> Tab {
    let browser = &front.browser;
    let tab = browser.opens_tab().await;
    front.goes_to("/console").await;
    browser.is_at("Sign in").await;
    let (name, password) = front.staff();
    browser
        .fills_all(&[("Name", &name), ("Password", &password)])
        .await;
    browser.presses("Sign in").await;
    browser.is_at("Inbox").await;
    tab
}

/// Does what was told before, for a reason; without one the browser itself does not go on.
async fn does_it(browser: &Browser, reason: &str, button: &str) {
    browser.presses_button(button).await;
    let missing = "return document.querySelector('[name=reason]').validity.valueMissing";
    assert_eq!(browser.runs(missing, &[]).await, true, "a reason is required");
    browser.fills("Why", reason).await;
    browser.presses_button(button).await;
}

#[tokio::test]
async fn a9_a_request_to_go_down_gets_a_number_and_an_answer_by_mail() {
    let front = Front::open("support-ticket").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Nous contacter").await;
    browser.is_at("Nous contacter").await;
    browser.is_a_good_page("the way to support").await;
    browser.presses("Demander moins contacts").await;
    browser.fills("contacts", "1000").await;
    browser.sees_in("live", "Cela passe par une demande").await;
    browser.presses("Continuer").await;
    browser.is_at("Nous contacter").await;
    browser.chooses("Motif", "Nous avons").await;
    browser.is_a_good_page("the form").await;
    browser.presses("Envoyer la demande").await;
    browser.is_at("Votre demande").await;
    browser.is_a_good_page("the request").await;
    let number = browser.reads("dd.strong").await;
    assert!(number.starts_with("CH-"), "{number}");
    front.mail(&format!("reçu votre demande {number}")).await;
    browser.presses("Retour à la facturation").await;
    assert_eq!(browser.number("#count-contacts .count").await, 2500);
    let customer = browser.tab().await;

    let support = comes_to_work(&front).await;
    browser.sees(&number).await;
    browser.is_a_good_page("the inbox").await;
    browser.presses(&format!("Answer… for {number}")).await;
    browser.sees("Nous avons moins de contacts").await;
    browser.is_a_good_page("a request in the console").await;
    browser
        .fills("Write something", "Bien reçu, nous le faisons.")
        .await;
    browser.presses_button("Write").await;
    let mail = front.mail(&format!("Réponse à votre demande {number}")).await;
    assert!(mail["text"].to_string().contains("Bien reçu"), "{mail}");
    browser.presses("Apply now").await;
    browser.sees("It charges nothing").await;
    browser.is_a_good_page("an answer before it is given").await;
    does_it(browser, "They asked, and it fits.", "Apply now").await;
    browser.sees("Done:").await;
    front.mail("changement de forfait est effectué").await;
    assert_ne!(support, customer);

    browser.looks_at(&customer).await;
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Retour à ActiveCampaign").await;
    assert_eq!(browser.number("#count-contacts .count").await, 1000);
    assert_eq!(front.charges().await.len(), before, "nothing was charged");
    front.close().await;
}

#[tokio::test]
async fn a_stuck_change_is_freed_in_the_console_and_the_customer_gets_it() {
    let front = Front::open("support-stuck").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    comes_to_the_payment(&front).await;
    let (customer, shown) = (browser.tab().await, browser.due().await);
    let broken =
        json!({ "method": "POST", "path": "/v1/subscriptions/*", "times": 0, "action": "error_500_before" });
    front.provider_fails(Some(&broken)).await;
    browser.presses("Atualizar plano").await;
    browser.is_at("O seu pagamento está a caminho").await;
    browser.sees("Está demorando mais do que deveria").await;
    browser.is_a_good_page("a change that is stuck").await;

    let support = comes_to_work(&front).await;
    browser.sees("The provider refused the charge as such").await;
    front.provider_fails(None).await;
    browser.presses("Try again now…").await;
    browser.sees("If you confirm, this").await;
    browser
        .sees("which the customer has confirmed, and not a cent more")
        .await;
    browser.is_a_good_page("what would be done").await;
    assert_eq!(front.charges().await.len(), before, "nothing was done");
    does_it(browser, "Stripe is well again", "Try again now").await;
    browser.sees("is in the history, with your name and reason").await;
    browser.is_a_good_page("the change in the console").await;

    browser.looks_at(&customer).await;
    browser.is_at("Plano atualizado").await;
    is_back_with_one_charge(&front, before, shown).await;

    browser.looks_at(&support).await;
    browser.presses("Audit").await;
    browser.sees("Stripe is well again").await;
    browser.is_a_good_page("the audit").await;
    front.close().await;
}
