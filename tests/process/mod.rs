//! The program as an operator starts it: real processes, really killed.

mod changes;
mod doctor;
mod journal;
mod overload;
mod samples;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use hyper::Method;
use serde_json::{Value, json};

use crate::support::Http;

const PROGRAM: &str = env!("CARGO_BIN_EXE_changeover");

pub(crate) fn changeover(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    // Whatever the machine's own environment configures is not this test's business.
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("CHANGEOVER_") || name.starts_with("STRIPE_"))
    {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    command
}

pub(crate) fn finished(mut command: Command) -> Output {
    command.output().expect("the program runs")
}

#[test]
fn the_demo_holds() {
    let output = finished(changeover(&["demo"], &[]));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        said.contains("kill -9") && said.contains("Everything held."),
        "{said}"
    );
}

/// A server with nothing configured but a free port and a folder.
pub(crate) struct Served {
    child: Child,
    said: String,
}

impl Served {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[], "Press Ctrl-C")
    }

    /// With further variables; it is up when it has said this.
    pub(crate) fn start_with(data: &Path, variables: &[(&str, &str)], until: &str) -> Self {
        let data = data.to_string_lossy();
        let own = [("CHANGEOVER_LISTEN", "127.0.0.1:0"), ("CHANGEOVER_DATA", &*data)];
        let mut child = changeover(&["serve"], &[&own, variables].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("a standard output");
        let mut said = String::new();
        for line in BufReader::new(output).lines() {
            said.push_str(&line.expect("text"));
            said.push('\n');
            if said.contains(until) {
                break;
            }
        }
        assert!(said.contains("Changeover is ready."), "{said}");
        Self { child, said }
    }

    /// What it printed until it was up.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// The address beside a name in what it printed.
    pub(crate) fn address(&self, name: &str) -> String {
        let line = self.said.lines().find(|line| line.trim_start().starts_with(name));
        let address = line.and_then(|line| line.split_whitespace().last());
        address
            .unwrap_or_else(|| panic!("no `{name}` in:\n{}", self.said))
            .trim_end_matches('/')
            .to_owned()
    }

    /// Ends it as a service manager does, and waits.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs");
        assert!(told.success());
        assert!(
            self.child.wait().expect("it ends").success(),
            "it did not end in good order"
        );
    }

    fn kill(mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }
}

/// A test that fails leaves nothing running.
impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn get(http: &Http, path: &str) -> (u16, String) {
    let answer = http.send(Method::GET, path, &[], "").await;
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
}

#[tokio::test]
async fn nothing_configured_serves_everything_and_says_how_to_begin() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let http = Http::new(served.address("start here"));
    for path in [
        "/",
        "/docs/",
        "/openapi.json",
        "/mailbox",
        "/healthz",
        "/readyz",
        "/problems",
    ] {
        let (status, body) = get(&http, path).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
    let sandbox = Http::new(served.address("sandbox").trim_end_matches("/_sandbox").to_owned());
    assert_eq!(get(&sandbox, "/_sandbox/health").await.0, 200);
    for seller in ["activecampaign", "clint", "sharpspring", "zenvia"] {
        let compared = get(&http, &format!("/v1/sellers/{seller}/comparison")).await;
        assert_eq!(compared.0, 200, "{seller} is served");
        assert!(
            served.said.contains(seller),
            "{seller} has a sample account: {}",
            served.said
        );
    }
    let begun = begin_a_change(&http, folder.path()).await;
    assert_eq!(begun["stage"], "draft", "{begun}");
    assert_eq!(begun["next_action"]["type"], "ask_quote", "{begun}");
    served.stop();
}

