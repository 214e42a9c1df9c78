//! The shipped files, and the example that teaches the format.

use changeover::app::{check_workflow, shipped_workflows};
use changeover::domain::catalog::StageName;
use changeover::workflow::{Finding, Severity, StageEdge, check, check_stages, version};

use super::*;

const README: &str = include_str!("../../workflows/README.md");

fn example() -> &'static str {
    let (_, after) = README.split_once("```toml\n").expect("an example");
    after.split_once("```").expect("its end").0
}

#[test]
fn clint_can_be_served() {
    let report = check(&clint());
    assert!(report.is_servable(), "{:?}", report.findings);
}

#[test]
fn everything_invented_is_marked_as_such() {
    let samples = clint().samples;
    assert_eq!(samples.len(), 11, "{samples:?}");
    assert!(samples.contains(&"offer whatsapp-device on growth".to_owned()));
    let told = check(&clint())
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    assert!(told);
}

#[test]
fn the_examples_of_the_readme_work() {
    let blocks = README.split("```toml\n").skip(1);
    let examples = blocks.map(|block| block.split_once("```").expect("its end").0);
    let mut names = Vec::new();
    for example in examples {
        let workflow = Workflow::parse("example.toml", example).expect("the example is sound");
        let report = check_workflow(&workflow);
        assert_eq!(report.findings, [], "an example has nothing to complain about");
        names.push(workflow.playbook.seller.id.to_string());
    }
    assert_eq!(names, ["acme", "orbit", "harbour"]);
}

/// The second example has every section and every key that the README speaks of beyond the first one.
fn orbit() -> &'static str {
    let block = README.split("```toml\n").nth(2).expect("a second example");
    block.split_once("```").expect("its end").0
}

#[test]
fn combinations_that_no_customer_could_fill_are_found() {
    let no_package = orbit().replace(
        "item = \"small\"\nplans = [\"inbox-pro\", \"suite-pro\"]",
        "item = \"small\"\nplans = [\"suite-pro\"]",
    );
    let no_package = no_package.replace(
        "item = \"large\"\nplans = [\"inbox-pro\", \"suite-pro\"]",
        "item = \"large\"\nplans = [\"suite-pro\"]",
    );
    assert_errors(
        &no_package,
        &["plan `inbox-pro` offers 0 of group `package`, and 1 are needed"],
    );
    let alone = orbit().replace(
        "item = \"sms-pack\"\nplans = [\"suite-pro\"]",
        "item = \"sms-pack\"\nplans = [\"inbox-pro\", \"suite-pro\"]",
    );
    assert_errors(
        &alone,
        &["`sms-pack` on `inbox-pro` needs what that plan does not offer"],
    );
    let circle = orbit().replace(
        "plural = { en = \"SMS\" }",
        "plural = { en = \"SMS\" }\nneeds = { items = [\"sms-pack\"] }",
    );
    assert_errors(
        &circle,
        &[
            "item `sms` needs itself in the end: it could never be bought",
            "item `sms-pack` needs itself in the end: it could never be bought",
        ],
    );
    let both = orbit().replace(
        "quantities = { min = 0, max = 1 }\nprices = [{ currency = \"USD\", interval = \"month\", unit = \"19.00\" }]",
        "quantities = { min = 1, max = 1 }\nprices = [{ currency = \"USD\", interval = \"month\", unit = \"19.00\" }]",
    );
    let both = both.replace(
        "quantities = { min = 0, max = 1 }\nprices = [{ currency = \"USD\", interval = \"month\", unit = \"79.00\" }]",
        "quantities = { min = 1, max = 1 }\nprices = [{ currency = \"USD\", interval = \"month\", unit = \"79.00\" }]",
    );
    assert_errors(
        &both,
        &[
            "plan `inbox-pro` cannot be had without 2 of group `package`, and 1 are possible",
            "plan `suite-pro` cannot be had without 2 of group `package`, and 1 are possible",
        ],
    );
}

