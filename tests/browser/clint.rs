//! Clint: from the product to more devices and users, and back to the new counts.

use super::driver::{Browser, Key};
use super::house::Front;
use super::person::BRAZILIAN;

/// The product, at the plans, as the account's owner.
pub async fn comes_to_the_plans(front: &Front) {
    let browser = &front.browser;
    browser.presses("Menu").await;
    browser.presses("Conta").await;
    browser.presses("Alterar plano").await;
    browser.sees("Editar plano").await;
}

/// What invoices and notas fiscais need.
pub async fn gives_billing_data(browser: &Browser) {
    browser.is_at("Dados de cobrança").await;
    browser.fills_all(&BRAZILIAN).await;
}

#[tokio::test]
async fn c2_c3_c4_c7_c8_a_customer_adds_devices_and_users_and_the_product_has_them() {
    let front = Front::open("clint").await;
    let browser = &front.browser;
    front.goes_to("/").await;
    browser.is_a_good_page("the first page").await;
    browser.presses("Clint").await;
    let devices = browser.number("#count-device .count").await;
    let seats = browser.number("#count-user-seat .count").await;
    browser.is_a_good_page("the product").await;
    let before = front.charges().await.len();

    comes_to_the_plans(&front).await;
    browser.is_a_good_page("the plans").await;
    browser.presses("Editar plano").await;
    browser.is_at("Dispositivos e usuários").await;
    for (more, times) in [("Mais dispositivos", 2), ("Mais usuários", 3)] {
        for _ in 0..times {
            browser.presses(more).await;
        }
    }
    browser.sees_in("live", "agora 3, serão 5").await;
    browser.sees_in("live", "agora 5, serão 8").await;
    browser.is_a_good_page("the quantities").await;
    browser.presses("Continuar").await;

    gives_billing_data(browser).await;
    browser.is_a_good_page("the billing data").await;
    browser.presses("Continuar").await;

    browser.is_at("Pagamento").await;
    browser.is_a_good_page("the payment").await;
    let shown = browser.due().await;
    browser.presses("Atualizar plano").await;

    browser.is_at("Plano atualizado").await;
    browser.is_a_good_page("success").await;
    browser.presses("Voltar ao Clint").await;
    assert_eq!(browser.number("#count-device .count").await, devices + 2);
    assert_eq!(browser.number("#count-user-seat .count").await, seats + 3);

    let contract = front.sample("clint")["contract"].clone();
    let path = format!("/v1/contracts/{}/entitlements", contract.as_str().expect("an id"));
    let entitled = front.asks("clint", &path).await;
    assert_eq!(entitled["items"][0]["quantity"], devices + 2, "{entitled}");

    assert_eq!(front.the_one_charge(before).await, shown);
    let reference = browser.reads("#last code").await;
    let mail = front.mail("A sua mudança de plano foi concluída").await;
    assert!(
        mail["text"].as_str().expect("a text").contains(&reference),
        "{mail}"
    );

    browser.presses("Emitir a nota fiscal").await;
    browser.sees("A nota fiscal foi emitida").await;
    front.mail("nota fiscal").await;
    front.close().await;
}

#[tokio::test]
async fn c1_c2_whoever_may_not_sees_why_and_who_can() {
    let front = Front::open("clint-role").await;
    let browser = &front.browser;
    front.goes_to("/sample/clint/").await;
    let before = front.charges().await.len();
    browser.presses("administrador").await;
    comes_to_the_plans_without_the_button(&front).await;
    browser.sees("proprietário da conta").await;
    browser.is_a_good_page("the plans of somebody who may not").await;
    let buttons = browser
        .runs(
            "return document.querySelectorAll('main a.button[href*=choose]').length",
            &[],
        )
        .await;
    assert_eq!(buttons, 0, "there is nothing to press");
    // The direct link to the next page is no way around it.
    let address = browser.address().await.replace("/plans", "/choose");
    browser.goes_to(&address).await;
    browser.sees("proprietário da conta").await;
    assert_eq!(front.charges().await.len(), before, "nothing was charged");
    front.close().await;
}

async fn comes_to_the_plans_without_the_button(front: &Front) {
    let browser = &front.browser;
    browser.presses("Menu").await;
    browser.presses("Conta").await;
    browser.presses("Alterar plano").await;
    browser.sees("Growth").await;
}

#[tokio::test]
async fn c4_c7_the_same_journey_goes_without_a_mouse() {
    let front = Front::open("clint-keys").await;
    let browser = &front.browser;
    front.goes_to("/sample/clint/").await;
    let devices = browser.number("#count-device .count").await;
    let before = front.charges().await.len();
    for menu in ["Menu", "Conta"] {
        browser.tabs_to(menu).await;
        browser.key(Key::Enter).await;
    }
    browser.tabs_to("Alterar plano").await;
    browser.key(Key::Enter).await;
    browser.sees("Editar plano").await;
    browser.tabs_to("Editar plano").await;
    browser.key(Key::Enter).await;
    browser.is_at("Dispositivos e usuários").await;
    browser.tabs_to("Mais dispositivos").await;
    browser.key(Key::Space).await;
    browser.key(Key::Space).await;
    browser.sees_in("live", "agora 3, serão 5").await;
    browser.tabs_to("Continuar").await;
    browser.key(Key::Enter).await;
    gives_billing_data(browser).await;
    browser.tabs_to("Continuar").await;
    browser.key(Key::Enter).await;
    browser.is_at("Pagamento").await;
    browser.tabs_to("Atualizar plano").await;
    let shown = browser.due().await;
    browser.key(Key::Enter).await;
    browser.is_at("Plano atualizado").await;
    browser.tabs_to("Voltar ao Clint").await;
    browser.key(Key::Enter).await;
    browser.sees("Padaria Luz").await;
    assert_eq!(browser.number("#count-device .count").await, devices + 2);
    assert_eq!(front.the_one_charge(before).await, shown);
    front.close().await;
}
