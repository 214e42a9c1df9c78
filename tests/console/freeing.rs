//! A stuck change is found, understood and freed, and it is known beforehand what will happen.

use changeover::ports::store::StaffRole;

use super::halted;
use crate::support::{Database, House};

crate::stories::on_both!(a_stuck_change_is_freed_in_two_clicks_and_it_is_known_before_what_happens,);

async fn a_stuck_change_is_freed_in_two_clicks_and_it_is_known_before_what_happens(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = halted(&mut house).await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;

    // It waits in the inbox, in plain words, with what is at stake and what can be done.
    let inbox = agent.reads("/console").await;
    let act = format!("/console/changes/{}/act/retry", change.id);
    assert!(inbox.contains("The provider refused the charge as such; it is not the card."));
    assert!(
        inbox.contains("1 waits for somebody") && inbox.contains("at stake"),
        "{inbox}"
    );
    assert!(inbox.contains("R$") && inbox.contains("Padaria"), "{inbox}");
    assert!(inbox.contains(&act), "the first click leads to what helps");

    // The first click says what would happen, and changes nothing.
    let requests = house.provider.requests().await.len();
    let lines = change.events().await.len();
    let told = agent.reads(&act).await;
    assert!(
        told.contains("writes <code>retry</code> into the history"),
        "{told}"
    );
    assert!(told.contains("It may charge up to R$"), "{told}");
    let careful = agent.reads(&act.replace("retry", "note")).await;
    assert!(careful.contains("It charges nothing."), "{careful}");
    house.settle().await;
    assert_eq!(change.events().await.len(), lines);
    assert_eq!(
        house.provider.requests().await.len(),
        requests,
        "nobody was asked"
    );

    // The second click does it, for a reason and once.
    let form = agent.fills_in(&act, &act).await;
    let silent = form.sends().await;
    assert_eq!(silent.status, 422);
    assert!(silent.text().contains("reason_missing"), "{}", silent.text());
    let form = form.with("reason", "The cause is mended <really>");
    let done = form.sends().await;
    let page = format!("/console/changes/{}", change.id);
    assert_eq!(
        done.header("location"),
        Some(format!("{page}?done=retry").as_str())
    );
    assert_eq!(form.sends().await.status, 303, "pressed twice, it is done once");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);

    // Everything is on the change's page, and who did what in the audit.
    let told = agent.reads(&format!("{page}?done=retry")).await;
    for part in [
        "Done: “Try again now”",
        "Nothing is stuck",
        "state here",
        "update subscription",
        "idempotency key",
        "The cause is mended &#60;really&#62;",
        "support (agent-7)",
        "invoice.paid",
        "Read it as the customer did",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("<really>"), "what people write does no harm");
    let audit = agent.reads("/console/audit?by=agent-7").await;
    assert!(audit.contains("agent-7") && audit.contains("retry"), "{audit}");
    assert!(audit.contains("The cause is mended"), "{audit}");
    assert!(
        agent
            .reads("/console/audit?by=agent-8")
            .await
            .contains("Nothing.")
    );
    assert!(agent.reads("/console").await.contains("Nothing waits."));

    // The mail as the customer got it: in a frame that can do nothing.
    let mail = told
        .split("/mails/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let mail = format!("{page}/mails/{}", mail.expect("a mail"));
    let answer = agent.opens(&mail).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().contains("<iframe class=\"letter\" sandbox "),
        "{}",
        answer.text()
    );
    let html = agent.opens(&format!("{mail}/html")).await;
    let policy = html.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(
        html.text().contains("Padaria") || html.text().contains("R$"),
        "{}",
        html.text()
    );
    house.close().await;
}

#[tokio::test]
async fn of_two_people_the_slower_is_told_who_was_faster() {
    let mut house = House::open().await;
    let (_, change) = halted(&mut house).await;
    let one = house.on_duty("agent-1", StaffRole::Agent).await;
    let other = house.on_duty("agent-2", StaffRole::Agent).await;
    let [retry, cancel] =
        ["retry", "cancel"].map(|action| format!("/console/changes/{}/act/{action}", change.id));
    let first = one.fills_in(&retry, &retry).await.with("reason", "mended");
    let second = other
        .fills_in(&cancel, &cancel)
        .await
        .with("reason", "they asked");
    assert_eq!(first.sends().await.status, 303);
    let late = second.sends().await;
    assert_eq!(late.status, 412);
    let told = late.text();
    assert!(
        told.contains("version_moved") && told.contains("agent-1"),
        "{told}"
    );
    assert!(
        told.contains("value=\"they asked\""),
        "what was typed is still there"
    );
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    house.close().await;
}

#[tokio::test]
async fn it_is_found_by_whatever_a_ticket_names() {
    let mut house = House::open().await;
    let (clint, change) = halted(&mut house).await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let read = house.support("agent-7").shows(&change).await;
    let text = |name: &str| read[name].as_str().expect("a text").to_owned();
    let words = [
        text("reference").to_lowercase(),
        text("id"),
        text("customer"),
        text("subscription"),
        text("account"),
        text("contract"),
        clint.contract.clone(),
    ];
    for word in words {
        let found = agent.reads(&format!("/console/search?q={word}")).await;
        assert!(
            found.contains(&format!("/console/changes/{}", change.id)),
            "{word}"
        );
    }
    let account = agent
        .reads(&format!("/console/accounts/{}", text("account")))
        .await;
    let address = account
        .split("<dt>Mail address</dt><dd>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let address = address.expect("an address").to_uppercase();
    let found = agent.reads(&format!("/console/search?q={address}")).await;
    assert!(
        found.contains(&change.id) && found.contains("/console/accounts/"),
        "{found}"
    );
    let contract = agent
        .reads(&format!("/console/contracts/{}", text("contract")))
        .await;
    assert!(
        contract.contains("Growth") && contract.contains(&change.id),
        "{contract}"
    );
    assert!(
        agent
            .reads("/console/search?q=")
            .await
            .contains("A change by its reference")
    );
    house
        .support("agent-7")
        .acts(&change, "cancel")
        .await
        .expect("cancelled");
    house.rests().await;
    house.close().await;
}

#[tokio::test]
async fn a_script_can_ask_whether_anything_is_new() {
    let mut house = House::open().await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let (_, change) = halted(&mut house).await;
    let page = agent.reads("/console").await;
    let seen = agent.opens("/console/live/inbox").await.json();
    assert_eq!(seen["waiting"], 1);
    let mark = seen["mark"].as_str().expect("a mark");
    assert!(
        page.contains(&format!("data-mark=\"{mark}\"")),
        "the page shows what is seen"
    );
    let live = format!("/console/live/changes/{}", change.id);
    let before = agent.opens(&live).await.json();
    let page = agent.reads(&format!("/console/changes/{}", change.id)).await;
    assert!(page.contains(before["mark"].as_str().expect("a mark")));
    assert_eq!(agent.opens(&live).await.json(), before, "nothing is new");
    house
        .support("agent-7")
        .acts(&change, "retry")
        .await
        .expect("done");
    house.settle().await;
    assert_ne!(agent.opens(&live).await.json()["mark"], before["mark"]);
    house.close().await;
}
