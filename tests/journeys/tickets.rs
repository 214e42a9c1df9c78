//! Requests to go down: what is asked, shown and said, and who brings one by mail. Rows C10, A9 and A11, here with Clint's form.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Change, Clint, Database, House, Problem};

/// Opens a change for less, without asking for anything yet.
async fn wants_less(house: &House, clint: &Clint) -> Change {
    clint
        .opens(house, Clint::selection(1, 5))
        .await
        .expect("a change")
}

async fn ticket(change: &Change) -> Value {
    change
        .backend
        .get(&format!("/v1/changes/{}/ticket", change.id))
        .await
}

async fn as_support(house: &House, change: &Change) -> Value {
    house
        .operator()
        .opens(&format!("/v1/support/tickets/{}", change.id))
        .await
        .expect("a ticket")
}

async fn orders(change: &Change, verb: &str, mut body: Value) -> Result<Value, Problem> {
    if body["support"].is_null() {
        body["support"] = json!({ "id": "agent-7", "reason": "A pedido do cliente." });
    }
    let path = format!("/v1/support/tickets/{}/{verb}", change.id);
    change.backend.command(Method::POST, &path, &body).await
}

async fn brings(house: &House, clint: &Clint, mut body: Value) -> Result<Change, Problem> {
    body["support"] = json!({ "id": "desk-1", "reason": "Veio por e-mail." });
    clint.staff_brings(house, &body).await
}

async fn listed(house: &House, query: &str) -> Vec<String> {
    let page = house
        .operator()
        .opens(&format!("/v1/support/tickets?{query}"))
        .await
        .expect("a page");
    let lines = page["data"].as_array().expect("a list").iter();
    lines
        .map(|line| line["id"].as_str().expect("an id").to_owned())
        .collect()
}

crate::stories::on_both!(
    c10_the_form_is_filled_in_with_what_is_known_and_its_answers_stay_out_of_the_history,
    a11_a_request_by_mail_is_accepted_from_the_primary_admin_alone,
);

async fn c10_the_form_is_filled_in_with_what_is_known_and_its_answers_stay_out_of_the_history(
    database: Database,
) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let change = wants_less(&house, &clint).await;
    let before = ticket(&change).await;
    assert_eq!(before["number"], Value::Null);
    let lost = &before["losing"]["items"];
    assert_eq!(
        lost,
        &json!([{ "item": "device", "name": "dispositivos", "held": 3, "wanted": 1, "limit_now": 4, "limit_then": 2 }])
    );
    let value = |ticket: &Value, id: &str| {
        let fields = ticket["form"]["fields"].as_array().expect("fields").clone();
        let field = fields
            .iter()
            .find(|field| field["id"] == id)
            .expect("a field")
            .clone();
        field["value"].clone()
    };
    assert_eq!(value(&before, "message"), "dispositivos: 3 → 1");
    assert_eq!(value(&before, "day"), "2026-04-10");
    assert_eq!(value(&before, "reply-to"), "dona@padaria-luz.example");

    // Whatever is wrong is named field by field, and nothing is done.
    let wrong =
        json!({ "fields": { "reason": "weather", "day": "soon", "reply-to": "dona", "colour": "blue" } });
    let problem = house.refuses(&clint, change.post("ticket", wrong)).await;
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (422, "ticket_form_invalid")
    );
    let mut errors: Vec<(String, String)> = problem.body["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| {
            let word = |key: &str| error[key].as_str().expect("a word").to_owned();
            (word("pointer"), word("code"))
        })
        .collect();
    errors.sort();
    let expected = [
        ("/fields/colour", "unknown_field"),
        ("/fields/day", "not_a_date"),
        ("/fields/reason", "not_a_choice"),
        ("/fields/reply-to", "not_an_email"),
    ];
    assert_eq!(
        errors,
        expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
    );

    let words = "Fechamos a loja da esquina.";
    let good = json!({ "fields": { "reason": "unused", "message": words } });
    change.post("ticket", good).await.expect("a request");
    house.settle().await;
    let filed = ticket(&change).await;
    assert_eq!(filed["number"], json!(change.reference().await));
    assert_eq!(filed["filed"]["channel"], "product");
    assert_eq!(filed["filed"]["role"], "owner");
    assert_eq!(value(&filed, "message"), words);
    assert_eq!(
        value(&filed, "day"),
        Value::Null,
        "what was not answered is not invented"
    );
    assert_eq!(filed["withdrawable"], true);
    let history = change.history().await.to_string();
    assert!(!history.contains("esquina"), "{history}");
    assert!(history.contains("file_ticket"));

    // Both sides talk; what is internal stays inside, and what is not comes by mail.
    let question = "Quais números ficam?\nPodemos tirar os outros dia 10.";
    orders(
        &change,
        "comments",
        json!({ "text": "Cliente antigo.", "internal": true }),
    )
    .await
    .expect("a comment");
    orders(&change, "comments", json!({ "text": question }))
        .await
        .expect("a comment");
    change
        .post("ticket/comments", json!({ "text": "Só o da recepção." }))
        .await
        .expect("a comment");
    house.settle().await;
    let said = |ticket: &Value| {
        let comments = ticket["comments"].as_array().expect("comments").clone();
        comments
            .iter()
            .map(|said| {
                (
                    said["by"].as_str().expect("a side").to_owned(),
                    said["internal"] == true,
                )
            })
            .collect::<Vec<_>>()
    };
    let outside = [("support".to_owned(), false), ("customer".to_owned(), false)];
    assert_eq!(said(&ticket(&change).await), outside);
    assert_eq!(said(&as_support(&house, &change).await).len(), 3);
    let mails = house.mails().await;
    assert_eq!(mails.len(), 2, "received, and answered");
    assert!(
        mails[1].text.contains("Quais números ficam?"),
        "{}",
        mails[1].text
    );
    assert!(!mails[1].text.contains("antigo"));
    for empty in ["", "  \n", &"x".repeat(4001)] {
        let problem = house
            .refuses(&clint, change.post("ticket/comments", json!({ "text": empty })))
            .await;
        assert_eq!(problem.body["errors"][0]["pointer"], "/text");
    }

    // A dry run says what would be, and does nothing.
    let plan = orders(
        &change,
        "answer",
        json!({ "decision": "apply_now", "dry_run": true }),
    )
    .await
    .expect("a plan");
    assert_eq!(plan["change"]["sub_stage"], "applying");
    assert_eq!(change.stage().await, "downgrade_ticket.open");
    assert_eq!(
        listed(&house, "seller=clint&state=open").await,
        std::slice::from_ref(&change.id)
    );
    assert_eq!(listed(&house, "state=scheduled").await, Vec::<String>::new());
    orders(&change, "answer", json!({ "decision": "apply_now" }))
        .await
        .expect("an answer");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(listed(&house, "seller=clint").await, Vec::<String>::new());
    let late = house.refuses(&clint, change.cancels()).await;
    assert_eq!(late.code, "change_closed", "what is applied cannot be withdrawn");
    assert_eq!(ticket(&change).await["withdrawable"], false);
    house.close().await;
}

