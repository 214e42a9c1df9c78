//! Files with mistakes: each is told with its line, its column and a remedy, and all of them at once.

use proptest::prelude::*;

use changeover::domain::catalog::StageName;

use super::*;

/// The shipped file with some text replaced; the replaced text must be there.
fn spoilt(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(CLINT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// What is said about the file, without the file's name, and with the line's own text instead of its number, so that
/// editing the shipped file does not break these tests.
fn told(text: &str) -> Vec<String> {
    let problems = Workflow::parse("clint.toml", text).expect_err("it is spoilt");
    let lines: Vec<_> = text.lines().collect();
    let say = |problem: &changeover::workflow::Problem| {
        let line: String = lines
            .get(problem.line - 1)
            .copied()
            .unwrap_or_default()
            .chars()
            .take(24)
            .collect();
        let hint = problem
            .hint
            .as_ref()
            .map(|hint| format!(" ({hint})"))
            .unwrap_or_default();
        format!("[{}] {}: {}{hint}", line.trim_end(), problem.column, problem.what)
    };
    problems.iter().map(say).collect()
}

#[test]
fn a_problem_reads_like_a_compilers() {
    let text = "# a comment\n[seller]\nidd = \"clint\"\n";
    let problems = Workflow::parse("clint.toml", text).expect_err("it is spoilt");
    let first = problems
        .iter()
        .find(|problem| problem.line == 3)
        .expect("the key is told");
    assert_eq!(
        first.to_string(),
        "clint.toml:3:1: unknown key `idd` (did you mean `id`?)"
    );
}

#[test]
fn misspelt_keys_are_all_told_and_not_missed_as_well() {
    let text = spoilt(&[
        (
            "quantities = { min = 0, max = 100 }",
            "quantites = { min = 0, max = 100 }",
        ),
        ("may_change = true", "may_chnage = true"),
        (
            "plural = { pt-BR = \"dispositivos\"",
            "purals = { pt-BR = \"dispositivos\"",
        ),
        ("[reminders]", "[remindrs]"),
    ]);
    insta::assert_snapshot!(told(&text).join("\n"));
}

#[test]
fn values_that_are_not_what_they_should_be_are_told() {
    let text = spoilt(&[
        ("unit = \"297.00\"", "unit = 297.00"),
        ("proration = \"day\"", "proration = \"days\""),
        ("draft = \"7 days\"", "draft = \"a week\""),
        ("id = \"growth\"", "id = \"Growth Plan\""),
        (
            "interval = \"month\", unit = \"97.00\"",
            "interval = \"monthly\", unit = \"97.00\"",
        ),
        ("{ min = 0, max = 50 }", "{ min = -1, max = 50 }"),
        (
            "when = [\"any_quantity_lower\"]",
            "when = [\"any_quantity_less\"]",
        ),
    ]);
    insta::assert_snapshot!(told(&text).join("\n"));
}

#[test]
fn what_the_sections_say_about_each_other_is_told_together() {
    let text = spoilt(&[
        ("item = \"whatsapp-device\"", "item = \"whatsap-device\""),
        ("plans = [\"elite\"]", "plans = [\"elit\"]"),
        ("unit = \"597.00\"", "unit = \"597.005\""),
        ("unit = \"1197.00\"", "unit = \"1,197.00\""),
        (
            "name = { pt-BR = \"Elite\", en = \"Elite\" }",
            "name = { pt-BR = \"Elite\" }",
        ),
        (
            "name = { pt-BR = \"Usuário\", en = \"User seat\" }",
            "name = { pt-BR = \"Usuário\", en = \"User\", es = \"U\" }",
        ),
        ("{ min = 0, max = 200 }", "{ min = 0, max = 200, step = 7 }"),
        ("id = \"admin\"", "id = \"owner\""),
        (
            "quote = [\"1 day\", \"3 days\"]",
            "quote = [\"3 days\", \"1 day\", \"9 days\"]",
        ),
        ("America/Sao_Paulo", "America/Sampa"),
        ("\"https://app.clint.example/\"", "\"https://app.clint.example\""),
        ("email = \"planos@clint.example\"", "email = \"planos\""),
        (
            "url = \"https://clint.example/termos\"",
            "url = \"http://clint.example/termos\"",
        ),
    ]);
    let all = told(&text);
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn rules_that_cannot_work_are_told() {
    let text = spoilt(&[
        ("may_change = true", "may_change = false"),
        ("then = \"ticket\"", "then = \"refused\""),
        (
            "[[directions]]\nthen = \"immediate\"",
            "[[directions]]\nthen = \"immediate\"\n\n[[directions]]\nwhen = [\"item_added\"]\nthen = \"ticket\"",
        ),
        (
            "stages = [\"draft\", \"quote\"]",
            "stages = [\"quote\", \"draft\"]",
        ),
        ("quote_valid_for = \"24 hours\"", "quote_valid_for = \"0 hours\""),
    ]);
    insta::assert_snapshot!(told(&text).join("\n"));
}

/// The second example of the README with some text replaced: it has every section.
fn spoilt_example(changes: &[(&str, &str)]) -> String {
    let readme = include_str!("../../workflows/README.md");
    let block = readme.split("```toml\n").nth(2).expect("a second example");
    let example = block.split_once("```").expect("its end").0;
    changes.iter().fold(example.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn what_belongs_together_and_names_nothing_is_told() {
    let text = spoilt_example(&[
        ("contains = [\"inbox\"]", "contains = [\"inbx\", \"suite\"]"),
        ("family = \"inbox\"\nlevel", "family = \"inbok\"\nlevel"),
        ("aliases = [\"professional\"]", "aliases = [\"suite-pro\"]"),
        ("features = { users = 5 }", "features = { user = 5 }"),
        (
            "features = { users = 20 }",
            "features = { users = { es = \"veinte\" } }",
        ),
        ("min = 1\nmax = 1\n", "min = 2\nmax = 1\n"),
        (
            "grants = [{ item = \"small\", units = 1000 }",
            "grants = [{ item = \"smal\", units = 0 }",
        ),
        ("credit = \"volume\"", "credit = \"volumes\""),
        (
            "{ id = \"chat\", name = { en = \"Chat\" }, credits = 4 }",
            "{ id = \"email\", name = { en = \"Chat\" }, credits = 0 }",
        ),
        ("group = \"package\"", "group = \"packages\""),
        (
            "options = { of = \"channels\", min = 1, max = 1 }",
            "options = { of = \"channel\", min = 1, max = 1 }",
        ),
        (
            "options = { of = \"channels\", min = 1 }",
            "options = { of = \"channels\", min = 1, max = 3 }",
        ),
        (
            "needs = { items = [\"sms\"], held_before = true }",
            "needs = { items = [\"sms-pack\", \"mms\"] }",
        ),
        ("items = [\"sms\"]\nname", "items = []\nname"),
        (
            "url = \"https://app.orbit.example/sms\"",
            "url = \"app.orbit.example\"",
        ),
    ]);
    insta::assert_snapshot!(told(&text).join("\n"));
}

#[test]
fn rows_of_directions_that_cannot_work_are_told() {
    let row = "[[directions]]\nwhen = [\"unbundled\"]\nthen = \"ticket\"";
    let text = spoilt_example(&[(
        row,
        "[[directions]]\nwhen = [\"plan_stays\", \"bundled\"]\nthen = \"ticket\"\n\n\
         [[directions]]\nwhen = [\"currency_changes\"]\nthen = \"ticket\"\n\n\
         [[directions]]\nwhen = [\"plan_higher\"]\nitems = [\"sms\"]\nthen = \"ticket\"\n\n\
         [[directions]]\nwhen = [\"item_removed\"]\nthen = \"ticket\"\n\n\
         [[directions]]\nwhen = [\"item_added\"]\nfrom = [\"inbox\"]\nto = [\"suite-pro\"]\nthen = \"ticket\"",
    )]);
    insta::assert_snapshot!(told(&text).join("\n"));
}

#[test]
fn values_of_the_newer_sections_are_told_where_they_stand() {
    let text = spoilt_example(&[
        (
            "on_another_plan = \"drop_if_not_offered\"",
            "on_another_plan = \"drop\"",
        ),
        ("after = \"month\"", "after = \"a month\""),
        ("features = { users = 5 }", "features = { users = 5.5 }"),
        ("automatic_changes = \"never\"", "automatic_changes = \"always\""),
        ("credits = 4", "credit = 4"),
        ("when = [\"unbundled\"]", "when = [\"unbundle\"]"),
    ]);
    insta::assert_snapshot!(told(&text).join("\n"));
}

#[test]
fn taxes_are_reckoned_by_somebody_who_is_known_and_not_beside_vouchers() {
    let tax = "[tax]\nby = \"provider\"";
    let by = |text: &str| told(&spoilt_example(&[(tax, text)]));
    assert_eq!(
        by("[tax]\nby = \"nobody\""),
        ["[by = \"nobody\"] 6: unknown value `nobody` (expected provider, rates)"]
    );
    assert_eq!(by("[tax]\nfrom = \"provider\"").len(), 2, "unknown, and missing");
    let boleto = "[[payment_methods]]\nkind = \"boleto\"\nreleases = { en = \"Later.\" }\ntax_ids = [\"cnpj\"]\n\n[tax]\nby = \"provider\"";
    let all = by(boleto);
    let says = |line: &&String| line.contains("cannot go together with taxes that the provider reckons");
    assert_eq!(all.iter().filter(says).count(), 1, "{all:?}");
}

/// What is told of Clint's file with these rates, without where it stands.
fn told_of_rates(rates: &str) -> Vec<String> {
    let text = format!("{CLINT}\n[tax]\nby = \"rates\"\n{rates}");
    let all = Workflow::parse("clint.toml", &text).err().unwrap_or_default();
    all.into_iter().map(|problem| problem.what).collect()
}

fn rate(name: &str, percentage: &str, more: &str) -> String {
    format!("[[tax.rates]]\nname = \"{name}\"\npercentage = \"{percentage}\"\n{more}\n")
}

#[test]
fn rates_that_make_no_sense_are_told() {
    let brazil = "country = \"BR\"";
    assert!(told_of_rates(&rate("ISS", "2.9", brazil)).is_empty());
    assert_eq!(told_of_rates(""), ["there are no rates to tax by"]);
    for percentage in ["-1", "101", "1.23456", "19,5", "1e1", "", "nineteen"] {
        let all = told_of_rates(&rate("ISS", percentage, brazil));
        assert_eq!(all, [format!("`{percentage}` is not a percentage")]);
    }
    for (more, what) in [
        ("country = \"XX\"", "there is no country `XX`"),
        ("country = \"br\"", "there is no country `br`"),
        ("country = \"BR\"\nstate = \"XY\"", "there is no state `XY` in BR"),
        (
            "country = \"DE\"\nstate = \"BY\"",
            "an address in DE need not name a state, so that no tax can depend on it",
        ),
        (
            "country = \"BR\"\nreverse_charge = [\"cpf\"]",
            "this is a person's number, and persons account for no tax",
        ),
        (
            "country = \"BR\"\nreverse_charge = [\"eu_vat\"]",
            "nobody in BR has a number of this kind",
        ),
        (
            "country = \"DE\"\nreverse_charge = [\"eu_vat\"]",
            "this kind is not among `tax_ids`, so that nobody could give one",
        ),
    ] {
        assert_eq!(told_of_rates(&rate("ISS", "5", more)), [what]);
    }
    let nothing = rate("ISS", "0", "country = \"BR\"\nreverse_charge = [\"cnpj\"]");
    assert_eq!(told_of_rates(&nothing), ["nobody accounts for a tax of 0 %"]);
    assert_eq!(
        told_of_rates(&rate("", "5", brazil)),
        ["a tax has a name of 1 to 50 characters"]
    );
}

#[test]
fn rates_that_do_not_go_together_are_told() {
    let (brazil, paulo) = ("country = \"BR\"", "country = \"BR\"\nstate = \"SP\"");
    let both = |one: &str, other: &str| told_of_rates(&format!("{one}{other}"));
    assert!(both(&rate("PIS", "1.65", brazil), &rate("ISS", "5", paulo)).is_empty());
    assert_eq!(
        both(&rate("ISS", "5", brazil), &rate("ISS", "2", brazil)),
        ["the tax `ISS` is listed twice for the same place"]
    );
    let inside = rate("ISS", "5", &format!("{paulo}\ninside_prices = true"));
    assert_eq!(
        both(&rate("PIS", "1.65", brazil), &inside),
        ["at one place, prices contain all taxes or none"]
    );
    assert_eq!(
        both(&rate("A", "60", brazil), &rate("B", "60", brazil)),
        ["the taxes at this place are more than the price"]
    );
    let six: String = ["A", "B", "C", "D", "E", "F"]
        .map(|name| rate(name, "1", brazil))
        .concat();
    assert_eq!(told_of_rates(&six), ["there are more than 5 taxes at one place"]);
    let by_provider = format!("{CLINT}\n[tax]\nby = \"provider\"\n{}", rate("ISS", "5", brazil));
    let told = Workflow::parse("clint.toml", &by_provider).expect_err("two ways at once");
    assert!(
        told[0].what.contains("the provider reckons the taxes"),
        "{told:?}"
    );
}

#[test]
fn reminders_are_there_where_a_file_names_none_and_can_be_switched_off() {
    let named = "[reminders]\nquote = [\"1 day\", \"3 days\"]\nbilling_info = [\"1 day\", \"3 days\"]\npayment_confirm = [\"1 hour\", \"1 day\"]\n";
    assert!(CLINT.contains(named));
    let read = |reminders: &str, text: &str| {
        let workflow =
            Workflow::parse("clint.toml", &text.replacen(named, reminders, 1)).expect("a good file");
        workflow.playbook.policy.reminders
    };
    let hours = |ladder: &[jiff::SignedDuration]| {
        ladder
            .iter()
            .map(jiff::SignedDuration::as_hours)
            .collect::<Vec<_>>()
    };
    let usual = read("", CLINT);
    let told: Vec<(StageName, Vec<i64>)> = usual
        .iter()
        .map(|(stage, ladder)| (*stage, hours(ladder)))
        .collect();
    assert_eq!(
        told,
        [
            (StageName::Quote, vec![24, 72]),
            (StageName::BillingInfo, vec![24, 72]),
            (StageName::PaymentConfirm, vec![1, 24]),
        ]
    );
    let off = read("[reminders]\nquote = []\n", CLINT);
    assert_eq!(
        (off[&StageName::Quote].len(), off[&StageName::BillingInfo].len()),
        (0, 2)
    );
    // Nothing comes after the stage is over.
    let lines: Vec<String> = CLINT
        .lines()
        .map(|line| {
            if line.starts_with("payment_confirm = \"") {
                "payment_confirm = \"6 hours\"".to_owned()
            } else {
                line.to_owned()
            }
        })
        .collect();
    let short = read("", &format!("{}\n", lines.join("\n")));
    assert_eq!(hours(&short[&StageName::PaymentConfirm]), [1]);
    let pointless = "[reminders]\ndowngrade_ticket = [\"1 day\"]\n";
    let told =
        Workflow::parse("clint.toml", &CLINT.replacen(named, pointless, 1)).expect_err("nobody to remind");
    assert!(told[0].what.contains("waits for support"), "{told:?}");
}

#[test]
fn a_text_that_is_not_toml_is_told_as_such() {
    let text = spoilt(&[("id = \"clint\"", "id = \"clint")]);
    let all = told(&text);
    assert!(all[0].starts_with("[id = \"clint]"), "{all:?}");
    let empty = told("");
    assert_eq!(empty.len(), 8, "{empty:?}");
    assert_eq!(empty[0], "[] 1: the section `[seller]` is missing");
}

#[test]
fn a_text_beyond_all_measure_is_not_read() {
    let all = told(&"#".repeat(1 << 21));
    assert_eq!(all.len(), 1);
    assert!(
        all[0].ends_with("the file is longer than 1048576 bytes"),
        "{all:?}"
    );
}

proptest! {
    /// Whatever is cut out of a file or typed into it, it is read or told; nothing panics.
    #[test]
    fn any_text_is_answered(cut in 0_usize..9_000, length in 0_usize..400, typed in "[\\PC\\n]{0,12}") {
        let text: String = CLINT.chars().take(cut).chain(typed.chars()).chain(CLINT.chars().skip(cut + length)).collect();
        if let Err(problems) = Workflow::parse("clint.toml", &text) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.line >= 1 && problem.column >= 1));
        }
    }
}
