//! Debian's Chromium behind chromedriver, spoken to in the `WebDriver` protocol.
//!
//! The client is our own: the crates for it switch on the order of keys in every JSON value of the whole test build, so that the tests
//! would run another program than the one that is shipped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use hyper::Method;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::support::Http;

/// The name under which `WebDriver` hands elements around (W3C `WebDriver`, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long the driver looks for an element before it says that there is none.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// Browsers are large: not more at once than the machine can carry.
static PLACES: Semaphore = Semaphore::const_new(2);

/// A running chromedriver. Dropping it ends its browser, and then itself.
struct Driver {
    child: Child,
    port: u16,
    session: Option<String>,
}

/// A tab of a browser, as the driver names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab(String);

/// An element of the page, as the driver names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element(String);

/// One headless browser.
pub struct Browser {
    driver: Driver,
    http: Http,
    /// The test's name: its pictures are found by it.
    test: &'static str,
    _place: SemaphorePermit<'static>,
}

/// A program of the machine, or which packages bring it.
fn program(name: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&folders).map(|folder| folder.join(name));
    found.find(|path| path.is_file()).unwrap_or_else(|| {
        panic!(
            "`{name}` is missing: the browser tests need Debian's packages `chromium` and `chromium-driver` (tests/run installs them)"
        )
    })
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new(program("chromedriver"))
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let output = child.stdout.take().expect("a standard output");
        let mut said = String::new();
        let mut port = None;
        // "ChromeDriver was started successfully on port 38901."
        for line in BufReader::new(output).lines() {
            let line = line.expect("text");
            port = line
                .split_once("successfully on port ")
                .and_then(|(_, port)| port.trim_end_matches('.').parse().ok());
            said.push_str(&line);
            if port.is_some() {
                break;
            }
        }
        Self {
            child,
            port: port.unwrap_or_else(|| panic!("chromedriver did not start: {said}")),
            session: None,
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(session) = &self.session
            && let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port))
        {
            let request =
                format!("DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            // The browser is gone once the driver has answered. A test that has failed already must not fail twice.
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.write_all(request.as_bytes());
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the build puts what it makes.
pub fn target() -> PathBuf {
    let own = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    own.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
}

impl Browser {
    pub async fn open(test: &'static str) -> Self {
        let place = PLACES.acquire().await.expect("a place");
        let driver = Driver::start();
        let http = Http::new(format!("http://127.0.0.1:{}", driver.port));
        let mut browser = Self {
            driver,
            http,
            test,
            _place: place,
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--lang=en",
            "--window-size=1280,900",
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": program("chromium"), "args": arguments },
            "timeouts": { "implicit": PATIENCE.as_millis(), "pageLoad": 60_000, "script": 60_000 },
        } } });
        let begun = browser.http_command(Method::POST, "/session", &wanted).await;
        let begun = begun.unwrap_or_else(|problem| panic!("no browser: {problem}"));
        browser.driver.session = Some(begun["sessionId"].as_str().expect("a session").to_owned());
        browser
    }

    async fn http_command(&self, method: Method, path: &str, body: &Value) -> Result<Value, String> {
        let body = if method == Method::POST {
            body.to_string()
        } else {
            String::new()
        };
        let headers = [("content-type", "application/json")];
        let answer = self.http.try_send(method, path, &headers, body).await?;
        let value = answer.json()["value"].clone();
        if answer.status == 200 {
            Ok(value)
        } else {
            Err(format!("{}: {}", value["error"], value["message"]))
        }
    }

    /// A command of this browser's session.
    async fn tries(&self, method: Method, verb: &str, body: Value) -> Result<Value, String> {
        let session = self.driver.session.as_deref().expect("a session");
        self.http_command(method, &format!("/session/{session}{verb}"), &body)
            .await
    }

    /// The same, which must succeed.
    async fn does(&self, method: Method, verb: &str, body: Value) -> Value {
        match self.tries(method, verb, body).await {
            Ok(value) => value,
            Err(problem) => self.lost(&format!("{verb}: {problem}")).await,
        }
    }

    /// Fails the test, with what the browser shows.
    pub async fn lost(&self, why: &str) -> ! {
        let shown = |name: &'static str| async move {
            let told = self.tries(Method::GET, name, Value::Null).await;
            told.ok()
                .and_then(|told| told.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        let address = shown("/url").await;
        let text = self
            .tries(
                Method::POST,
                "/execute/sync",
                json!({ "script": "return document.body.innerText", "args": [] }),
            )
            .await;
        let picture = self.picture("lost").await;
        panic!(
            "{why}\n  in {}, at {address}, pictured in {}\n{}",
            self.test,
            picture.display(),
            text.unwrap_or_default().as_str().unwrap_or_default()
        );
    }

    /// Keeps what the browser shows as a picture, and says where.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = target().join("browser");
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{}-{name}.png", self.test));
        let taken = self.tries(Method::GET, "/screenshot", Value::Null).await;
        let taken = taken.ok().and_then(|taken| {
            let taken = taken.as_str()?.to_owned();
            base64::engine::general_purpose::STANDARD.decode(taken).ok()
        });
        std::fs::write(&file, taken.unwrap_or_default()).expect("a written file");
        file
    }

    pub async fn goes_to(&self, address: &str) {
        self.does(Method::POST, "/url", json!({ "url": address })).await;
    }

    /// The tab that is looked at.
    pub async fn tab(&self) -> Tab {
        let told = self.does(Method::GET, "/window", Value::Null).await;
        Tab(told.as_str().unwrap_or_default().to_owned())
    }

    /// Opens another tab, and looks at it.
    pub async fn opens_tab(&self) -> Tab {
        let opened = self
            .does(Method::POST, "/window/new", json!({ "type": "tab" }))
            .await;
        let tab = Tab(opened["handle"].as_str().unwrap_or_default().to_owned());
        self.looks_at(&tab).await;
        tab
    }

    /// Closes the tab that is looked at: another one must be looked at next.
    pub async fn closes_tab(&self) {
        self.does(Method::DELETE, "/window", Value::Null).await;
    }

    /// Looks at another tab.
    pub async fn looks_at(&self, tab: &Tab) {
        self.does(Method::POST, "/window", json!({ "handle": tab.0 }))
            .await;
    }

    pub async fn address(&self) -> String {
        let told = self.does(Method::GET, "/url", Value::Null).await;
        told.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page; what it returns.
    pub async fn runs(&self, script: &str, arguments: &[Value]) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.does(Method::POST, "/execute/sync", body).await
    }

    /// The same, of a script that answers later: by its last argument.
    pub async fn runs_later(&self, script: &str, arguments: &[Value]) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.does(Method::POST, "/execute/async", body).await
    }

    /// Waits until something matches, and gives the first one.
    async fn found(&self, using: &str, value: &str) -> Result<Element, String> {
        let body = json!({ "using": using, "value": value });
        let found = self.tries(Method::POST, "/element", body).await?;
        let id = found[ELEMENT].as_str().ok_or_else(|| found.to_string())?;
        Ok(Element(id.to_owned()))
    }

    /// The first element of this CSS selector, once there is one.
    pub async fn css(&self, selector: &str) -> Element {
        match self.found("css selector", selector).await {
            Ok(element) => element,
            Err(problem) => self.lost(&format!("nothing is `{selector}`: {problem}")).await,
        }
    }

    /// The first element of this path that people can see, once there is one.
    pub async fn path(&self, path: &str) -> Element {
        let script = "
            const found = document.evaluate(arguments[0], document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
            for (let nth = 0; nth < found.snapshotLength; nth++)
              if (found.snapshotItem(nth).checkVisibility()) return found.snapshotItem(nth);
            return null;";
        let mut ticks = tokio::time::interval(LOOK);
        let looking = async {
            loop {
                ticks.tick().await;
                let body = json!({ "script": script, "args": [path] });
                // While a page gives way to the next one there is nothing to look at.
                let found = self.tries(Method::POST, "/execute/sync", body).await;
                let found = found.unwrap_or_default();
                if let Some(id) = found[ELEMENT].as_str() {
                    return Element(id.to_owned());
                }
            }
        };
        let Ok(element) = tokio::time::timeout(PATIENCE, looking).await else {
            self.lost(&format!("nobody can see `{path}`")).await
        };
        element
    }

    pub async fn clicks(&self, element: &Element) {
        let verb = format!("/element/{}/click", element.0);
        self.does(Method::POST, &verb, json!({})).await;
    }

    pub async fn types(&self, element: &Element, text: &str) {
        let verb = format!("/element/{}/clear", element.0);
        self.does(Method::POST, &verb, json!({})).await;
        self.types_on(element, text).await;
    }

    /// Types into an element, as it is: a list chooses by what is typed.
    pub async fn types_on(&self, element: &Element, text: &str) {
        let verb = format!("/element/{}/value", element.0);
        self.does(Method::POST, &verb, json!({ "text": text })).await;
    }

    pub async fn text(&self, element: &Element) -> String {
        let verb = format!("/element/{}/text", element.0);
        let told = self.does(Method::GET, &verb, Value::Null).await;
        told.as_str().unwrap_or_default().to_owned()
    }

    /// Presses one key, wherever the focus is.
    pub async fn key(&self, key: Key) {
        let key = key.code();
        let presses = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": presses }] });
        self.does(Method::POST, "/actions", body).await;
    }

    /// A command of Chromium's own.
    async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.does(Method::POST, "/goog/cdp/execute", body).await
    }

    /// The test that it is open for.
    pub fn test(&self) -> &'static str {
        self.test
    }

    /// A picture of the page from its top to its end.
    pub async fn whole_page(&self) -> Vec<u8> {
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let taken = self.chromium("Page.captureScreenshot", whole).await;
        let taken = taken["data"].as_str().unwrap_or_default();
        let decoded = base64::engine::general_purpose::STANDARD.decode(taken);
        decoded.expect("a picture")
    }

    /// From now on the page is so wide, whatever the window's own least width.
    pub async fn is_wide(&self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// From now on the surroundings are `light` or `dark`.
    pub async fn is_lit(&self, scheme: &str) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.chromium("Emulation.setEmulatedMedia", json!({ "features": feature }))
            .await;
    }
}

/// Keys that people walk through pages with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Tab,
    Enter,
    Space,
}

impl Key {
    /// W3C `WebDriver`, section 15.4.2.
    fn code(self) -> &'static str {
        match self {
            Self::Tab => "\u{e004}",
            Self::Enter => "\u{e007}",
            Self::Space => " ",
        }
    }
}
