//! The financial page: what an account was asked to pay, of changes and renewals, with boletos that wait and tax documents. Row Z9.

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Clint, House};

async fn invoices(house: &House, clint: &Clint, rest: &str) -> Value {
    let path = format!("/v1/accounts/{}/invoices{rest}", clint.account);
    house.backend.get(&path).await
}

#[tokio::test]
async fn z9_invoices_boletos_receipts_and_tax_documents_stand_on_one_page() {
    let mut house = House::open().await;
    house.takes_boleto_and_pix().await;
    let clint = Clint::customer(&house).await;
    let (change, intent) = clint
        .is_asked_for_the_money(&mut house, "boleto", Clint::selection(5, 8))
        .await;
    let page = invoices(&house, &clint, "").await;
    let boleto = &page["data"][0];
    assert_eq!(
        (&boleto["kind"], &boleto["status"]),
        (&json!("change"), &json!("open"))
    );
    assert_eq!(boleto["change"], change.id);
    assert_eq!(boleto["voucher"]["kind"], "boleto");
    assert_eq!(boleto["due_at"], "2026-03-22T02:59:59Z");
    assert_eq!(boleto["due_on"], "21 de março de 2026");
    assert!(
        boleto["pdf"].is_string() && boleto["number"].is_string(),
        "{boleto}"
    );
    // What the customer brought along is there too.
    assert_eq!(page["data"][1]["kind"], "first");
    assert_eq!(page["data"][1]["status"], "paid");

    assert!(house.provider.at_the_bank(&intent, "pay_unheard").await);
    house.settle().await;
    let document = json!({ "number": "NF-2026-000123", "url": "https://nf.example/000123.pdf" });
    let path = format!("/v1/changes/{}/fiscal-documents", change.id);
    house
        .backend
        .command(Method::POST, &path, &document)
        .await
        .expect("a document");
    let paid = invoices(&house, &clint, "?limit=1").await;
    assert_eq!(paid["data"][0]["status"], "paid");
    assert_eq!(paid["data"][0]["voucher"], Value::Null);
    assert_eq!(paid["data"][0]["fiscal_documents"][0]["number"], "NF-2026-000123");
    let rest = invoices(
        &house,
        &clint,
        &format!("?after={}", paid["next"].as_str().expect("more")),
    )
    .await;
    assert_eq!(rest["data"][0]["kind"], "first");
    assert_eq!(rest["next"], Value::Null);

    // Renewals as they come.
    house.pass(SignedDuration::from_hours(24 * 24)).await;
    assert_eq!(invoices(&house, &clint, "").await["data"][0]["kind"], "renewal");

    // A provider that cannot be asked is said to be so, and no list is made up.
    house
        .provider
        .fault("GET", "/v1/invoices", 1, "error_500_before")
        .await;
    let path = format!("/v1/accounts/{}/invoices", clint.account);
    let problem = house.backend.try_get(&path).await.expect_err("no answer");
    assert_eq!(problem.status, 503, "{:?}", problem.body);
    let problem = house
        .backend
        .try_get(&format!("{path}?limit=0"))
        .await
        .expect_err("too few");
    assert_eq!(problem.status, 400);
    house.close().await;
}
