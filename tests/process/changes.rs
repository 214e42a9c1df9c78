//! `changeover changes` as support types it: a real server, a real command.

use std::path::Path;

use hyper::Method;
use serde_json::Value;

use super::{Served, begin_a_change, changeover, finished};
use crate::support::Http;

/// What a command prints, and whether it went well.
struct Said {
    well: bool,
    text: String,
}

fn types(served: &Served, data: &Path, arguments: &[&str]) -> Said {
    let address = served.address("start here");
    let data = data.to_string_lossy();
    let all = [&["changes"], arguments].concat();
    let variables = [
        ("CHANGEOVER_SERVER", address.as_str()),
        ("CHANGEOVER_DATA", &data),
        ("CHANGEOVER_SUPPORT_ID", "agent-7"),
    ];
    let output = finished(changeover(&all, &variables));
    let (said, complaint) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Said {
        well: output.status.success(),
        text: format!("{said}{complaint}"),
    }
}

#[tokio::test]
async fn support_finds_a_change_says_what_it_would_do_and_does_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let http = Http::new(served.address("start here"));
    let begun = begin_a_change(&http, folder.path()).await;
    let reference = begun["reference"].as_str().expect("a reference");
    let types = |arguments: &[&str]| types(&served, folder.path(), arguments);

    let listed = types(&["list"]);
    assert!(listed.well && listed.text.contains(reference), "{}", listed.text);
    let nothing = types(&["list", "--stuck"]);
    assert!(
        nothing.well && nothing.text.contains("Nothing is stuck."),
        "{}",
        nothing.text
    );
    let shown = types(&["show", reference]);
    assert!(shown.well && shown.text.contains("opened"), "{}", shown.text);

    let unsaid = types(&["cancel", reference]);
    assert!(
        !unsaid.well && unsaid.text.contains("--reason"),
        "{}",
        unsaid.text
    );
    let planned = types(&["cancel", reference, "--reason", "asked by phone", "--dry-run"]);
    assert!(
        planned.well && planned.text.contains("charges nothing"),
        "{}",
        planned.text
    );
    let hesitant = types(&["cancel", reference, "--reason", "asked by phone"]);
    assert!(
        hesitant.well && hesitant.text.contains("--yes"),
        "{}",
        hesitant.text
    );
    assert!(types(&["show", reference]).text.contains("in draft"));
    let done = types(&["cancel", reference, "--reason", "asked by phone", "--yes"]);
    assert!(
        done.well && done.text.contains("is in cancelled"),
        "{}",
        done.text
    );
    let late = types(&["cancel", reference, "--reason", "asked by phone", "--yes"]);
    assert!(!late.well && late.text.contains("change_closed"), "{}", late.text);
    let noted = types(&[
        "note",
        reference,
        "--reason",
        "The customer is informed.",
        "--yes",
        "--json",
    ]);
    let noted: Value = serde_json::from_str(&noted.text).expect("JSON");
    assert_eq!(noted["action"], "note");
    let shown = types(&["show", reference]).text;
    assert!(shown.contains("agent-7") && shown.contains("informed"), "{shown}");

    assert!(
        types(&["show", "CH-00000-00000"])
            .text
            .contains("nothing is named")
    );
    served.stop();
}

#[tokio::test]
async fn the_operators_key_is_made_once_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let file = folder.path().join("operator.key");
    let key = std::fs::read_to_string(&file).expect("the key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).expect("its mode").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(!served.said.contains(key.trim()), "the key was printed");
    let http = Http::new(served.address("start here"));
    let asks = async |authorization: String| {
        let headers = [("authorization", authorization.as_str())];
        http.send(Method::GET, "/v1/support/changes", &headers, "")
            .await
            .status
    };
    assert_eq!(asks(format!("Bearer {}", key.trim())).await, 200);
    assert_eq!(
        asks("Bearer cho_operator_0000000000000000000000".to_owned()).await,
        401
    );
    served.stop();
    let again = Served::start(folder.path());
    assert_eq!(std::fs::read_to_string(&file).expect("the key"), key);
    again.kill();
}

#[test]
fn without_a_server_the_command_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_string_lossy().into_owned();
    let asks = |variables: &[(&str, &str)]| {
        let output = finished(changeover(&["changes", "list"], variables));
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = asks(&[("CHANGEOVER_DATA", &data)]);
    assert!(
        said.contains("operator.key") && said.contains("CHANGEOVER_OPERATOR_KEY"),
        "{said}"
    );
    let key = (
        "CHANGEOVER_OPERATOR_KEY",
        "cho_operator_of_nobody_000000000000000",
    );
    let said = asks(&[key, ("CHANGEOVER_SERVER", "http://127.0.0.1:9")]);
    assert!(said.contains("no server answers"), "{said}");
    let said = asks(&[key, ("CHANGEOVER_SERVER", "ftp://example.com")]);
    assert!(said.contains("http://"), "{said}");
}