#[test]
fn the_version_is_the_hash_of_the_bytes() {
    assert_eq!(
        version("").as_str(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(clint().version(), &version(CLINT));
    assert_ne!(version(CLINT), version(&format!("{CLINT}\n")));
}

#[test]
fn a_price_that_is_missing_in_one_interval_is_found() {
    let yearly_seat = "  { currency = \"USD\", interval = \"year\", unit = \"90.00\" },\n";
    let text = example().replace(yearly_seat, "");
    assert_ne!(text, example());
    assert_errors(&text, &["`seat` on `basic` has no price in USD per year"]);
}

#[test]
fn a_currency_without_prices_is_found() {
    let text = example().replace("currencies = [\"USD\"]", "currencies = [\"USD\", \"BRL\"]");
    assert_errors(
        &text,
        &[
            "plan `basic` has no price in BRL per month",
            "`seat` on `basic` has no price in BRL per month",
            "plan `basic` has no price in BRL per year",
            "`seat` on `basic` has no price in BRL per year",
        ],
    );
}

#[test]
fn days_that_the_provider_would_count_otherwise_are_found() {
    let by_days = example().replace("proration = \"second\"", "proration = \"day\"");
    let workflow = Workflow::parse("acme.toml", &by_days).expect("it can be read");
    assert!(check(&workflow).is_servable(), "New York is west of UTC");
    let in_madrid = by_days.replace("America/New_York", "Europe/Madrid");
    let told = "proration by days needs a time zone at or west of UTC: the provider counts months in UTC";
    assert_errors(&in_madrid, &[told]);
    // In summer only.
    assert_errors(&by_days.replace("America/New_York", "Europe/Lisbon"), &[told]);
}

#[test]
fn a_kind_of_change_without_an_answer_is_found() {
    let text = example().replace("[[directions]]\nthen = \"immediate\"", "");
    assert_errors(&text, &["no rule in `directions` speaks of a first contract"]);
}

#[test]
fn a_screen_that_is_missing_is_found() {
    let text = example().replace("stages = [\"active\"]", "stages = [\"draft\"]");
    assert_errors(&text, &["the stage `active` is on no screen"]);
    let text = example().replace("ends_with = \"confirm\"", "ends_with = \"continue\"");
    assert_errors(&text, &["no screen ends with `confirm`: nobody could buy"]);
}

#[test]
fn a_stage_that_the_machine_cannot_reach_or_leave_is_found() {
    use StageName::{Active, BillingInfo, Draft, PaymentConfirm, Quote};
    let workflow = Workflow::parse("acme.toml", example()).expect("sound");
    let edge = |(from, to)| StageEdge { from, to };
    let whole = [
        (Draft, Quote),
        (Quote, BillingInfo),
        (BillingInfo, PaymentConfirm),
        (PaymentConfirm, Active),
    ];
    assert_eq!(check_stages(&workflow.playbook, &whole.map(edge)), []);
    let told = check_stages(
        &workflow.playbook,
        &[(Draft, Quote), (Quote, BillingInfo)].map(edge),
    );
    let told: Vec<_> = told.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(
        told,
        [
            "a change never leaves the stage `billing_info`",
            "no change ever comes to the stage `payment_confirm`",
            "a change never leaves the stage `payment_confirm`",
            "no change ever comes to the stage `active`",
        ]
    );
}

#[test]
fn every_workflow_that_comes_with_the_program_can_be_run_by_its_machine() {
    for (name, text) in shipped_workflows() {
        let workflow = Workflow::parse(name, text).expect("it can be read");
        let report = check_workflow(&workflow);
        let errors: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        assert_eq!(errors, Vec::<&Finding>::new(), "{name}");
    }
}

fn assert_errors(text: &str, expected: &[&str]) {
    let workflow = Workflow::parse("acme.toml", text).expect("it can be read");
    let report = check(&workflow);
    let errors: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.what.as_str())
        .collect();
    assert_eq!(errors, expected);
    assert!(!report.is_servable());
}
