//! What is used: counted once, held against what may be used, and told of. Rows A7, A8, C7, G5, G7, S0, S3, S5, Z2, Z3.

use std::collections::BTreeMap;

use changeover::engine::CrashPoint;
use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::WORKS;
use super::renewals::seen;
use crate::support::{Clint, Database, House, Use, metered, read};

fn refused(answer: &Value) -> &str {
    assert_eq!(answer["status"], "refused", "{answer}");
    answer["problem"]["code"].as_str().expect("a code")
}

#[tokio::test]
async fn g5_use_is_counted_once_however_often_it_is_reported() {
    for database in Database::ALL {
        let mut house = House::that_counts(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        let morning = [
            Use::of("email-sync", "r-1", 12),
            Use::of("email-sync", "r-2", "0.5"),
            Use::of("user-seat", "r-3", 7),
        ];
        for round in ["counted", "repeated", "repeated"] {
            let answers = clint.uses(&house, &morning).await.expect("answers");
            assert!(
                answers
                    .iter()
                    .all(|one| one["status"] == round && one["allowed"] == true),
                "{answers:?}"
            );
            assert_eq!(answers[1]["usage"]["used"], "12.5");
        }
        let syncs = clint.pot(&house, "email-sync").await;
        assert_eq!(
            (&syncs["used"], &syncs["limit"], &syncs["left"]),
            (&json!("12.5"), &json!("100"), &json!("87.5"))
        );
        // Until the renewal, whose day is that of the account.
        assert_eq!(syncs["period_start"], "2026-03-10T03:00:00Z");
        assert_eq!(syncs["period_end"], "2026-04-10T03:00:00Z");
        let seats = clint.pot(&house, "user-seat").await;
        assert_eq!(
            (&seats["used"], &seats["limit"]),
            (&json!("7"), &json!("8")),
            "three included and five bought"
        );

        // A level tells how much there is: an older one says nothing about now.
        let level = [
            Use::of("user-seat", "r-4", 6),
            Use::of("user-seat", "r-5", 2).when("2026-03-17T10:00:00Z"),
        ];
        clint.uses(&house, &level).await.expect("answers");
        assert_eq!(clint.pot(&house, "user-seat").await["used"], "6");

        // Many at once, each with a name of its own and one of them twice: nothing is lost, and nothing counts double.
        let many = (0..12).map(|nth| {
            let used = [Use::of("email-sync", &format!("m-{}", nth % 11), 1)];
            let (clint, house) = (&clint, &house);
            async move {
                loop {
                    match clint.uses(house, &used).await {
                        Ok(answers) => return answers,
                        Err(busy) => assert_eq!(busy.code, "change_busy"),
                    }
                }
            }
        });
        futures_util::future::join_all(many).await;
        assert_eq!(clint.pot(&house, "email-sync").await["used"], "23.5");
        house.close().await;
    }
}

#[tokio::test]
async fn g5_what_cannot_be_counted_is_refused_with_its_reason_and_holds_up_nothing() {
    let mut house = House::that_counts(Database::Sqlite).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let bad = [
        (Use::of("email-sync", "ok", 1), ""),
        (Use::of("emailsync", "b-1", 1), "usage_meter_unknown"),
        (Use::of("email-sync", "b-2", "0.25"), "usage_invalid"),
        (Use::of("email-sync", "b-3", 0), "usage_invalid"),
        (Use::of("email-sync", "b-4", 2_000_000_000), "usage_invalid"),
        (Use::of("email-sync", "b-5", 1).to("br"), "usage_invalid"),
        (Use::of("sms-sent", "b-6", 1), "usage_invalid"),
        (Use::of("sms-sent", "b-7", 1).to("fr"), "usage_invalid"),
        (
            Use::of("email-sync", "b-8", 1).when("2026-03-18T15:06:00Z"),
            "usage_in_future",
        ),
        (
            Use::of("email-sync", "b-9", 1).when("2026-03-09T12:00:00Z"),
            "usage_period_closed",
        ),
        (Use::of("email-sync", "ok", 2), "usage_conflict"),
        (Use::of("mail-test", "ok", 1), "usage_conflict"),
    ];
    let all: Vec<Use> = bad.iter().map(|(used, _)| used.clone()).collect();
    let answers = clint.uses(&house, &all).await.expect("one of them was counted");
    for ((_, code), answer) in bad.iter().zip(&answers).skip(1) {
        assert_eq!(refused(answer), *code, "{answer}");
        assert!(
            answer["problem"]["errors"][0]["pointer"]
                .as_str()
                .is_some_and(|at| at.starts_with("/reports/"))
        );
    }
    assert_eq!(clint.pot(&house, "email-sync").await["used"], "1");

    // Alone, a report that cannot be taken is a problem.
    let problem = clint.uses(&house, &all[1..2]).await.expect_err("unknown");
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (422, "usage_meter_unknown")
    );
    let problem = clint.uses(&house, &all[9..11]).await.expect_err("closed");
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (409, "usage_period_closed")
    );
    assert_eq!(problem.body["errors"][0]["pointer"], "/reports/0/at");
    assert_eq!(problem.body["errors"][1]["code"], "usage_conflict");
    house.close().await;
}

