//! SharpSpring: an agency settles all about a client in one form; then the client reaches a limit.

use serde_json::json;

use super::driver::Browser;
use super::house::Front;

/// Down the agency's menus to its clients, and into the settings of one.
async fn goes_to_the_settings(front: &Front, client: &str) {
    let browser = &front.browser;
    front.goes_to("/sample/sharpspring/?who=agency&lang=pt-BR").await;
    browser.presses("Configurações do usuário").await;
    browser
        .path("//summary[normalize-space(.) = 'Configurações']")
        .await;
    for menu in ["Configurações", "Ferramentas da agência", "Gerenciar clientes"] {
        let exact = format!("//*[(self::summary or self::a) and normalize-space(.) = '{menu}']");
        let entry = browser.path(&exact).await;
        browser.clicks(&entry).await;
    }
    browser.is_at("Clientes").await;
    browser.presses(&format!("Configurações {client}")).await;
    browser.is_at(client).await;
}

/// What the fields of the form hold, by their names; boxes by whether they are ticked.
async fn fields(browser: &Browser) -> serde_json::Value {
    let script = "
        const all = [...document.querySelectorAll('main form [name]')].filter((one) => one.type !== 'hidden' && (one.type !== 'radio' || one.checked));
        return Object.fromEntries(all.map((one) => [one.name, one.type === 'checkbox' ? one.checked : one.value]));";
    browser.runs(script, &[]).await
}

/// Reports use of mail tests, as the product would.
async fn uses_mail_tests(browser: &Browser, quantity: &str) {
    browser.fills("testes de e-mail", quantity).await;
    browser.presses("Informar uso: testes de e-mail").await;
    browser.sees("O uso foi contado").await;
}

#[tokio::test]
async fn g1_g5_g6_g7_a_client_is_settled_in_one_form_and_its_limit_alerts_both() {
    let front = Front::open("sharpspring-client").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    goes_to_the_settings(&front, "Padaria Luz").await;
    browser.is_a_good_page("the settings").await;
    browser.presses("As pessoas do cliente têm acesso").await;
    browser.fills("Sincronizações de e-mail", "500").await;
    browser.fills("Limite mensal: Testes de e-mail", "10").await;
    browser.fills("Limite mensal: Imagens de banco", "250,00").await;
    let money = browser.css("#kind-stock-pictures").await;
    browser.types_on(&money, "USD").await;
    browser.fills("Preço de revenda", "199,90").await;
    browser.presses("Salvar configurações").await;
    browser.sees("Configurações salvas").await;
    goes_to_the_settings(&front, "Padaria Luz").await;
    let saved = fields(browser).await;
    for (name, value) in [
        ("payer", json!("agency")),
        ("access", json!(true)),
        ("allowance.email-syncs", json!("500")),
        ("limit.mail-tests", json!("10")),
        ("kind.mail-tests", json!("count")),
        ("limit.stock-pictures", json!("250.00")),
        ("kind.stock-pictures", json!("USD")),
        ("retail", json!("199.90")),
        ("enabled.sales-optimiser", json!(false)),
    ] {
        assert_eq!(saved[name], value, "{name} in {saved}");
    }
    assert_eq!(front.charges().await.len(), before, "nothing of it is charged");

    front.goes_to("/sample/sharpspring/?who=bakery&lang=pt-BR").await;
    uses_mail_tests(browser, "8").await;
    uses_mail_tests(browser, "2").await;
    uses_mail_tests(browser, "3").await;
    browser.sees("acima do limite").await;
    for address in ["dona@padaria-luz.example", "equipe@agencia-mar.example"] {
        front.mail_to(address, "80 % do limite").await;
        front.mail_to(address, "Limite atingido").await;
    }
    browser.presses("Configurações do usuário").await;
    let inner = browser
        .path("//summary[normalize-space(.) = 'Configurações']")
        .await;
    browser.clicks(&inner).await;
    browser.presses("Uso e limites").await;
    browser.is_at("Uso").await;
    browser.sees("O uso passou do que está incluído").await;
    browser.is_a_good_page("what is used").await;
    front.close().await;
}

#[tokio::test]
async fn g2_g3_g4_a_service_is_enabled_and_its_payer_confirms_one_charge() {
    let front = Front::open("sharpspring-service").await;
    let browser = &front.browser;
    let before = front.charges().await.len();
    goes_to_the_settings(&front, "Livraria Rio").await;
    let enabled = browser
        .path("//fieldset[legend = 'Sales Optimiser']//label[contains(., 'Ativado')]")
        .await;
    browser.clicks(&enabled).await;
    browser.presses("Salvar configurações").await;
    browser.is_at("Revise a mudança").await;
    browser.presses("Continuar").await;
    browser.fills_all(&super::person::BRAZILIAN).await;
    browser.presses("Continuar").await;
    browser.sees("Como você quer pagar?").await;
    browser.is_a_good_page("the review for the agency").await;
    let shown = browser.due().await;
    browser.presses("Confirmar").await;
    browser.is_at("Configurações salvas").await;
    assert_eq!(front.the_one_charge(before).await, shown);
    goes_to_the_settings(&front, "Livraria Rio").await;
    assert_eq!(fields(browser).await["enabled.sales-optimiser"], true);
    front.close().await;
}
