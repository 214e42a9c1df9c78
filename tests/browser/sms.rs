//! The SMS add-on of ActiveCampaign: added to the plan, then more credits every month.

use super::house::Front;

/// From the product to its billing page, in Portuguese.
async fn goes_to_billing(front: &Front, who: &str, name: &str) {
    front
        .goes_to(&format!("/sample/activecampaign/?who={who}&lang=pt-BR"))
        .await;
    front.browser.presses(name).await;
    front.browser.presses("Cobrança e upgrade").await;
    front.browser.is_at("Seu plano").await;
}

#[tokio::test]
async fn s0_s4_s5_s6_s7_s8_the_add_on_is_bought_and_then_more_credits() {
    let front = Front::open("sms-credits").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    browser.presses("Completar a sua oferta").await;
    browser.presses("Países de envio e créditos").await;
    browser.sees("Brasil").await;
    browser.sees("Registro A2P 10DLC").await;
    browser.presses("Complemento de SMS").await;
    browser.sees_in("live", "omplemento de SMS").await;
    browser.is_a_good_page("the add-ons").await;
    browser.presses("Continuar").await;
    browser.is_at("Revise a compra").await;
    browser.presses("Continuar").await;
    browser
        .fills_all(&[
            ("Razão social", "Atelier Lumière SARL"),
            ("E-mail fiscal", "compta@atelier-lumiere.example"),
            ("Rua e número", "12 rue des Lilas"),
            ("CEP", "75011"),
            ("Cidade", "Paris"),
        ])
        .await;
    browser.presses("Continuar").await;
    browser.sees("Como você quer pagar?").await;
    let shown = browser.due().await;
    browser.presses("Confirmar a compra").await;
    browser.is_at("Pronto").await;
    browser.sees("Registre o seu remetente").await;
    browser.is_a_good_page("the next step").await;
    browser.presses("Voltar à cobrança").await;
    browser.sees("Bastidores").await;
    assert_eq!(front.the_one_charge(before).await, shown);
    let mail = front.mail("changement de forfait est effectué").await;
    assert!(mail["text"].to_string().contains("configurez le SMS"), "{mail}");

    let before = front.charges().await.len();
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    assert_eq!(browser.number("#credits-sms").await, 1000);
    browser.is_a_good_page("the credits at the top").await;
    browser.presses("Editar créditos").await;
    for _ in 0..2 {
        browser.presses("Mais pacotes de créditos de SMS").await;
    }
    browser.sees_in("live", "agora 0, serão 2").await;
    browser.sees_in("live", "Hoje, cerca de").await;
    browser.presses("Continuar").await;
    browser.is_at("Revise a compra").await;
    let shown = browser.due().await;
    browser.presses("Confirmar a compra").await;
    browser.is_at("Pronto").await;
    goes_to_billing(&front, "plus", "Atelier Lumière").await;
    assert_eq!(browser.number("#credits-sms").await, 2000);
    assert_eq!(front.the_one_charge(before).await, shown);
    front.close().await;
}

#[tokio::test]
async fn s1_on_starter_it_cannot_be_had_and_the_page_says_where() {
    let front = Front::open("sms-starter").await;
    let browser = &front.browser;
    goes_to_billing(&front, "starter", "Fleurs de Loire").await;
    browser.presses("Completar a sua oferta").await;
    browser
        .sees("Complemento de SMS está disponível em Plus, Pro, Enterprise")
        .await;
    let offered = "return document.querySelectorAll('[name=\"q.sms\"]').length";
    assert_eq!(browser.runs(offered, &[]).await, 0, "there is nothing to choose");
    front.close().await;
}