#[tokio::test]
async fn g5_what_does_not_fit_is_told_field_by_field_and_nobody_counts_for_another_seller() {
    let mut house = House::that_counts(Database::Sqlite).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let well = Use::of("email-sync", "w-1", 1).report(&house, &clint.contract);
    let headers = [("content-type", "application/json")];
    let mut broken = Vec::new();
    for (field, value) in [
        ("quantity", json!(0.5)),
        ("quantity", json!(-1)),
        ("quantity", json!("1,5")),
        ("id", json!("")),
        ("id", json!("a b")),
        ("at", json!("yesterday")),
        ("meter", json!("E-mail")),
        ("further", json!(1)),
    ] {
        let mut report = well.clone();
        report[field] = value;
        broken.push(json!({ "reports": [report] }));
    }
    broken.push(json!({ "reports": [] }));
    broken.push(json!({ "reports": vec![well.clone(); 101] }));
    for body in broken {
        let answer = house
            .backend
            .sends(Method::POST, "/v1/usage", &headers, body.to_string())
            .await;
        let problem = read(&answer).expect_err("a body that does not fit");
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (422, "request_invalid"),
            "{body}"
        );
    }
    // Nobody else's customer can be counted on.
    let outra = metered()
        .replace(r#"id = "clint""#, r#"id = "outra""#)
        .replace("name = \"Clint\"", "name = \"Outra\"");
    house
        .deploy(&[("clint.toml", &metered()), ("outra.toml", &outra)])
        .await;
    let theirs = house.backend_of_another_seller();
    let body = json!({ "reports": [well] }).to_string();
    let problem =
        read(&theirs.sends(Method::POST, "/v1/usage", &headers, body).await).expect_err("not theirs");
    assert_eq!((problem.status, problem.code.as_str()), (404, "not_found"));
    for path in ["entitlements", "usage", "credits"] {
        let path = format!("/v1/contracts/{}/{path}", clint.contract);
        assert_eq!(
            theirs.try_get(&path).await.expect_err("not theirs").status,
            404,
            "{path}"
        );
    }
    assert_eq!(clint.pot(&house, "email-sync").await["used"], "0");
    house.close().await;
}