async fn a11_a_request_by_mail_is_accepted_from_the_primary_admin_alone(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let wanted = json!({ "selection": Clint::selection(1, 5) });
    let from = |address: &str| {
        let mut body = wanted.clone();
        body["from"] = json!(address);
        body["fields"] = json!({ "message": "Quero menos." });
        body
    };
    let odd = brings(&house, &clint, from("not an address"))
        .await
        .expect_err("refused");
    assert_eq!(odd.body["errors"][0]["pointer"], "/from");

    // In another spelling it is the same address.
    let own = brings(&house, &clint, from("Dona Luz <Dona@Padaria-Luz.example>"))
        .await
        .expect("a ticket");
    house.settle().await;
    assert_eq!(own.stage().await, "downgrade_ticket.open");
    let seen = as_support(&house, &own).await;
    assert_eq!(seen["filed"]["channel"], "mail");
    assert_eq!(seen["filed"]["made_by"], "customer");
    assert_eq!(seen["filed"]["from"], "Dona@Padaria-Luz.example");
    assert_eq!(
        ticket(&own).await["filed"]["from"],
        Value::Null,
        "support's alone"
    );
    assert!(!own.history().await.to_string().contains('@'));
    own.cancels().await.expect("a withdrawal of her own");

    for (genuine, stage) in [(true, "downgrade_ticket.open"), (false, "cancelled")] {
        let held = brings(&house, &clint, from("alguem@outro.example"))
            .await
            .expect("a ticket");
        house.settle().await;
        assert_eq!(held.stage().await, "downgrade_ticket.held");
        assert_eq!(listed(&house, "state=held").await, std::slice::from_ref(&held.id));
        let early = orders(&held, "answer", json!({ "decision": "apply_now" })).await;
        assert_eq!(early.expect_err("nothing else happens").code, "not_allowed_here");
        orders(&held, "verification", json!({ "genuine": genuine }))
            .await
            .expect("a verdict");
        house.settle().await;
        assert_eq!(held.stage().await, stage);
        if genuine {
            orders(&held, "answer", json!({ "decision": "decline" }))
                .await
                .expect("an answer");
        }
        house.settle().await;
    }
    let mails = house.mails().await;
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(
        mails.iter().all(|mail| mail.to == "dona@padaria-luz.example"),
        "{subjects:?}"
    );
    assert_eq!(
        subjects
            .iter()
            .filter(|subject| subject.contains("é seu?"))
            .count(),
        2,
        "{subjects:?}"
    );

    // What the staff sets by its own, the customer cannot take back.
    let set = brings(&house, &clint, wanted.clone()).await.expect("a ticket");
    house.settle().await;
    let problem = house.refuses(&clint, set.cancels()).await;
    assert_eq!(problem.code, "set_by_support");
    let order = json!({ "why": "mistake", "support": { "id": "agent-7", "reason": "Engano." } });
    let path = format!("/v1/changes/{}/cancel", set.id);
    house
        .backend
        .command(Method::POST, &path, &order)
        .await
        .expect("taken back");
    house.settle().await;
    assert_eq!(
        clint.held(&house).await,
        [("device".to_owned(), 3), ("user-seat".to_owned(), 5)]
    );
    house.close().await;
}

#[tokio::test]
async fn a9_a_draft_that_is_no_request_has_no_form_and_asks_for_a_quote() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let more = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let problem = house
        .backend
        .try_get(&format!("/v1/changes/{}/ticket", more.id))
        .await
        .expect_err("no request");
    assert_eq!(problem.code, "not_allowed_here");
    let problem = more.post("ticket", json!({})).await.expect_err("no request");
    assert_eq!(problem.code, "not_allowed_here");
    more.cancels().await.expect("cancelling");
    house.close().await;
}
