//! ActiveCampaign: from the billing page to more contacts, seats, another tier, and several things at once.

use super::driver::Browser;
use super::house::Front;

/// From the product to its billing page, as the primary admin of the account with this name.
pub async fn goes_to_billing(front: &Front, who: &str, name: &str) {
    front
        .goes_to(&format!("/sample/activecampaign/?who={who}&lang=fr"))
        .await;
    front.browser.presses(name).await;
    front.browser.presses("Facturation et mise à niveau").await;
    front.browser.is_at("Votre offre").await;
}

/// Billing data on the way of the first purchase: after it they are on file, and nobody is asked again.
async fn gives_billing_data(browser: &Browser) {
    browser.presses("Continuer").await;
    browser
        .fills_all(&[
            ("Raison sociale", "Atelier Lumière SARL"),
            ("E-mail de facturation", "compta@atelier-lumiere.example"),
            ("Rue et numéro", "12 rue des Lilas"),
            ("Code postal", "75011"),
            ("Ville", "Paris"),
        ])
        .await;
    browser.is_a_good_page("the billing data").await;
    browser.presses("Continuer").await;
    browser.sees("Comment souhaitez-vous payer").await;
}

/// Confirms what the review shows, and is back in the product. Says what was shown.
async fn confirms(browser: &Browser) -> u64 {
    let shown = browser.due().await;
    browser.presses("Confirmer l’achat").await;
    browser.is_at("C’est fait").await;
    browser.presses("Retour à la facturation").await;
    browser.sees("En coulisses").await;
    shown
}

#[tokio::test]
async fn a1_a2_a3_a6_contacts_and_seats_are_bought_and_the_product_has_them() {
    let front = Front::open("ac-contacts").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Modifier contacts").await;
    browser.sees("Récapitulatif").await;
    browser.fills("contacts", "5000").await;
    browser.sees_in("live", "(+2").await;
    browser.is_a_good_page("the contact limit").await;
    browser.presses("Continuer").await;
    browser.is_at("Vérifiez l’achat").await;
    browser.sees("Dû aujourd’hui").await;
    browser.is_a_good_page("the quote").await;
    gives_billing_data(browser).await;
    browser.is_a_good_page("the review").await;
    let shown = confirms(browser).await;
    assert_eq!(browser.number("#count-contacts .count").await, 5000);
    assert_eq!(front.the_one_charge(before).await, shown);
    let reference = browser.reads("#last code").await;
    let mail = front.mail("changement de forfait est effectué").await;
    assert!(mail["text"].to_string().contains(&reference), "{mail}");

    // With everything on file, the review is the last page.
    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Modifier utilisateurs").await;
    for _ in 0..2 {
        browser.presses("Plus de utilisateurs").await;
    }
    browser.sees_in("live", "actuellement 1, ensuite 3").await;
    browser.presses("Continuer").await;
    browser.is_at("Vérifiez l’achat").await;
    let shown = confirms(browser).await;
    assert_eq!(browser.number("#count-seat .count").await, 4, "one is included");
    assert_eq!(front.the_one_charge(before).await, shown);
    front.close().await;
}

#[tokio::test]
async fn a4_a5_a7_a10_a_tier_an_add_on_and_a_bundle_are_each_one_change() {
    let front = Front::open("ac-tier").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Changer d’offre").await;
    browser.is_at("Offres").await;
    browser.presses("Choisir Pro").await;
    browser.sees_in("live", "Plus → Pro").await;
    browser.presses("Continuer").await;
    browser.is_at("Vérifiez l’achat").await;
    browser.sees("Plus → Pro").await;
    gives_billing_data(browser).await;
    assert_eq!(
        front.charges().await.len(),
        before,
        "nothing before the last button"
    );
    let shown = confirms(browser).await;
    assert_eq!(browser.reads("#plan").await, "Pro");
    assert_eq!(front.the_one_charge(before).await, shown);

    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Compléter votre offre").await;
    browser.presses("Rapports personnalisés").await;
    browser.sees_in("live", "apports personnalisés").await;
    browser.is_a_good_page("the add-ons").await;
    browser.presses("Continuer").await;
    browser.is_at("Vérifiez l’achat").await;
    let shown = confirms(browser).await;
    assert_eq!(front.the_one_charge(before).await, shown);

    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Compléter votre offre").await;
    browser.presses("Marketing + Ventes Pro").await;
    browser.sees_in("live", "Pro → Marketing + Ventes Pro").await;
    browser.presses("Plus de utilisateurs").await;
    browser.presses("Module SMS").await;
    browser.sees_in("live", "odule SMS").await;
    browser.presses("Continuer").await;
    browser.is_at("Vérifiez l’achat").await;
    browser.sees("Pro → Marketing + Ventes Pro").await;
    let shown = confirms(browser).await;
    assert_eq!(browser.reads("#plan").await, "Marketing + Ventes Pro");
    browser.sees("crédits SMS").await;
    assert_eq!(front.the_one_charge(before).await, shown);
    front.close().await;
}