#[tokio::test]
async fn a7_c7_entitlements_switch_with_the_money_and_are_read_at_once() {
    for database in Database::ALL {
        let mut house = House::that_counts(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        let path = format!("/v1/contracts/{}/entitlements", clint.contract);
        let ask = async |house: &House, tag: &str| {
            house
                .backend
                .sends(Method::GET, &path, &[("if-none-match", tag)], "")
                .await
        };
        let before = ask(&house, "\"none\"").await;
        let tag = before.headers["etag"].to_str().expect("a tag").to_owned();
        let devices = |entitled: &Value| entitled["items"][0]["quantity"].clone();
        assert_eq!(devices(&before.json()), 4, "one included and three bought");
        assert_eq!(clint.pot(&house, "sms").await["left"], "400");

        // Nothing changes until the customer confirms.
        let change = clint
            .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
            .await;
        let unchanged = ask(&house, &tag).await;
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
        change.confirms().await.expect("a confirmation");
        // Only the change itself: no look at the contract comes in between.
        while change.stage().await != "active" {
            house.round().await;
        }
        let after = ask(&house, &tag).await;
        assert_eq!(after.status, 200);
        assert_ne!(after.headers["etag"].to_str().expect("a tag"), tag);
        assert_eq!(devices(&after.json()), 6);
        assert_eq!(
            clint.pot(&house, "sms").await["left"],
            "600",
            "the month's credits are there at once"
        );
        let account = house
            .backend
            .get(&format!("/v1/accounts/{}/entitlements", clint.account))
            .await;
        assert_eq!(account["data"][0], after.json());
        house.settle().await;
        house.pass(SignedDuration::from_mins(10)).await;
        assert_eq!(
            ask(&house, after.headers["etag"].to_str().expect("a tag"))
                .await
                .status,
            304
        );
        house.close().await;
    }
}

/// The mails about limits: their subjects. A copy that was sent again after a doubt has the same name, and counts as the same.
async fn about_limits(house: &House) -> Vec<String> {
    let mails = house.mails().await.into_iter();
    let about = mails.filter(|mail| mail.subject.contains("imite"));
    let named: BTreeMap<String, String> = about.map(|mail| (mail.message_id, mail.subject)).collect();
    named.into_values().collect()
}

#[tokio::test]
async fn g7_a8_a_limit_is_told_of_once_per_period_and_threshold_and_nothing_is_upgraded() {
    for database in Database::ALL {
        let mut house = House::that_counts(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        let held = clint.held(&house).await;
        clint
            .uses(&house, &[Use::of("email-sync", "a-1", 79)])
            .await
            .expect("counted");
        house.settle().await;
        assert!(about_limits(&house).await.is_empty());
        // The process dies wherever it can on the way; the report is sent again, as a product does that got no answer.
        for (nth, (point, seats)) in [
            (CrashPoint::Claimed, 7),
            (CrashPoint::OutboxClaimed, 8),
            (CrashPoint::OutboxSent, 10),
        ]
        .into_iter()
        .enumerate()
        {
            house.crash_at(point, 1);
            let used = [
                Use::of("email-sync", &format!("c-{nth}"), 1),
                // Something must come by the point, where everything else was told before.
                Use::of("user-seat", &format!("s-{nth}"), seats),
            ];
            for _ in 0..2 {
                clint.uses(&house, &used).await.expect("counted");
            }
            // What a dead node held is waited for.
            house.pass(SignedDuration::from_mins(3)).await;
        }
        house.pass(SignedDuration::from_mins(3)).await;
        let told = about_limits(&house).await;
        let of_syncs = |told: &[String]| told.iter().filter(|subject| subject.contains("e-mail")).count();
        let history = seen(&house, &clint).await;
        assert_eq!(of_syncs(&told), 1, "{database:?}: {told:?}, {history:?}");
        clint
            .uses(&house, &[Use::of("email-sync", "a-2", 30)])
            .await
            .expect("it goes on past the limit");
        house.settle().await;
        assert_eq!(of_syncs(&about_limits(&house).await), 2);
        clint
            .uses(&house, &[Use::of("email-sync", "a-3", 30)])
            .await
            .expect("it goes on past the limit");
        house.settle().await;
        assert_eq!(of_syncs(&about_limits(&house).await), 2, "it was told of");
        assert_eq!(
            clint.held(&house).await,
            held,
            "the seller never upgrades by itself"
        );
        assert!(
            clint.pot(&house, "email-sync").await["over"]
                .as_bool()
                .expect("a truth")
        );
        house.close().await;
    }
}

/// The history of the customer's credits: what happened, and how many.
async fn credit_lines(house: &House, clint: &Clint) -> Vec<(String, String)> {
    let path = format!("/v1/contracts/{}/credits?limit=200", clint.contract);
    let lines = house.backend.get(&path).await;
    let lines = lines["data"].as_array().expect("lines").iter();
    let text = |line: &Value, field: &str| line[field].as_str().expect("a text").to_owned();
    lines
        .map(|line| (text(line, "kind"), text(line, "amount")))
        .collect()
}

#[tokio::test]
async fn z2_z3_s0_s3_s5_credits_move_freely_renew_with_the_month_and_lapse() {
    for database in Database::ALL {
        let mut house = House::that_counts(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        // Valued per destination, out of one balance.
        let sent = [
            Use::of("sms-sent", "s-1", 100).to("br"),
            Use::of("sms-sent", "s-2", 130).to("us"),
        ];
        clint.uses(&house, &sent).await.expect("counted");
        assert_eq!(clint.pot(&house, "sms").await["left"], "40");
        let refused = clint
            .uses(&house, &[Use::of("sms-sent", "s-3", 30).to("us")])
            .await
            .expect("an answer");
        assert_eq!(
            (&refused[0]["status"], &refused[0]["allowed"]),
            (&json!("stopped"), &json!(false))
        );
        assert_eq!(
            clint.pot(&house, "sms").await["left"],
            "40",
            "what stops is not counted"
        );
        clint
            .uses(&house, &[Use::of("sms-sent", "s-4", 20).to("us")])
            .await
            .expect("counted");
        assert_eq!(clint.pot(&house, "sms").await["left"], "0");

        // A device more: its credits are there with the money, and so the same report can be counted.
        clint.changes_to(&mut house, Clint::selection(4, 5)).await;
        let counted = clint
            .uses(&house, &[Use::of("sms-sent", "s-3", 30).to("us")])
            .await
            .expect("an answer");
        assert_eq!(counted[0]["status"], "counted");
        assert_eq!(clint.pot(&house, "sms").await["left"], "40");

        // The month turns on the billing day: what is left is gone, and everything is there anew.
        house.pass(SignedDuration::from_hours(23 * 24)).await;
        let sms = clint.pot(&house, "sms").await;
        assert_eq!((&sms["left"], &sms["used"]), (&json!("500"), &json!("0")));
        assert_eq!(sms["period_start"], "2026-04-10T03:00:00Z");
        let lines = credit_lines(&house, &clint).await;
        let line = |kind: &str, amount: &str| (kind.to_owned(), amount.to_owned());
        assert_eq!(
            lines,
            [
                line("granted", "400"),
                line("spent", "100"),
                line("spent", "260"),
                line("spent", "40"),
                line("granted", "100"),
                line("spent", "60"),
                line("granted", "500"),
                line("lapsed", "40"),
            ]
        );
        let granted = seen(&house, &clint).await;
        let granted = granted.iter().filter(|word| *word == "credits_granted").count();
        assert_eq!(granted, 3, "the month's, the new device's, the next month's");
        house.close().await;
    }
}

#[tokio::test]
async fn s7_s8_a_prerequisite_is_tracked_until_it_is_met_for_accounts_that_it_applies_to() {
    for database in Database::ALL {
        let mut house = House::that_counts(database).await;
        let clint = Clint::customer(&house).await;
        house.settle().await;
        let path = format!("/v1/accounts/{}/prerequisites", clint.account);
        let say = async |house: &House, said: &str, who: Value| {
            let mut body = json!({ "prerequisite": "a2p-10dlc", "said": said });
            for (name, value) in who.as_object().expect("an object") {
                body[name] = value.clone();
            }
            house.backend.command(Method::POST, &path, &body).await
        };
        let owner = json!({ "actor": { "role": "owner", "id": "user-1" } });
        // Shown to all, before anything was said or bought.
        let listed = house.backend.get(&path).await;
        let first = &listed["data"][0];
        assert_eq!(
            (&first["standing"], &first["items"]),
            (&json!("not_said"), &json!(["device"]))
        );
        assert!(
            first["text"]
                .as_str()
                .is_some_and(|text| text.contains("Estados Unidos"))
        );
        assert!(first["next_step"].is_null());
        let nothing = say(&house, "met", json!({})).await.expect_err("nothing to meet");
        assert_eq!((nothing.status, nothing.code.as_str()), (409, "nothing_to_do"));

        let open = say(&house, "applies", owner.clone()).await.expect("said");
        assert_eq!(open["standing"], "open");
        assert_eq!(open["next_step"]["url"], "https://app.clint.example/a2p");
        let entitled = clint.entitlements(&house).await;
        assert_eq!(
            entitled["open_prerequisites"][0]["next_step"]["text"],
            "Registre a sua empresa."
        );
        let by_itself = say(&house, "met", owner)
            .await
            .expect_err("not said by the account");
        assert_eq!(
            (by_itself.status, by_itself.code.as_str()),
            (422, "request_invalid")
        );
        house.pass(SignedDuration::from_hours(50)).await;
        assert_eq!(house.backend.get(&path).await["data"][0]["standing"], "open");

        let support = json!({ "support": { "id": "agent-7", "reason": "Registration 4711 is there." } });
        assert_eq!(
            say(&house, "met", support).await.expect("said")["standing"],
            "met"
        );
        assert!(clint.entitlements(&house).await["open_prerequisites"].is_null());
        let body = json!({ "prerequisite": "a2p", "said": "applies" });
        let unknown = house
            .backend
            .command(Method::POST, &path, &body)
            .await
            .expect_err("unknown");
        assert_eq!(unknown.status, 404);
        house.close().await;
    }
}
