//! Paying where something comes in between: the bank's question, a refused card, a second tab.

use super::clint::{comes_to_the_plans, gives_billing_data};
use super::house::Front;
use super::person::{ASKS, REFUSED_LATER, WORKS};

/// A customer of Clint at the page with the last button, with one more user: then there are six, and three that the plan includes.
pub async fn comes_to_the_payment(front: &Front) {
    let browser = &front.browser;
    front.goes_to("/sample/clint/?who=growth").await;
    comes_to_the_plans(front).await;
    browser.presses("Editar plano").await;
    browser.is_at("Dispositivos e usuários").await;
    browser.presses("Mais usuários").await;
    browser.sees_in("live", "agora 5, serão 6").await;
    browser.presses("Continuar").await;
    gives_billing_data(browser).await;
    browser.presses("Continuar").await;
    browser.is_at("Pagamento").await;
}

/// Chooses a new card, and gives it.
pub async fn gives_a_new_card(browser: &super::driver::Browser, number: &str) {
    browser.presses("Um novo cartão").await;
    browser.gives_card(number).await;
}

/// The product has the new seats, and there is one charge since then, of what was shown, with one mail.
pub async fn is_back_with_one_charge(front: &Front, before: usize, shown: u64) {
    front.browser.presses("Voltar ao Clint").await;
    assert_eq!(front.browser.number("#count-user-seat .count").await, 9);
    assert_eq!(front.the_one_charge(before).await, shown);
    front.mail("A sua mudança de plano foi concluída").await;
}

#[tokio::test]
async fn c4_the_bank_asks_about_a_new_card_and_about_the_payment() {
    let front = Front::open("paying-3ds").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    comes_to_the_payment(&front).await;
    let shown = browser.due().await;

    // Who says no to the bank is told so, and can say yes.
    gives_a_new_card(browser, ASKS).await;
    browser.presses("Atualizar plano").await;
    browser.is_at("Your bank asks").await;
    browser.presses("Fail").await;
    browser.is_at("Pagamento").await;
    browser.sees("não foi confirmado com o seu banco").await;
    browser
        .is_a_good_page("a card that its holder did not confirm")
        .await;
    gives_a_new_card(browser, ASKS).await;
    browser.presses("Atualizar plano").await;
    browser.is_at("Your bank asks").await;
    browser.is_a_good_page("the bank's question").await;
    browser.presses("Approve").await;
    browser.is_at("Pagamento").await;
    browser.sees("O seu novo cartão foi adicionado").await;
    assert_eq!(
        front.charges().await.len(),
        before,
        "nothing before the last button"
    );
    browser.presses("Atualizar plano").await;
    browser.is_at("Confirme com o seu banco").await;
    browser.is_a_good_page("the way to the bank").await;
    browser.presses("Ir para o banco").await;
    browser.is_at("Your bank asks").await;
    browser.presses("Approve").await;
    browser.is_at("Plano atualizado").await;
    is_back_with_one_charge(&front, before, shown).await;
    front.close().await;
}

#[tokio::test]
async fn z7_a_refused_card_says_what_to_check_and_another_one_pays() {
    let front = Front::open("paying-refused").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    comes_to_the_payment(&front).await;
    let shown = browser.due().await;
    gives_a_new_card(browser, REFUSED_LATER).await;
    browser.presses("Atualizar plano").await;
    browser.is_at("O pagamento não foi aprovado").await;
    browser.sees("1. se o número do cartão está correto").await;
    browser.is_a_good_page("a refused card").await;
    assert_eq!(front.charges().await.len(), before, "nothing was charged");
    gives_a_new_card(browser, WORKS).await;
    browser.presses("Pagar com este cartão").await;
    browser.is_at("Plano atualizado").await;
    is_back_with_one_charge(&front, before, shown).await;
    front.close().await;
}

#[tokio::test]
async fn c4_two_tabs_that_confirm_at_once_charge_once_and_both_see_it() {
    let front = Front::open("paying-tabs").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    comes_to_the_payment(&front).await;
    let (first, address) = (browser.tab().await, browser.address().await);
    let second = browser.opens_tab().await;
    browser.goes_to(&address).await;
    browser.is_at("Pagamento").await;
    let shown = browser.due().await;

    // Neither waits for the other's answer.
    let press =
        "const last = document.querySelector('form[data-pay] button.main'); setTimeout(() => last.click());";
    for tab in [&second, &first] {
        browser.looks_at(tab).await;
        browser.runs(press, &[]).await;
    }
    for tab in [&first, &second] {
        browser.looks_at(tab).await;
        browser.is_at("Plano atualizado").await;
        browser.sees("Cobrado").await;
    }
    is_back_with_one_charge(&front, before, shown).await;

    // What the other tab still offers is over, and it says so instead of doing it again.
    browser.looks_at(&first).await;
    browser.runs("history.back()", &[]).await;
    browser.goes_to(&address).await;
    browser.is_at("Plano atualizado").await;
    assert_eq!(front.the_one_charge(before).await, shown);
    front.close().await;
}
