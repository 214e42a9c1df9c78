use hyper::Method;
use serde_json::json;

use super::reader::Reader;
use crate::support::{Holder, House, wanting};

#[tokio::test]
async fn s7_whoever_adds_it_is_asked_whether_the_prerequisite_applies_and_it_is_tracked() {
    let mut house = House::of("activecampaign").await;
    let held = wanting("plus", "BRL", "month", &[("contacts", 1000)]);
    let customer = Holder::of(&house, "activecampaign", "pt-BR", &held).await;
    let account = customer.contract(&house).await["account"].clone();
    let body =
        json!({ "account": account, "contract": customer.contract, "actor": { "role": customer.role } });
    let opened = house
        .backend
        .command(Method::POST, "/v1/page-sessions", &body)
        .await
        .expect("a session");
    let mut reader = Reader::from(&house, opened["url"].as_str().expect("an address")).await;
    let standing = async |house: &House| {
        let path = format!("/v1/accounts/{}/prerequisites", account.as_str().expect("an id"));
        house.backend.get(&path).await["data"][0]["standing"].clone()
    };

    reader.visits("/choose").await;
    reader.says("Você vai enviar SMS para destinatários nos Estados Unidos?");
    // No answer is no obstacle, and says nothing.
    reader.sends(&mut house, "/choose", &[("q.sms", "1")]).await;
    assert_eq!(reader.page.status, 200);
    assert_eq!(standing(&house).await, "not_said");

    let change = reader.at.rsplit('/').next().expect("a change").to_owned();
    reader.visits(&format!("/choose?change={change}")).await;
    let yes = [("q.sms", "1"), ("pre.a2p-10dlc", "applies")];
    reader.sends(&mut house, "/choose", &yes).await;
    assert_eq!(standing(&house).await, "open");
    reader.visits(&format!("/choose?change={change}")).await;
    assert!(
        reader.page.text().contains("value=\"applies\" checked"),
        "it is remembered: {}",
        reader.text()
    );
    house.close().await;
}
