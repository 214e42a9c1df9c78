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

/// What somebody who works for another seller is answered at these addresses.
async fn another_sellers_agent_opens(house: &mut House, addresses: &[String]) -> Vec<(u16, String)> {
    let file = include_str!("../../workflows/clint.toml");
    let elsewhere = file.replace(r#"id = "clint""#, r#"id = "outra""#);
    house
        .deploy(&[("clint.toml", file), ("outra.toml", &elsewhere)])
        .await;
    house.employs("of-outra", StaffRole::Agent, Some("outra")).await;
    let mut foreign = house.browser();
    foreign.signs_in("of-outra").await;
    let mut answers = Vec::new();
    for address in addresses {
        let answer = foreign.opens(address).await;
        answers.push((answer.status, answer.text()));
    }
    answers
}

async fn a_change_is_found_by_what_the_providers_dashboard_shows(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
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
    let words = [intent, event.as_str()].map(|word| format!("/console/search?q={word}"));
    for (status, found) in another_sellers_agent_opens(&mut house, &words).await {
        assert_eq!(status, 200);
        assert!(found.contains("Nothing is named so."), "{found}");
    }
    house.close().await;
}

async fn a_mail_of_an_account_is_read_as_its_customer_got_it(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let mut agent = house.on_duty("agent-7", StaffRole::Agent).await;
    let page = format!("/console/accounts/{}", clint.account);
    let before = agent.reads(&page).await;
    assert!(
        before.contains("Mails about the account") && !before.contains("contract: ending"),
        "{before}"
    );

    let wish = [("cancel_at_period_end", "true")];
    house.provider.edits(&clint.subscription, &wish).await;
    house.pass(DAY).await;
    agent.signs_in("agent-7").await;
    let told = agent.reads(&page).await;
    assert!(
        told.contains("contract: ending") && told.contains("has left"),
        "{told}"
    );
    let link = told
        .split("\">contract: ending")
        .next()
        .and_then(|part| part.rsplit('"').next());
    let mail = link.expect("a link").to_owned();
    assert!(mail.starts_with(&format!("{page}/mails/")), "{mail}");
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

    // It is nobody else's: not another account's, and not another seller's.
    let nobody = mail.replace(&clint.account, &clint.contract);
    assert_eq!(agent.opens(&nobody).await.status, 404, "{nobody}");
    let both = [format!("{mail}/html"), mail];
    for (status, said) in another_sellers_agent_opens(&mut house, &both).await {
        assert_eq!(status, 404, "{said}");
    }
    house.close().await;
}
