//! What goes beyond a limit: on whose invoice it stands, once. Rows G8, S2.

use changeover::engine::CrashPoint;
use jiff::SignedDuration;
use serde_json::json;

use super::renewals::seen;
use crate::support::{Clint, Customs, Database, House, Use, metered_by_the_year, selecting};

/// The lines for use on the invoices of this customer: amount, invoice's reason and status.
pub(super) async fn lines_for_use(house: &House, customer: &str) -> Vec<(i64, String, String)> {
    let path = format!("/v1/invoices?customer={customer}&limit=100");
    let invoices = house.provider.get(&path).await;
    let mut found = Vec::new();
    for invoice in invoices["data"].as_array().expect("invoices").iter().rev() {
        for line in invoice["lines"]["data"].as_array().expect("lines") {
            if !line["metadata"]["changeover_overage"].is_null() {
                let text = |field: &str| invoice[field].as_str().expect("a text").to_owned();
                found.push((
                    line["amount"].as_i64().expect("an amount"),
                    text("billing_reason"),
                    text("status"),
                ));
            }
        }
    }
    found
}

#[tokio::test]
async fn g8_what_goes_beyond_stands_once_on_the_renewals_invoice_whatever_happens_on_the_way() {
    for database in Database::ALL {
        for crash in [
            None,
            Some(CrashPoint::AttemptWritten),
            Some(CrashPoint::CallAnswered),
        ] {
            let mut house = House::that_counts(database).await;
            let clint = Clint::customer(&house).await;
            house.settle().await;
            clint
                .uses(&house, &[Use::of("email-sync", "r-1", "125.5")])
                .await
                .expect("it goes on past the limit");
            house.settle().await;
            house
                .clock
                .move_to("2026-04-10T03:05:00Z".parse().expect("an instant"));
            house.settle().await;
            // The month is over and still open: what comes late counts in it.
            let late = [
                Use::of("email-sync", "r-2", "0.5").when("2026-04-10T02:59:00Z"),
                Use::of("email-sync", "r-3", 7).when("2026-04-10T03:01:00Z"),
            ];
            clint.uses(&house, &late).await.expect("counted");
            assert!(lines_for_use(&house, &clint.customer).await.is_empty());
            if let Some(point) = crash {
                house.crash_at(point, 1);
            }
            house
                .clock
                .move_to("2026-04-10T03:15:00Z".parse().expect("an instant"));
            house.settle().await;
            let problem = clint
                .uses(
                    &house,
                    &[Use::of("email-sync", "r-4", 1).when("2026-04-10T02:58:00Z")],
                )
                .await
                .expect_err("the period is closed");
            assert_eq!(problem.code, "usage_period_closed");
            house.pass(SignedDuration::from_hours(3)).await;
            let line = (26 * 50, "subscription_cycle".to_owned(), "paid".to_owned());
            assert_eq!(lines_for_use(&house, &clint.customer).await, [line], "{crash:?}");

            let usage = house
                .backend
                .get(&format!("/v1/contracts/{}/usage", clint.contract))
                .await;
            let closed = usage["closed"].as_array().expect("periods");
            let syncs = closed
                .iter()
                .find(|period| period["id"] == "email-sync")
                .expect("the period");
            assert_eq!(
                (&syncs["used"], &syncs["overage"]["amount"]["amount"]),
                (&json!("126"), &json!(1300))
            );
            assert_eq!(syncs["overage"]["status"], "charged");
            assert_eq!(clint.pot(&house, "email-sync").await["used"], "7");
            let history = seen(&house, &clint).await;
            let charged = history.iter().filter(|word| *word == "overage_charged").count();
            assert_eq!(charged, 1, "{history:?}");
            // Another month without anything beyond: nothing more is charged.
            house.pass(SignedDuration::from_hours(31 * 24)).await;
            assert_eq!(lines_for_use(&house, &clint.customer).await.len(), 1);
            house.close().await;
        }
    }
}

#[tokio::test]
async fn s2_credits_renew_monthly_on_a_yearly_charge_and_what_goes_beyond_is_invoiced_by_itself() {
    let mut house = House::open().await;
    house.deploy(&[("clint.toml", &metered_by_the_year())]).await;
    house.push_catalog().await;
    let customs = Customs {
        plan_interval: "year",
        ..Customs::default()
    };
    let mut clint = Clint::without_extras_like(&house, customs).await;
    house.settle().await;
    assert_eq!(
        clint.pot(&house, "sms").await["left"],
        "100",
        "what the plan includes grants too"
    );
    clint
        .changes_to(&mut house, selecting("growth", "year", &[("device", 3)]))
        .await;
    assert_eq!(clint.pot(&house, "sms").await["left"], "400");
    let account = house
        .backend
        .get(&format!("/v1/accounts/{}", clint.account))
        .await;
    clint.customer = account["provider_customer"]
        .as_str()
        .expect("a customer")
        .to_owned();

    // The first renewal begins the year; the months go on turning on the billing day.
    house.pass(SignedDuration::from_hours(24 * 24)).await;
    for (month, used) in [("2026-05-10T03:00:00Z", 130), ("2026-06-10T03:00:00Z", 90)] {
        let sms = clint.pot(&house, "sms").await;
        assert_eq!((&sms["left"], &sms["period_end"]), (&json!("400"), &json!(month)));
        let ids = [format!("s-{month}"), format!("e-{month}")];
        let all = [
            Use::of("sms-sent", &ids[0], 150).to("br"),
            Use::of("email-sync", &ids[1], used),
        ];
        clint.uses(&house, &all).await.expect("counted");
        assert_eq!(clint.pot(&house, "sms").await["left"], "250");
        house.pass(SignedDuration::from_hours(31 * 24)).await;
    }
    // No renewal is near: what went beyond in the first month has an invoice of its own, on the same card.
    let line = (30 * 50, "manual".to_owned(), "paid".to_owned());
    assert_eq!(lines_for_use(&house, &clint.customer).await, [line]);
    let path = format!("/v1/invoices?customer={}&limit=100", clint.customer);
    let invoices = house.provider.get(&path).await;
    let renewals = invoices["data"].as_array().expect("invoices").iter();
    let renewals = renewals
        .filter(|invoice| invoice["billing_reason"] == "subscription_cycle")
        .count();
    assert_eq!(renewals, 1, "the charge itself is a yearly one");
    house.close().await;
}
