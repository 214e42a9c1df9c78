//! `changeover doctor` on deployments that are well, and on every kind of trouble that can be made here.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Sandbox, Served, changeover, finished};
use crate::support::House;

const REAL: [(&str, &str); 4] = [
    ("STRIPE_SECRET_KEY_CLINT", "sk_test_hidden"),
    ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_hidden"),
    (
        "CHANGEOVER_API_KEY_CLINT",
        "cho_hidden_key_of_the_sellers_backend_4",
    ),
    // Nobody listens there.
    ("STRIPE_API_URL", "http://127.0.0.1:9"),
];

fn doctor(data: &Path, variables: &[(&str, &str)], json: bool) -> Output {
    let data = data.to_string_lossy();
    let own = [("CHANGEOVER_LISTEN", "127.0.0.1:0"), ("CHANGEOVER_DATA", &*data)];
    let arguments: &[&str] = if json { &["doctor", "--json"] } else { &["doctor"] };
    let output = finished(changeover(arguments, &[&own, variables].concat()));
    let said = [output.stdout.clone(), output.stderr.clone()].concat();
    assert!(
        !String::from_utf8_lossy(&said).contains("hidden"),
        "a secret was printed"
    );
    output
}

/// What it found, as JSON.
fn findings(data: &Path, variables: &[(&str, &str)]) -> Value {
    let output = doctor(data, variables, true);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["ok"], output.status.success(), "{found}");
    found
}

/// The finding whose sentence holds this.
fn finding<'f>(found: &'f Value, part: &str) -> &'f Value {
    let all = found["findings"].as_array().expect("findings");
    let says = |one: &&Value| one["says"].as_str().is_some_and(|says| says.contains(part));
    all.iter()
        .find(says)
        .unwrap_or_else(|| panic!("`{part}` is not in {found:#}"))
}

fn assert_found(found: &Value, state: &str, part: &str) {
    let one = finding(found, part);
    assert_eq!(one["state"], state, "{one}");
    assert_eq!(one["next"].is_string(), state != "ok", "what to do next: {one}");
}

/// Writes into a database past the program, while it is down.
async fn tamper(database: &Path, statement: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut connection = options.connect().await.expect("a connection");
    let touched = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
    touched.execute(&mut connection).await.expect("written");
    connection.close().await.expect("closed");
}

#[test]
fn nothing_configured_is_healthy_before_and_while_it_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = doctor(folder.path(), &[], false);
    let said = String::from_utf8(before.stdout).expect("text");
    assert!(before.status.success(), "{said}");
    assert!(said.contains("the first start makes it"), "{said}");
    assert!(!folder.path().join("changeover.db").exists(), "it only looks");

    let served = Served::start(folder.path());
    let found = findings(folder.path(), &[]);
    served.stop();
    for part in [
        "WAL mode",
        "migrations are applied",
        "Only its owner",
        "changes are open",
    ] {
        assert_found(&found, "ok", part);
    }
    assert_eq!(found["ok"], true, "{found:#}");
}

#[test]
fn mistakes_in_the_configuration_and_in_workflow_files_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = findings(
        folder.path(),
        &[("CHANGEOVER_DTA", "x"), ("STRIPE_SECRET_KEY_CLINT", "pk_hidden")],
    );
    assert_found(&found, "wrong", "did you mean CHANGEOVER_DATA");
    assert_found(&found, "wrong", "STRIPE_SECRET_KEY_CLINT");
    let workflows = tempfile::tempdir().expect("a folder");
    std::fs::write(workflows.path().join("broken.toml"), "[seller]\nnmae = 1\n").expect("a file");
    let broken = workflows.path().to_string_lossy();
    let found = findings(folder.path(), &[("CHANGEOVER_WORKFLOWS", &broken)]);
    assert_found(&found, "wrong", "broken.toml");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_in_order_is_told_so() {
    let house = House::open().await;
    let endpoint = [
        ("url", "http://127.0.0.1:9/webhooks/stripe/clint"),
        ("enabled_events[0]", "*"),
    ];
    house.provider.form("/v1/webhook_endpoints", &endpoint).await;
    let folder = tempfile::tempdir().expect("a folder");
    let address = house.provider.address();
    let found = findings(
        folder.path(),
        &[&REAL[..3], &[("STRIPE_API_URL", &address)]].concat(),
    );
    for part in [
        "mode: test",
        "answers, and takes the key",
        "It speaks API version",
        "clock agrees with the provider's",
        "has every price of `clint`",
        "The provider sends webhooks of `clint`",
    ] {
        assert_found(&found, "ok", part);
    }
    assert_found(&found, "warning", "no customer gets one");
    assert_eq!(found["ok"], true, "{found:#}");
    house.close().await;
}

