//! Clint: from the product to more devices and users, and back to the new counts.

use super::driver::{Browser, Key};
use super::house::Front;

/// What people read as an amount of reais, in centavos: `R$ 206,22`.
fn centavos(text: &str) -> i64 {
    let at = text
        .rfind("R$")
        .unwrap_or_else(|| panic!("no amount in `{text}`"));
    let digits: String = text[at..].chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("an amount")
}

/// The product, at the plans, as the account's owner.
async fn comes_to_the_plans(front: &Front) {
    let browser = &front.browser;
    browser.presses("Menu").await;
    browser.presses("Conta").await;
    browser.presses("Alterar plano").await;
    browser.sees("Editar plano").await;
}

/// What the one charge since then came to.
async fn the_one_charge(front: &Front, before: usize) -> i64 {
    let charges = front.charges().await;
    let [one] = &charges[before..] else {
        panic!("not one charge: {:?}", &charges[before..])
    };
    one["amount"].as_i64().expect("an amount")
}

/// What invoices and notas fiscais need.
async fn gives_billing_data(browser: &Browser) {
    browser.is_at("Dados de cobrança").await;
    for (label, value) in [
        ("Razão social", "Padaria Luz Ltda"),
        ("CNPJ", "11.222.333/0001-81"),
        ("E-mail fiscal", "fiscal@padaria-luz.example"),
        ("Rua e número", "Rua das Flores 10"),
        ("Cidade", "São Paulo"),
        ("Estado", "SP"),
        ("CEP", "01310-100"),
    ] {
        browser.fills(label, value).await;
    }
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
    let shown = centavos(&browser.reads(".amounts .sum td").await);
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

    assert_eq!(the_one_charge(&front, before).await, shown);
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
    let shown = centavos(&browser.reads(".amounts .sum td").await);
    browser.key(Key::Enter).await;
    browser.is_at("Plano atualizado").await;
    browser.tabs_to("Voltar ao Clint").await;
    browser.key(Key::Enter).await;
    browser.sees("Padaria Luz").await;
    assert_eq!(browser.number("#count-device .count").await, devices + 2);
    assert_eq!(the_one_charge(&front, before).await, shown);
    front.close().await;
}
