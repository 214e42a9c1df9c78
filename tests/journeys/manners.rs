//! How the API behaves towards those who speak with it: repetitions, languages, and what support has to say.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Clint, House, Problem};

const WORKS: &str = "4242424242424242";

#[tokio::test]
async fn a_card_setup_is_begun_once_under_each_key() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let path = format!("/v1/changes/{}/card-setup", change.id);
    let nothing = json!({});
    let begin = |key: &'static str| house.backend.answered(key, Method::POST, &path, &[], &nothing);
    let [first, again, other] = [begin("one").await, begin("one").await, begin("two").await];
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.json(), again.json());
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_ne!(
        first.json()["setup"],
        other.json()["setup"],
        "another key, another setup"
    );
    assert!(!other.headers.contains_key("idempotency-replayed"));

    let seller = "clint".parse().expect("a seller");
    let kept = house.engine().store().answered(&seller, "one").await;
    let (_, kept) = kept.expect("read").expect("kept");
    let secret = first.json()["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    assert!(
        !String::from_utf8_lossy(&kept.body).contains(&secret),
        "the secret is kept"
    );

    let quote = format!("/v1/changes/{}/quote", change.id);
    let body = json!({ "actor": { "role": "owner" } });
    let reused = house
        .backend
        .command_under("one", Method::POST, &quote, &body)
        .await;
    assert_eq!(code(reused), (422, "idempotency_key_reused".to_owned()));
    house.close().await;
}

#[tokio::test]
async fn a_tax_document_is_handed_in_and_mailed_once() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    let before = house.mails().await.len();

    let path = format!("/v1/changes/{}/fiscal-documents", change.id);
    let nota = json!({ "number": "NF-1", "url": "https://nf.example/1" });
    let hand_in = |key: &'static str, body: &Value| {
        let body = body.clone();
        let (backend, path) = (house.backend.clone(), path.clone());
        async move { backend.answered(key, Method::POST, &path, &[], &body).await }
    };
    let first = hand_in("nota", &nota).await;
    let again = hand_in("nota", &nota).await;
    let other_key = hand_in("nota-again", &nota).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(again.body, first.body);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(
        other_key.json()["id"],
        first.json()["id"],
        "the document that is there"
    );
    assert!(!other_key.headers.contains_key("idempotency-replayed"));
    let reused = hand_in("nota", &json!({ "number": "NF-2" })).await;
    assert_eq!(reused.json()["code"], "idempotency_key_reused");

    house.settle().await;
    assert_eq!(house.mails().await.len(), before + 1);
    let listed = house.backend.get(&path).await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    house.close().await;
}

#[tokio::test]
async fn a_refusal_speaks_to_the_customer_in_their_language_and_to_the_integrator_in_english() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let refused = clint.opens_as(&house, "member", Clint::selection(5, 8)).await;
    let problem = refused.expect_err("a refusal").body;
    assert_eq!(problem["message"]["language"], "pt-BR", "{problem}");
    assert_eq!(
        problem["message"]["text"],
        "A sua função nesta conta não permite isto."
    );
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|it| it.starts_with("Only ")),
        "{problem}"
    );

    // Where nobody is named whose language is known, the request's own counts.
    let nothing = json!({});
    let nowhere = format!("/v1/changes/{}/quote", clint.account);
    for (asked, spoken) in [("pt-PT, en;q=0.5", "pt-BR"), ("de", "en")] {
        let headers = [("accept-language", asked)];
        let answer = house
            .backend
            .answered(
                "lost",
                Method::POST,
                &nowhere,
                &headers,
                &json!({ "actor": { "role": "owner" } }),
            )
            .await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.json()["message"]["language"], spoken);
    }
    // A known customer's language counts more, whatever is wrong.
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let headers = [("accept-language", "en")];
    let path = format!("/v1/changes/{}/quote", change.id);
    let answer = house
        .backend
        .answered("empty", Method::POST, &path, &headers, &nothing)
        .await;
    assert_eq!(answer.json()["code"], "request_invalid");
    assert_eq!(answer.json()["message"]["language"], "pt-BR");
    house.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_selection_is_pointed_to_wherever_it_is_sent() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let mut wrong = Clint::selection(5, 8);
    wrong["quantities"]["spaceship"] = json!(1);
    wrong["quantities"]["device"] = json!(100_000);
    let expected = ["/selection/quantities/device", "/selection/quantities/spaceship"];
    let opened = clint.opens(&house, wrong.clone()).await.expect_err("a refusal");
    let path = format!("/v1/contracts/{}/estimate", clint.contract);
    let body = json!({ "selection": wrong });
    let estimated = house.backend.command(Method::POST, &path, &body).await;
    for problem in [opened, estimated.expect_err("a refusal")] {
        assert_eq!(problem.code, "selection_invalid");
        assert_eq!(pointers(&problem), expected, "{problem:?}");
    }
    let held = json!({ "account": clint.account, "held": wrong });
    let created = house.backend.command(Method::POST, "/v1/contracts", &held).await;
    let created = created.expect_err("a refusal");
    assert_eq!(
        pointers(&created),
        ["/held/quantities/device", "/held/quantities/spaceship"]
    );
    house.close().await;
}

