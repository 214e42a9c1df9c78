//! The table of rows: what each seller needs, row by row, and the tests that prove it. `tests/ROWS.md` is made from the sources;
//! `CHANGEOVER_TEST_ROWS=rewrite` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use super::{files, root, shown};

/// Each row in one sentence.
const ROWS: [(&str, &str); 52] = [
    (
        "C1",
        "Only the owner changes the plan; others read why not, and who can",
    ),
    (
        "C2",
        "The plans stand there with the held one marked, and only that one can be edited",
    ),
    (
        "C3",
        "Devices and seats are chosen beside their unit prices, and the total moves along",
    ),
    (
        "C4",
        "The steps come in their order, and billing data is always shown",
    ),
    (
        "C5",
        "Extras are monthly on the card, whatever the rhythm of the plan",
    ),
    (
        "C6",
        "The first charge is pro rata by days up to the account's own billing day",
    ),
    (
        "C7",
        "Success leads back, and the next request reads the new counts",
    ),
    (
        "C8",
        "Billing data holds CNPJ or CPF and a fiscal mail address; the nota fiscal comes back and is mailed",
    ),
    (
        "C9",
        "The official WhatsApp device is for Growth and Elite; elsewhere the refusal names them",
    ),
    ("C10", "Less is a ticket, and another plan leads to the support"),
    ("Z0", "A new customer begins without a contract and ends with one"),
    (
        "Z1",
        "A contract is a software plan and a channel package, never one alone",
    ),
    ("Z2", "A plan carries features, InteractionZ and licences"),
    (
        "Z2a",
        "Anybody can compare plans and packages, without signing in",
    ),
    (
        "Z3",
        "Channels are chosen with a package; its volume moves among them and does not roll over",
    ),
    ("Z4", "Administrators see contract, wallet, change and finances"),
    (
        "Z5",
        "The wallet lists, adds, prefers and removes cards outside of any change",
    ),
    ("Z6", "A card releases at once, and each method says when it does"),
    (
        "Z7",
        "A refused card is told with the bank's reason and the checklist in its order",
    ),
    (
        "Z8",
        "Boleto is for accounts of a month and more, and shown with its date before",
    ),
    ("Z9", "The financial page lists boletos and invoices"),
    ("Z10", "Up or down is the same button: one mail, no ticket"),
    (
        "A1",
        "The billing page shows what is held, each with its own edit link",
    ),
    (
        "A2",
        "Contacts move by a slider with tiered prices, in both directions",
    ),
    ("A3", "Seats move by plus and minus, with the price"),
    ("A4", "A tier is one click and one dialog, also by its other name"),
    (
        "A5",
        "The bundle is tier, contacts, seats and add-ons in one change",
    ),
    (
        "A6",
        "Every change shows the prorated charges, what is due today and the future price",
    ),
    ("A7", "Nothing changes until the customer confirms"),
    ("A8", "The seller never changes anything on its own"),
    ("A9", "Down, removing, unbundling and another product are tickets"),
    ("A10", "Add-ons of this plan are added, reviewed and confirmed"),
    (
        "A11",
        "A request by mail counts from the primary administrator's address only",
    ),
    ("S0", "The SMS add-on comes with a base amount of credits"),
    (
        "S1",
        "It is for Plus, Pro and Enterprise, bought by whoever may bill",
    ),
    (
        "S2",
        "The charge follows the subscription, and credits renew monthly on an annual one",
    ),
    ("S3", "Unused credits lapse with the month"),
    ("S4", "More recurring credits are bought once the add-on is held"),
    ("S5", "The credits stand at the top at once"),
    (
        "S6",
        "Countries and credits per message can be read before the purchase",
    ),
    (
        "S7",
        "A2P 10DLC is told to all before buying, and tracked for those whom it concerns",
    ),
    ("S8", "The done page and the mail say the next step"),
    (
        "G1",
        "An agency creates clients; all settings of one are a form that is saved whole",
    ),
    ("G2", "Who pays is chosen per client, with the client's consent"),
    ("G3", "A service is managed by the agency or by the client"),
    ("G4", "A setting that moves a charge opens a change with a quote"),
    ("G5", "Allowances and monthly limits are entered per client"),
    ("G6", "A paying client pays retail, a paying agency its own price"),
    ("G7", "Both are told at a limit, once per period and threshold"),
    (
        "G8",
        "What goes beyond is a line of its own on the payer's invoice",
    ),
    ("G9", "Before the first client nothing of clients is shown"),
    ("G10", "The agency decides whether a client's people have access"),
];

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.into_iter()
}

