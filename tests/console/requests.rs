//! Requests to go down, and a person's wish to be forgotten.

use changeover::ports::store::StaffRole;
use serde_json::json;

use crate::support::{Change, Clint, Database, House};

crate::stories::on_both!(a_request_is_read_talked_about_and_answered,);

async fn requested(house: &mut House) -> (Clint, Change) {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .opens(house, Clint::selection(1, 5))
        .await
        .expect("a change");
    let fields = json!({ "reason": "cost", "message": "Menos gente na equipe." });
    let filed = change.post("ticket", json!({ "fields": fields })).await;
    filed.expect("a request");
    house.settle().await;
    (clint, change)
}

async fn a_request_is_read_talked_about_and_answered(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = requested(&mut house).await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let page = format!("/console/tickets/{}", change.id);
    assert!(agent.reads("/console?show=requests").await.contains(&page));
    assert!(
        agent
            .reads("/console?show=stuck")
            .await
            .contains("Nothing is stuck")
    );
    let told = agent.reads(&page).await;
    for part in [
        "3 → 1",
        "Menos gente na equipe.",
        "Decline",
        "Apply at the period",
        "What would be lost",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }

    let comment = format!("{page}/comment");
    let form = agent.fills_in(&page, &comment).await;
    let inside = form.with("text", "They pay late.").with("internal", "yes");
    assert_eq!(inside.sends().await.status, 303);
    let form = agent
        .fills_in(&page, &comment)
        .await
        .with("text", "Podemos ajudar?\r\nAbraço");
    assert_eq!(form.sends().await.status, 303);
    house.settle().await;
    let told = agent.reads(&page).await;
    assert!(told.contains("They pay late.") && told.contains("for support alone"));
    let mails = house.mails().await;
    assert!(mails.iter().any(|mail| mail.text.contains("Podemos ajudar?")));
    assert!(mails.iter().all(|mail| !mail.text.contains("They pay late.")));

    // An answer first says where it leads.
    let lines = change.events().await.len();
    let schedule = format!("{page}/answer/schedule");
    assert!(agent.reads(&schedule).await.contains("On which day"));
    let day = agent.reads(&format!("{schedule}?at=2026-04-02")).await;
    assert!(
        day.contains("downgrade_ticket.scheduled") && day.contains("2026-04-02"),
        "{day}"
    );
    let past = agent.reads(&format!("{schedule}?at=2026-03-01")).await;
    assert!(past.contains("On which day"), "a day that is over is asked again");
    let now = format!("{page}/answer/apply-now");
    let told = agent.reads(&now).await;
    assert!(
        told.contains("downgrade_ticket.applying") && told.contains("It charges nothing."),
        "{told}"
    );
    assert_eq!(change.events().await.len(), lines, "nothing was done");
    let silent = agent.fills_in(&now, &now).await.sends().await;
    assert_eq!(silent.status, 422);
    let form = agent
        .fills_in(&now, &now)
        .await
        .with("reason", "They asked, and it fits.");
    let done = form.sends().await;
    assert_eq!(
        done.header("location"),
        Some(format!("{page}?done=apply-now").as_str())
    );
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert!(
        agent
            .reads(&page)
            .await
            .contains("There is nothing to answer now.")
    );
    assert!(house.provider.charges_for_changes().await.is_empty());
    let audit = agent.reads("/console/audit").await;
    assert!(
        audit.contains("answer ticket") && audit.contains("They asked, and it fits."),
        "{audit}"
    );
    house.close().await;
}

#[tokio::test]
async fn who_declines_is_quoted_to_the_customer() {
    let mut house = House::open().await;
    let (_, change) = requested(&mut house).await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let decline = format!("/console/tickets/{}/answer/decline", change.id);
    assert!(
        agent
            .reads(&decline)
            .await
            .contains("tells the customer your reason, word for word")
    );
    let form = agent.fills_in(&decline, &decline).await;
    let form = form.with("reason", "O contrato vale até dezembro.");
    assert_eq!(form.sends().await.status, 303);
    house.settle().await;
    let mails = house.mails().await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.text.contains("O contrato vale até dezembro."))
    );
    house.close().await;
}

#[tokio::test]
async fn only_a_lead_erases_and_is_told_before_what() {
    let mut house = House::open().await;
    let (_, change) = requested(&mut house).await;
    let account = house.support("x").shows(&change).await["account"]
        .as_str()
        .expect("an id")
        .to_owned();
    let page = format!("/console/accounts/{account}");
    let erase = format!("{page}/erase");
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    assert!(!agent.reads(&page).await.contains("Erase"));
    assert_eq!(agent.opens(&erase).await.status, 404);
    let lead = house.on_duty("lead-1", StaffRole::Lead).await;
    let blocked = lead.opens(&erase).await;
    assert_eq!(blocked.status, 409, "a change is under way");
    assert!(blocked.text().contains("Back to the account"));
    house
        .support("x")
        .acts(&change, "cancel")
        .await
        .expect("cancelled");
    house.settle().await;
    let told = lead.reads(&erase).await;
    assert!(told.contains("the name, the mail address") && told.contains("It cannot be taken back."));
    assert!(lead.reads(&page).await.contains("Padaria"), "nothing was done");
    let form = lead
        .fills_in(&erase, &erase)
        .await
        .with("reason", "asked for by its person");
    assert_eq!(form.sends().await.status, 303);
    let after = lead.reads(&page).await;
    assert!(
        after.contains("Erased account") && !after.contains("Padaria"),
        "{after}"
    );
    let audit = lead.reads("/console/audit").await;
    assert!(
        audit.contains("Erased data") && audit.contains("lead-1"),
        "{audit}"
    );
    house.close().await;
}