#[tokio::test]
async fn support_says_why_and_the_history_keeps_it() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .opens(&house, Clint::selection(2, 5))
        .await
        .expect("a change");
    change.asks_for_a_quote().await.expect("a ticket");
    house.settle().await;
    assert_eq!(change.stage().await, "downgrade_ticket.open");

    let answers = |support: Value| {
        let path = format!("/v1/changes/{}/ticket/answer", change.id);
        let body = json!({ "decision": "decline", "support": support });
        let backend = house.backend.clone();
        async move { backend.command(Method::POST, &path, &body).await }
    };
    let silent = answers(json!({ "id": "agent_7" })).await;
    assert_eq!(code(silent), (422, "reason_missing".to_owned()));
    let personal = answers(json!({ "id": "agent_7", "reason": "ana@example.com asked" })).await;
    assert_eq!(code(personal), (422, "request_invalid".to_owned()));
    assert_eq!(change.stage().await, "downgrade_ticket.open");

    let why = "Minimum term until March";
    answers(json!({ "id": "agent_7", "reason": why }))
        .await
        .expect("an answer");
    assert_eq!(change.stage().await, "cancelled");
    let history = house
        .backend
        .get(&format!("/v1/changes/{}/history", change.id))
        .await;
    let last = history["data"]
        .as_array()
        .and_then(|lines| lines.last())
        .expect("a line");
    assert_eq!(
        last["actor"],
        json!({ "party": "support", "id": "agent_7", "reason": why })
    );
    house.close().await;
}

#[tokio::test]
async fn a_return_address_cannot_lead_out_of_the_sellers_own() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let path = format!("/v1/contracts/{}/changes", clint.contract);
    let opens = |url: String| {
        let body = json!({
            "selection": Clint::selection(5, 8),
            "actor": { "role": "owner" },
            "return_url": url,
        });
        let (backend, path) = (house.backend.clone(), path.clone());
        async move { backend.command(Method::POST, &path, &body).await }
    };
    let own = house.engine().sellers().all().next().expect("a seller");
    let prefix = own.playbook.seller.return_urls[0].clone();
    for url in ["https://evil.example/".to_owned(), format!("{prefix}../evil")] {
        let problem = opens(url).await.expect_err("a refusal");
        assert_eq!(pointers(&problem), ["/return_url"]);
    }
    opens(format!("{prefix}done")).await.expect("a change");
    house.close().await;
}

fn code(refused: Result<Value, Problem>) -> (u16, String) {
    let problem = refused.expect_err("a refusal");
    (problem.status, problem.code)
}

fn pointers(problem: &Problem) -> Vec<String> {
    let errors = problem.body["errors"].as_array().expect("errors").iter();
    let mut all: Vec<String> = errors
        .filter_map(|error| error["pointer"].as_str().map(str::to_owned))
        .collect();
    all.sort();
    all
}
