//! Zenvia: from the contract view to another plan and package, the wallet, the boleto, and a new customer.

use super::driver::Browser;
use super::house::Front;
use super::person::{BRAZILIAN, WORKS};

/// The product's settings, down to an entry of its menu of plans and contracts.
async fn goes_to_the_contract(browser: &Browser, entry: &str) {
    for menu in ["Configurações", "Planos e contratos", entry] {
        browser.presses(menu).await;
    }
}

/// From the chosen plan and package to the page with the last button.
async fn goes_on_to_the_payment(browser: &Browser) {
    browser.presses("Continuar").await;
    browser.is_at("Revise o seu contrato").await;
    browser.presses("Continuar").await;
    browser.is_at("Dados de cobrança").await;
    browser.fills_all(&BRAZILIAN).await;
    browser.presses("Continuar").await;
    browser.is_at("Forma de pagamento").await;
}

#[tokio::test]
async fn z1_z4_z6_z10_an_administrator_changes_plan_and_package_and_the_contract_shows_them() {
    let front = Front::open("zenvia-change").await;
    let browser = &front.browser;
    front.goes_to("/sample/zenvia/?who=settled&lang=pt-BR").await;
    let before = front.charges().await.len();

    goes_to_the_contract(browser, "Ver").await;
    browser.is_at("Seu plano").await;
    browser.sees("InteractionZ").await;
    browser.sees("Soledad Andes").await;
    browser.is_a_good_page("the contract").await;
    browser.presses("Mudar de plano").await;
    browser.is_at("Planos").await;
    browser.presses("Escolher Expert").await;
    browser.is_at("Plano e pacote de canais").await;
    browser.sees_in("live", "Specialist → Expert").await;

    // The channels go over to another package.
    browser.presses("Pacote M").await;
    browser.sees("Escolha para Pacote M").await;
    browser.sees_in("live", "pacote M").await;
    let channels = "return document.querySelectorAll('input[name^=\"o.package-m.\"]:checked').length";
    assert_eq!(browser.runs(channels, &[]).await, 2);
    browser.presses("RCS").await;
    browser.is_a_good_page("plan and package").await;
    browser.presses("Continuar").await;

    browser.is_at("Revise o seu contrato").await;
    browser.sees("Specialist → Expert").await;
    browser.sees("Specialist × 1").await;
    browser.is_a_good_page("the review").await;
    browser.presses("Continuar").await;
    browser.is_at("Dados de cobrança").await;
    browser.fills_all(&BRAZILIAN).await;
    browser.is_a_good_page("the billing data").await;
    browser.presses("Continuar").await;

    browser.is_at("Forma de pagamento").await;
    browser.sees("assim que o cartão for aprovado").await;
    browser.is_a_good_page("the payment").await;
    let shown = browser.due().await;
    browser.presses("Trocar de plano").await;
    browser.is_at("Seu novo plano está ativo").await;
    browser.is_a_good_page("success").await;
    browser.presses("Voltar a Planos e contratos").await;

    assert_eq!(browser.reads("#plan").await, "Expert");
    let reference = browser.reads("#last code").await;
    goes_to_the_contract(browser, "Ver").await;
    browser.is_at("Seu plano").await;
    browser.sees("Expert").await;
    browser.sees("pacote M").await;
    assert_eq!(front.the_one_charge(before).await, shown);
    let mail = front.mail("cambio de plan está hecho").await;
    assert!(mail["text"].to_string().contains(&reference), "{mail}");
    front.close().await;
}

#[tokio::test]
async fn z5_z7_a_bad_card_says_what_to_check_and_a_good_one_is_listed() {
    let front = Front::open("zenvia-wallet").await;
    let browser = &front.browser;
    front.goes_to("/sample/zenvia/?who=settled&lang=pt-BR").await;
    let before = front.charges().await.len();
    browser.presses("Configurações").await;
    browser.presses("Cartões").await;
    browser.is_at("Cartões").await;

    // The bank gives no reason that may be told: there is none, and the list.
    browser.gives_card("4000000000000002").await;
    browser.presses("Adicionar cartão").await;
    browser.sees("Não foi possível adicionar o cartão").await;
    let told = browser.reads("[data-refused]").await;
    let order = [
        "número",
        "validade",
        "código de segurança",
        "compras on-line",
        "saldo",
        "emitiu",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|word| told.find(word)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told}");
    assert!(!told.contains("vencido") && !told.contains("declined"), "{told}");
    browser.is_a_good_page("a card that cannot be added").await;

    // It gives one.
    browser.gives_card("4000000000000069").await;
    browser.presses("Adicionar cartão").await;
    browser.sees("O cartão está vencido").await;

    browser.gives_card(WORKS).await;
    browser.presses("Adicionar cartão").await;
    browser.sees("mastercard •••• 4444").await;
    browser.sees("12/2030").await;
    browser.sees("Ana Luz").await;
    browser.is_a_good_page("the cards").await;
    front.mail("Se agregó una tarjeta").await;
    assert_eq!(front.charges().await.len(), before, "nothing was charged");

    // The bank wants to ask its holder, and it is kept all the same.
    browser.gives_card(super::person::ASKS).await;
    browser.presses("Adicionar cartão").await;
    browser.is_at("Your bank asks").await;
    browser.presses("Fail").await;
    browser.sees("não foi confirmado com o seu banco").await;
    browser.gives_card(super::person::ASKS).await;
    browser.presses("Adicionar cartão").await;
    browser.is_at("Your bank asks").await;
    browser.presses("Approve").await;
    browser.sees("visa •••• 3155").await;
    front.close().await;
}

