//! Rules of the house: the arrows between rooms, the size of files, and documents that name only what is there.

mod rows;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// No file is longer; most are far shorter.
const LINES_MAX: usize = 500;

/// What each room may know, besides itself. What is not listed is not known.
fn arrows() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("domain", vec![]),
        ("workflow", vec!["domain"]),
        ("text", vec!["domain"]),
        ("ports", vec!["domain"]),
        // Measuring is like logging: whoever works may do it, and nobody learns anything by it.
        ("measures", vec![]),
        ("engine", vec!["domain", "ports", "measures"]),
        ("store", vec!["domain", "ports", "measures"]),
        ("stripe", vec!["domain", "ports", "measures"]),
        ("hooks", vec!["domain", "ports"]),
        ("mail", vec!["domain", "ports", "text"]),
        // The mailbox page shows what the mail room keeps; the edge hands ports' values to the engine.
        (
            "web",
            vec!["domain", "ports", "engine", "text", "mail", "measures"],
        ),
        ("sandbox", vec![]),
        ("system", vec!["ports"]),
        // It measures the service from outside; its floor and its provider share nothing with ours.
        ("bench", vec!["ports", "system"]),
        ("telemetry", vec!["measures"]),
        ("config", vec!["domain", "hooks", "telemetry"]),
        // The command line is the operator's hand: it starts rooms and shows what they say.
        (
            "cli",
            vec![
                "app",
                "bench",
                "config",
                "domain",
                "engine",
                "measures",
                "ports",
                "sandbox",
                "store",
                "stripe",
                "system",
                "telemetry",
                "web",
                "workflow",
            ],
        ),
        (
            "app",
            vec![
                "config", "domain", "engine", "hooks", "mail", "measures", "ports", "store", "stripe",
                "system", "web", "workflow",
            ],
        ),
    ])
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The room of a file: the first name below `src`.
fn room(path: &Path) -> Option<String> {
    let below = path.strip_prefix(root().join("src")).ok()?;
    let first = below.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// The rooms that a file names: every `crate::room` outside of comments.
fn named_rooms(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let mut rooms = Vec::new();
    for line in code {
        for part in line.split("crate::").skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            rooms.push(name);
        }
    }
    rooms
}

#[test]
fn no_room_knows_more_than_it_may() {
    let arrows = arrows();
    let mut wrong = Vec::new();
    for file in files(&root().join("src"), "rs") {
        let Some(own) = room(&file).filter(|own| !["lib", "main"].contains(&own.as_str())) else {
            continue;
        };
        let allowed = arrows
            .get(own.as_str())
            .unwrap_or_else(|| panic!("`{own}` is a room without arrows"));
        let text = fs::read_to_string(&file).expect("a readable file");
        for named in named_rooms(&text) {
            if named != own && !allowed.contains(&named.as_str()) {
                wrong.push(format!("{}: `{own}` must not know `{named}`", shown(&file)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_of_the_arrows_can_fail() {
    assert_eq!(
        named_rooms("use crate::store::sqlite; // crate::engine"),
        ["store"]
    );
    assert_eq!(
        named_rooms("let a = crate::web::x(crate::mail::y);"),
        ["web", "mail"]
    );
}

#[test]
fn no_file_is_too_long() {
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        for file in files(&root().join(folder), "rs") {
            let lines = fs::read_to_string(&file)
                .expect("a readable file")
                .lines()
                .count();
            if lines > LINES_MAX {
                long.push(format!("{}: {lines} lines", shown(&file)));
            }
        }
    }
    assert!(
        long.is_empty(),
        "longer than {LINES_MAX} lines: find the second room\n{}",
        long.join("\n")
    );
}

/// The name that each shape of the API has in its document, with the file that says so.
fn schemas() -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    for file in files(&root().join("src/web"), "rs") {
        let text = fs::read_to_string(&file).expect("a readable file");
        let mut named: Option<String> = None;
        let mut derived = false;
        for line in text.lines().map(str::trim) {
            derived |= line.starts_with("#[derive(") && line.contains("ToSchema");
            if let Some((_, rest)) = line.split_once("schema(as = ").filter(|_| line.starts_with("#[")) {
                named = rest.split([')', ',']).next().map(str::to_owned);
            }
            let shape = ["struct ", "enum "].iter().find_map(|word| line.split_once(word));
            let declared = |(before, _): &(&str, &str)| before.is_empty() || before.starts_with("pub");
            if let Some((_, rest)) = shape.filter(declared) {
                let own = rest
                    .split(|c: char| !c.is_alphanumeric())
                    .next()
                    .unwrap_or_default();
                if derived {
                    all.push((named.take().unwrap_or_else(|| own.to_owned()), file.clone()));
                }
                (named, derived) = (None, false);
            }
        }
    }
    all
}

#[test]
fn no_two_shapes_of_the_api_share_a_name() {
    let all = schemas();
    assert!(all.len() > 100, "only {} were found", all.len());
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (name, file) in all {
        if let Some(other) = seen.insert(name.clone(), file.clone()) {
            panic!("`{name}` is in {} and in {}", shown(&other), shown(&file));
        }
    }
}

#[test]
fn documents_name_only_what_is_there() {
    let mut gone = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "workflows/README.md"] {
        let text = fs::read_to_string(root().join(document)).expect("a document");
        for named in text.split('`').skip(1).step_by(2) {
            let path = named.trim_end_matches('/');
            let is_path = ["src/", "tests/", "workflows/", "migrations/"]
                .iter()
                .any(|start| path.starts_with(start));
            if is_path && !path.contains(['*', '<', ' ']) && !root().join(path).exists() {
                gone.push(format!("{document} names `{named}`, which is not there"));
            }
        }
    }
    assert!(gone.is_empty(), "{}", gone.join("\n"));
}