/// What the printed `curl` line does.
async fn begin_a_change(http: &Http, data: &Path) -> Value {
    let sample = std::fs::read(data.join("sample.json")).expect("the sample's file");
    let samples: Value = serde_json::from_slice(&sample).expect("JSON");
    let sample = &samples[0];
    let (contract, key) = (
        sample["contract"].as_str().expect("an id"),
        sample["api_key"].as_str().expect("a key"),
    );
    let body = json!({
        "selection": {
            "plan": "growth",
            "quantities": { "device": 5, "user-seat": 8 },
            "currency": "BRL",
            "interval": "month",
        },
        "actor": { "role": "owner", "id": "me" },
    });
    let authorization = format!("Bearer {key}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "first-change"),
    ];
    let path = format!("/v1/contracts/{contract}/changes");
    http.send(Method::POST, &path, &headers, body.to_string())
        .await
        .json()
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let begun = begin_a_change(&Http::new(served.address("start here")), folder.path()).await;
    served.kill();

    let again = Served::start(folder.path());
    let repeated = begin_a_change(&Http::new(again.address("start here")), folder.path()).await;
    assert_eq!(
        repeated, begun,
        "the same key must give the same answer, also after a crash"
    );
    again.stop();
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let data = folder.path().to_string_lossy();
    let second = finished(changeover(
        &["serve"],
        &[
            ("CHANGEOVER_LISTEN", "127.0.0.1:0"),
            ("CHANGEOVER_DATA", &data),
            ("STRIPE_API_URL", "http://127.0.0.1:9"),
            ("STRIPE_SECRET_KEY_CLINT", "sk_test_x"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_x"),
        ],
    ));
    let complaint = String::from_utf8_lossy(&second.stderr).into_owned();
    served.stop();
    assert!(!second.status.success());
    assert!(complaint.contains("changeover.db"), "{complaint}");
}

#[test]
fn every_mistake_in_the_configuration_is_told_at_once() {
    let output = finished(changeover(
        &["serve"],
        &[
            ("CHANGEOVER_LISTEN", "nowhere"),
            ("CHANGEOVER_DTA", "x"),
            ("STRIPE_SECRET_KEY_CLINT", "sk_live_secret"),
            ("STRIPE_API_URL", "http://127.0.0.1:9"),
        ],
    ));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for named in [
        "CHANGEOVER_LISTEN",
        "did you mean CHANGEOVER_DATA",
        "STRIPE_WEBHOOK_SECRET_CLINT",
        "is a live key",
    ] {
        assert!(complaint.contains(named), "{named} is not in:\n{complaint}");
    }
    assert!(!complaint.contains("sk_live_secret"), "a secret was printed");
}

#[test]
fn the_shipped_workflow_files_hold_and_a_broken_one_does_not() {
    assert!(
        finished(changeover(&["workflows", "check"], &[]))
            .status
            .success()
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("broken.toml");
    std::fs::write(&file, "[seller]\nid = \"clint\"\nnmae = \"Clint\"\n").expect("a file");
    let output = finished(changeover(&["workflows", "check", &file.to_string_lossy()], &[]));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    assert!(
        said.contains("broken.toml:3:1") && said.contains("name"),
        "{said}"
    );
}

/// A sandbox that ends with its standard input.
struct Sandbox {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Sandbox {
    fn start(data: &Path) -> Self {
        let data = data.to_string_lossy();
        let arguments = [
            "sandbox",
            "--exit-with-stdin",
            "--listen",
            "127.0.0.1:0",
            "--data",
            &data,
        ];
        let mut child = changeover(&arguments, &[])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("a standard output"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("sandbox listening on ");
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        Self {
            child,
            output,
            address,
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // A test that has failed already must not fail twice.
        let _ = self.child.wait();
    }
}

/// A sandbox that is a child of the server must not outlive it, however the server ends.
#[test]
fn the_sandbox_ends_with_its_parent() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sandbox = Sandbox::start(&folder.path().join("sandbox.db"));
    drop(sandbox.child.stdin.take());
    assert!(sandbox.child.wait().expect("it ends").success());
    let mut rest = String::new();
    sandbox.output.read_to_string(&mut rest).expect("text");
}
