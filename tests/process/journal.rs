//! `changeover journal verify` on real histories: whole ones, and ones that somebody has touched in every way there is.

use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _};

use super::{Served, changeover, finished};
use crate::support::{Clint, House};

/// What it said, and whether it was content.
fn verify(database: &Path, change: Option<&str>) -> (bool, String) {
    let database = database.to_string_lossy();
    let mut arguments = vec!["journal", "verify", "--database", &*database];
    arguments.extend(change);
    let output = finished(changeover(&arguments, &[]));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("text"))
}

async fn tamper(database: &Path, statement: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(database)
        .foreign_keys(false);
    let mut connection = options.connect().await.expect("a connection");
    for trigger in [
        "journal_is_not_rewritten",
        "journal_is_not_cut",
        "contract_journal_is_not_rewritten",
        "contract_journal_is_not_cut",
    ] {
        let drop = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}")));
        drop.execute(&mut connection).await.expect("dropped");
    }
    let touched = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
    let touched = touched.execute(&mut connection).await.expect("written");
    assert!(touched.rows_affected() > 0, "{statement} touched nothing");
    connection.close().await.expect("closed");
}

/// What is done to a database past the program, and what the proof says of it.
const DAMAGE: [(&str, &str); 13] = [
    (
        "UPDATE journal SET content = CAST(replace(CAST(content AS TEXT), 'owner', 'admin') AS BLOB) WHERE seq = 2",
        "entry 2 was altered",
    ),
    (
        "UPDATE journal SET at = at + 1 WHERE seq = 3",
        "entry 3 was altered",
    ),
    (
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 2",
        "entry 2 was altered",
    ),
    (
        "UPDATE journal SET previous = zeroblob(32) WHERE seq = 4",
        "entry 4 does not follow the one before it",
    ),
    (
        "DELETE FROM journal WHERE seq = 2",
        "entry 3 stands where 2 should",
    ),
    (
        "DELETE FROM journal WHERE seq = 1",
        "entry 2 stands where 1 should",
    ),
    (
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        "but its history ends with entry",
    ),
    (
        "UPDATE change SET version = version - 1",
        "is not the one that the change was written with",
    ),
    (
        "UPDATE change SET journal_head = zeroblob(32)",
        "is not the one that the change was written with",
    ),
    (
        "UPDATE change SET stage = CAST(replace(CAST(stage AS TEXT), '\"stage\":', '\"x\":1,\"stage\":') AS BLOB)",
        "leads to another stage than the one that is stored",
    ),
    (
        "UPDATE change SET stage_name = 'draft', open = 1",
        "is listed under another stage",
    ),
    (
        "UPDATE contract_journal SET content = CAST('{}' AS BLOB) WHERE seq = 1",
        "contract",
    ),
    ("DELETE FROM contract_journal WHERE seq = 1", "contract"),
];

#[tokio::test]
async fn whole_histories_are_proven_and_every_kind_of_damage_is_named() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let (change, _) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole.db");
    house.copies_its_database_to(&whole).await;
    house.close().await;

    let (holds, said) = verify(&whole, None);
    assert!(
        holds && said.contains("1 changes and 1 contracts") && said.contains("Every history holds."),
        "{said}"
    );
    let (holds, said) = verify(&whole, Some(&change.id));
    assert!(holds, "{said}");
    let unknown = uuid::Uuid::nil().to_string();
    let (holds, said) = verify(&whole, Some(&unknown));
    assert!(!holds && said.contains("there is no change"), "{said}");

    for (nth, (statement, named)) in DAMAGE.iter().enumerate() {
        let touched = folder.path().join(format!("touched-{nth}.db"));
        std::fs::copy(&whole, &touched).expect("copied");
        tamper(&touched, statement).await;
        let (holds, said) = verify(&touched, None);
        assert!(!holds, "{statement} is not seen:\n{said}");
        assert!(said.contains(named), "{statement}:\n{said}");
        assert!(said.contains("1 history does not hold."), "{statement}:\n{said}");
    }
}

#[test]
fn histories_are_proven_while_a_server_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let (holds, said) = verify(&folder.path().join("changeover.db"), None);
    served.stop();
    // What the sample products begin with.
    assert!(
        holds && said.contains("0 changes and 10 contracts, 2 clients"),
        "{said}"
    );
}