#[tokio::test]
async fn z8_z9_a_boleto_waits_for_its_date_and_is_paid_at_the_bank_from_the_financial_page() {
    let front = Front::open("zenvia-boleto").await;
    let browser = &front.browser;
    front.goes_to("/sample/zenvia/?who=young&lang=pt-BR").await;
    goes_to_the_contract(browser, "Alterar plano").await;
    browser.presses("Expert").await;
    browser.sees_in("live", "Specialist → Expert").await;
    goes_on_to_the_payment(browser).await;
    browser.sees("Disponível a partir de").await;
    let boleto = "return document.querySelector('input[name=pay][value=boleto]').disabled";
    assert_eq!(browser.runs(boleto, &[]).await, true, "not before its date");
    browser
        .is_a_good_page("the payment before the boleto's date")
        .await;

    front.goes_to("/sample/zenvia/?who=settled&lang=pt-BR").await;
    let before = front.charges().await.len();
    goes_to_the_contract(browser, "Alterar plano").await;
    browser.presses("Professional").await;
    browser.sees_in("live", "Specialist → Professional").await;
    goes_on_to_the_payment(browser).await;
    let shown = browser.due().await;
    browser.presses("Boleto").await;
    browser.presses("Trocar de plano").await;
    browser.is_at("Seu boleto").await;
    browser.is_a_good_page("the boleto").await;
    let (code, change) = (browser.reads("#voucher-code").await, browser.address().await);
    front.mail("Su boleto está listo").await;

    browser.presses("Voltar para Zenvia").await;
    assert_eq!(browser.reads("#plan").await, "Specialist", "not before the money");
    browser.presses("Configurações").await;
    browser.presses("Financeiro").await;
    browser.is_at("Faturas").await;
    browser.sees(&code).await;
    browser.is_a_good_page("the financial page").await;
    browser.presses("Pagar").await;
    browser.is_at("Pay at your bank").await;
    browser.presses("The bank pays").await;
    browser.presses("It arrives").await;
    browser.sees("You can close this page").await;

    browser.goes_to(&change).await;
    browser.is_at("Seu novo plano está ativo").await;
    browser.presses("Voltar a Planos e contratos").await;
    assert_eq!(browser.reads("#plan").await, "Professional");
    assert_eq!(front.the_one_charge(before).await, shown);
    front.mail("cambio de plan está hecho").await;
    front.close().await;
}

#[tokio::test]
async fn z0_z1_z2a_a_new_customer_compares_chooses_and_has_a_contract() {
    let front = Front::open("zenvia-new").await;
    let browser = &front.browser;
    front.goes_to("/sample/zenvia/?who=new&lang=pt-BR").await;
    let before = front.charges().await.len();
    browser.presses("Comparar planos").await;
    browser.is_at("Comparação dos planos").await;
    browser.sees("Integração com o seu CRM").await;
    front.goes_to("/sample/zenvia/?who=new&lang=pt-BR").await;
    browser.presses("Contratar").await;
    browser.is_at("Planos").await;
    browser.presses("Escolher Specialist").await;
    browser.is_at("Plano e pacote de canais").await;

    // A plan alone is no contract.
    browser.fills("financeiramente responsável", "Rita Porto").await;
    browser.presses("Continuar").await;
    browser.sees("Esta seleção não é possível").await;
    browser.presses("Pacote S").await;
    browser.sees("Escolha para Pacote S").await;
    browser.presses("WhatsApp").await;
    goes_on_to_the_payment(browser).await;
    browser.gives_card(WORKS).await;
    browser.is_a_good_page("the first payment").await;
    let shown = browser.due().await;
    browser.presses("Trocar de plano").await;
    browser.is_at("Seu novo plano está ativo").await;
    browser.presses("Voltar a Planos e contratos").await;
    assert_eq!(browser.reads("#plan").await, "Specialist");
    goes_to_the_contract(browser, "Ver").await;
    for fact in ["Número do contrato", "Data de adesão", "Rita Porto", "pacote S"] {
        browser.sees(fact).await;
    }
    assert_eq!(front.the_one_charge(before).await, shown);
    front
        .mail_to("oi@cafe-do-porto.example", "cambio de plan está hecho")
        .await;
    front.close().await;
}
