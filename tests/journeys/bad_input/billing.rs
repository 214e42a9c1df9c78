//! Billing data that nobody can be invoiced with.

use serde_json::json;

use crate::support::{Clint, House, billing_data};

#[tokio::test]
async fn a_tax_number_that_cannot_be_one_is_refused_and_never_repeated() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    change.accepts().await.expect("accepting");
    for (written, code) in [
        ("", "missing"),
        ("11.222.333/0001-8", "tax_id_length"),
        ("11.222.333/0001-811", "tax_id_length"),
        ("11.222.333/0001-82", "tax_id_check_digits"),
        ("12.ABC.345/01DE-53", "tax_id_check_digits"),
        ("12.ABC.345/01DE-3X", "tax_id_characters"),
        ("00.000.000/0000-00", "tax_id_repeated"),
        ("529.982.247-26", "tax_id_check_digits"),
        ("111.111.111-11", "tax_id_repeated"),
        ("529.982.24A-25", "tax_id_characters"),
        ("11.222.333#0001-81", "tax_id_characters"),
    ] {
        let mut billing = billing_data();
        billing["tax_id"] = json!(written);
        let problem = house.refuses(&clint, change.put("billing-info", billing)).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (422, "billing_info_invalid"),
            "{written}"
        );
        let error = &problem.body["errors"][0];
        assert_eq!(
            (error["pointer"].as_str(), error["code"].as_str()),
            (Some("/tax_id"), Some(code)),
            "{written}"
        );
        let told = error["message"].as_str().expect("a sentence for the customer");
        assert!(told.starts_with("CNPJ, CPF ou número fiscal: "), "{told}");
        assert!(
            written.is_empty() || !problem.body.to_string().contains(written),
            "{problem:?}"
        );
    }
    assert_eq!(change.stage().await, "billing_info.asking");
    change.gives_billing_data().await.expect("the right ones");
    house.close().await;
}

#[tokio::test]
async fn all_mistakes_of_the_billing_data_are_told_at_once() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    change.accepts().await.expect("accepting");
    let mut billing = billing_data();
    for (field, wrong) in [
        ("legal_name", ""),
        ("fiscal_email", "fiscal-at-padaria"),
        ("state", "XX"),
        ("postal_code", "0131"),
        ("country", "Brasil"),
    ] {
        billing[field] = json!(wrong);
    }
    let problem = house.refuses(&clint, change.put("billing-info", billing)).await;
    let errors = problem.body["errors"].as_array().expect("errors");
    assert!(errors.len() >= 3, "{problem:?}");
    for error in errors {
        let pointer = error["pointer"].as_str().expect("a pointer");
        assert!(pointer.starts_with('/') && error["detail"].is_string(), "{error}");
    }

    let mut billing = billing_data();
    billing["favourite_colour"] = json!("blue");
    let problem = house.refuses(&clint, change.put("billing-info", billing)).await;
    assert_eq!(problem.body["errors"][0]["pointer"], "/favourite_colour");
    house.close().await;
}

#[tokio::test]
async fn a_tax_document_needs_a_number_and_an_address_that_can_be_followed() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let (change, _) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    let path = format!("/v1/changes/{}/fiscal-documents", change.id);
    for (body, pointer) in [
        (json!({ "number": " " }), "/number"),
        (json!({ "number": "1".repeat(101) }), "/number"),
        (json!({ "number": "NF-1", "url": "javascript:alert(1)" }), "/url"),
        (json!({ "url": "https://nf.example/1" }), "/number"),
    ] {
        let handing = house.backend.command(hyper::Method::POST, &path, &body);
        let problem = house.refuses(&clint, handing).await;
        assert_eq!(
            (problem.status, problem.body["errors"][0]["pointer"].as_str()),
            (422, Some(pointer))
        );
    }
    house.close().await;
}