#[test]
fn what_the_hosted_pages_lack_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |more: &[(&str, &str)]| findings(folder.path(), &[&REAL[..], more].concat());
    let no_card = "no new card can be entered";
    let no_address = "CHANGEOVER_PUBLIC_URL is not set";

    let bare = with(&[]);
    assert_found(&bare, "warning", no_card);
    let next = finding(&bare, no_card)["next"].as_str().expect("a way on");
    assert!(next.contains("STRIPE_PUBLISHABLE_KEY_CLINT"), "{next}");
    assert_found(&bare, "warning", no_address);
    // Mails would carry the link.
    let mailing = with(&[("SMTP_URL", "smtp://127.0.0.1:9")]);
    assert_found(&mailing, "wrong", no_address);
    let near = [
        ("SMTP_URL", "smtp://127.0.0.1:9"),
        ("CHANGEOVER_PUBLIC_URL", "http://localhost:8080"),
    ];
    assert_found(&with(&near), "wrong", "which only this machine reaches");

    let whole = [
        ("STRIPE_PUBLISHABLE_KEY_CLINT", "pk_test_hidden"),
        ("CHANGEOVER_PUBLIC_URL", "https://plans.example.com"),
    ];
    let found = with(&whole);
    assert_found(&found, "ok", "publishable and secret key are both test keys");
    assert_found(&found, "ok", "lead customers to https://plans.example.com");
    for (variable, value, why) in [
        (
            "STRIPE_PUBLISHABLE_KEY_CLINT",
            "pk_live_hidden",
            "is not of the mode",
        ),
        (
            "CHANGEOVER_PUBLIC_URL",
            "http://plans.example.com",
            "must begin with https://",
        ),
    ] {
        let found = with(&[(variable, value)]);
        assert_found(&found, "wrong", variable);
        assert_found(&found, "wrong", why);
    }

    // Beside the sandbox nothing of it matters.
    let played = findings(folder.path(), &[]).to_string();
    for part in [no_card, no_address] {
        assert!(!played.contains(part), "{played}");
    }
}

#[test]
fn what_is_missing_at_the_provider_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = Sandbox::start(&folder.path().join("sandbox.db"));
    let found = findings(
        folder.path(),
        &[&REAL[..3], &[("STRIPE_API_URL", &sandbox.address)]].concat(),
    );
    assert_found(&found, "wrong", "products or prices of `clint`");
    assert_found(
        &found,
        "warning",
        "sends no webhooks to an address that ends with",
    );
    assert_eq!(found["ok"], false);
}

#[test]
fn a_provider_or_mail_server_that_is_not_there_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = findings(
        folder.path(),
        &[&REAL[..], &[("SMTP_URL", "smtp://ana:hidden@127.0.0.1:9")]].concat(),
    );
    assert_found(&found, "wrong", "The provider of `clint` is not reached");
    assert_found(&found, "wrong", "Mails cannot be handed over");
    assert_eq!(found["ok"], false);
}

#[tokio::test]
async fn a_database_that_must_not_be_used_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("changeover.db");
    std::fs::write(&file, "not a database at all, but long enough to look like one").expect("a file");
    assert_found(
        &findings(folder.path(), &[]),
        "wrong",
        "is not a database of Changeover",
    );
    std::fs::remove_file(&file).expect("removed");

    Served::start(folder.path()).stop();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&file, mode).expect("permissions");
    let found = findings(folder.path(), &[]);
    assert_found(&found, "warning", "Others on this machine may read");
    assert_eq!(found["ok"], true);

    tamper(&file, "UPDATE due SET due_at = 1").await;
    assert_found(
        &findings(folder.path(), &[]),
        "warning",
        "due for more than ten minutes",
    );

    tamper(
        &file,
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         VALUES (9999, 'of the future', current_timestamp, 1, x'00', 0)",
    )
    .await;
    let found = findings(folder.path(), &[]);
    assert_found(&found, "wrong", "was written by a newer version");
    assert_eq!(found["ok"], false);
}

#[test]
fn a_database_server_that_is_not_there_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = "postgres://ana:hidden@127.0.0.1:9/changeover";
    assert_found(
        &findings(folder.path(), &[("DATABASE_URL", url)]),
        "wrong",
        "It is not reached",
    );
}
