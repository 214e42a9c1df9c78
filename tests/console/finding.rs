//! What support has in hand leads to the change, and to every mail that its customer got.

use changeover::ports::store::StaffRole;
use jiff::SignedDuration;

use crate::journeys::WORKS;
use crate::support::{Clint, Database, House};

const DAY: SignedDuration = SignedDuration::from_hours(24);

crate::stories::on_both!(
    a_change_is_found_by_what_the_providers_dashboard_shows,
    a_mail_of_an_account_is_read_as_its_customer_got_it,
);

async fn a_change_is_found_by_what_the_providers_dashboard_shows(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&mut house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let page = format!("/console/changes/{}", change.id);

    let ledger = house.provider.ledger().await;
    let mut charges = ledger.iter().filter(|entry| entry["object"] == "charge");
    let intent = charges.next_back().expect("a charge")["payment_intent"].clone();
    let intent = intent.as_str().expect("an id");
    assert!(intent.starts_with("pi_"), "{intent}");
    let told = agent.reads(&page).await;
    let event = told.split("evt_").nth(1).expect("a webhook");
    let end = event.find(|letter: char| !letter.is_ascii_alphanumeric());
    let event = format!("evt_{}", event.split_at(end.expect("an end")).0);
    for word in [intent, event.as_str()] {
        let found = agent.reads(&format!("/console/search?q={word}")).await;
        assert!(found.contains(&page), "{word}: {found}");
    }
    let found = agent.reads(&format!("/console/search?q={intent}x")).await;
    assert!(found.contains("Nothing is named so."), "{found}");

    // Nobody finds another seller's.
    house.employs("agent-8", StaffRole::Agent, Some("zenvia")).await;
    let mut other = house.browser();
    other.signs_in("agent-8").await;
    for word in [intent, event.as_str()] {
        let found = other.reads(&format!("/console/search?q={word}")).await;
        assert!(found.contains("Nothing is named so."), "{word}: {found}");
    }
    house.close().await;
}

async fn a_mail_of_an_account_is_read_as_its_customer_got_it(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&mut house).await;
    house.settle().await;
    let agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let page = format!("/console/accounts/{}", clint.account);
    let before = agent.reads(&page).await;
    assert!(before.contains("Mails about the account"), "{before}");
    assert!(!before.contains("/mails/"), "{before}");

    let wish = [("cancel_at_period_end", "true")];
    house.provider.edits(&clint.subscription, &wish).await;
    house.pass(DAY).await;
    let told = agent.reads(&page).await;
    assert!(
        told.contains("contract: ending") && told.contains("has left"),
        "{told}"
    );
    let mail = told.split("/mails/").nth(1).expect("a mail");
    let mail = format!("{page}/mails/{}", mail.split('"').next().expect("an id"));
    let read = agent.reads(&mail).await;
    let subject = read.split("<h1>").nth(1).and_then(|rest| rest.split('<').next());
    let subject = subject.expect("a subject");
    let sent = house.mails().await;
    assert!(
        sent.iter().any(|mail| mail.subject == subject),
        "{subject}: {sent:?}"
    );
    assert!(read.contains("Back to the account") && read.contains(&format!("href=\"{page}\"")));
    let html = agent.opens(&format!("{mail}/html")).await;
    let policy = html.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(html.text().contains("<html"), "{}", html.text());

    // It is nobody else's: not another seller's, and not another account's.
    house.employs("agent-8", StaffRole::Agent, Some("zenvia")).await;
    let mut other = house.browser();
    other.signs_in("agent-8").await;
    for address in [&mail, &format!("{mail}/html")] {
        assert_eq!(other.opens(address).await.status, 404, "{address}");
    }
    let nobody = mail.replace(&clint.account, &clint.contract);
    assert_eq!(agent.opens(&nobody).await.status, 404, "{nobody}");
    house.close().await;
}