/// The rows that the name of a test begins with: `a6_a7_nothing_changes` names two.
fn named(test: &str) -> Vec<&'static str> {
    let known = |word: &str| {
        rows()
            .map(|(row, _)| row)
            .find(|row| row.eq_ignore_ascii_case(word))
    };
    test.split('_').map_while(known).collect()
}

/// The names of the tests in a text: functions with an attribute that says so.
fn tests_in(text: &str) -> Vec<String> {
    let mut tests = Vec::new();
    let (mut marked, mut listed) = (false, false);
    for line in text.lines().map(str::trim) {
        let function = line
            .strip_prefix("async fn ")
            .or_else(|| line.strip_prefix("fn "));
        if listed {
            listed = !line.starts_with(')');
            tests.extend(line.strip_suffix(',').map(str::to_owned));
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        } else if let Some(function) = function {
            if marked {
                tests.extend(function.split('(').next().map(str::to_owned));
            }
            marked = false;
        } else {
            // One test of each for each database.
            listed = line.ends_with("on_both!(");
        }
    }
    tests
}

/// Row by row, the tests that prove it, each with its file.
fn proofs() -> BTreeMap<&'static str, Vec<String>> {
    let mut proofs: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for folder in ["src", "tests"] {
        for file in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&file).expect("a readable file");
            for test in tests_in(&text) {
                for row in named(&test) {
                    let proof = format!("`{test}` in `{}`", shown(&file));
                    proofs.entry(row).or_default().push(proof);
                }
            }
        }
    }
    proofs
}

fn table() -> String {
    let proofs = proofs();
    let mut table = "# What sellers need, and the tests that prove it\n\n\
        Made from the names of the tests; do not edit. `CHANGEOVER_TEST_ROWS=rewrite` with the house tests writes it anew.\n\n\
        | row | what | proven by |\n| --- | --- | --- |\n"
        .to_owned();
    for (row, sentence) in rows() {
        let own = proofs.get(row).map(|tests| tests.join("<br>"));
        let own = own.unwrap_or_else(|| "*nothing yet*".to_owned());
        writeln!(table, "| {row} | {sentence} | {own} |").expect("a string");
    }
    table
}

#[test]
fn every_row_has_a_test_that_bears_its_name() {
    let proofs = proofs();
    let unproven: Vec<_> = rows()
        .map(|(row, _)| row)
        .filter(|row| !proofs.contains_key(row))
        .collect();
    assert!(
        unproven.is_empty(),
        "no test begins with the name of {unproven:?}"
    );
}

#[test]
fn the_table_of_rows_is_as_the_sources_have_it() {
    let file = root().join("tests/ROWS.md");
    let table = table();
    if std::env::var("CHANGEOVER_TEST_ROWS").is_ok_and(|wish| wish == "rewrite") {
        fs::write(&file, &table).expect("a written file");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == table,
        "tests/ROWS.md is not as the sources have it; run the house tests with CHANGEOVER_TEST_ROWS=rewrite"
    );
}

/// The rows are those of the sellers' own list, wherever that lies beside the repository.
#[test]
fn no_row_of_the_sellers_is_left_out() {
    let Ok(list) = fs::read_to_string(root().join("../shared/sellers.md")) else {
        return;
    };
    let first = |line: &str| line.strip_prefix("| ")?.split(' ').next().map(str::to_owned);
    let is_row = |word: &String| {
        let mut letters = word.chars();
        letters.next().is_some_and(|letter| "CZASG".contains(letter))
            && letters.next().is_some_and(|digit| digit.is_ascii_digit())
    };
    let theirs: Vec<String> = list.lines().filter_map(first).filter(is_row).collect();
    let ours: Vec<&str> = rows().map(|(row, _)| row).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn a_test_is_found_by_the_rows_in_its_name() {
    let text = "#[test]\nfn a6_a7_shown() {}\nfn z1_helper() {}\n    #[tokio::test]\n    async fn z2a_compared() {}\n";
    assert_eq!(tests_in(text), ["a6_a7_shown", "z2a_compared"]);
    assert_eq!(named("a6_a7_shown"), ["A6", "A7"]);
    assert_eq!(named("z2a_compared"), ["Z2a"]);
    assert_eq!(named("c_nothing"), Vec::<&str>::new());
}
