//! The sample products: where they are, where they lead back to, and where they are not.

use hyper::Method;
use serde_json::{Value, json};

use super::Served;
use crate::support::{House, Http};

/// Opens a session of the hosted pages as a sample backend does; the status.
async fn opens_pages_that_lead_back_to(http: &Http, sample: &Value, address: &str) -> u16 {
    let key = format!("Bearer {}", sample["api_key"].as_str().expect("a key"));
    let body = json!({
        "account": sample["customers"][0]["account"],
        "contract": sample["contract"],
        "actor": { "role": "owner" },
        "return_url": address,
    });
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
    ];
    http.send(Method::POST, "/v1/page-sessions", &headers, body.to_string())
        .await
        .status
}

#[tokio::test]
async fn beside_the_sandbox_every_seller_has_a_product_that_its_pages_lead_back_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let here = served.address("start here");
    let http = Http::new(here.clone());
    let noted = std::fs::read(folder.path().join("sample.json")).expect("the samples' file");
    let samples: Value = serde_json::from_slice(&noted).expect("JSON");
    for sample in samples.as_array().expect("samples") {
        let seller = sample["seller"].as_str().expect("a seller");
        let page = http
            .send(Method::GET, &format!("/sample/{seller}/"), &[], "")
            .await;
        assert_eq!(page.status, 200, "{seller}: {}", page.text());
        for customer in sample["customers"].as_array().expect("customers") {
            let who = customer["id"].as_str().expect("an id");
            let opened = http
                .send(
                    Method::GET,
                    &format!("/sample/{seller}/open/plans?who={who}"),
                    &[],
                    "",
                )
                .await;
            let led = opened.header("location").unwrap_or_default();
            assert_eq!(opened.status, 303, "{seller}, {who}: {}", opened.text());
            assert!(led.starts_with(&format!("{here}/p/open/")), "{led}");
        }
    }
    let clint = &samples[0];
    for (address, status) in [
        (format!("{here}/sample/clint/?who=growth"), 201),
        (format!("{here}/sample/zenvia/"), 422),
        (format!("{here}/"), 422),
    ] {
        let answered = opens_pages_that_lead_back_to(&http, clint, &address).await;
        assert_eq!(answered, status, "{address}");
    }
    served.stop();
}

#[tokio::test]
async fn where_money_could_be_real_there_is_no_product_that_lets_anybody_be_anybody() {
    let house = House::open().await;
    for path in ["/sample/clint/", "/sample/clint/open/plans", "/sample/style.css"] {
        let answer = house.backend.raw(Method::GET, path, &[], "").await;
        assert_eq!(answer.status, 404, "{path}");
    }
    house.close().await;
}
