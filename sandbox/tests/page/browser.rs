//! A headless Chromium, spoken to in its own protocol over a WebSocket.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The page opens nothing but loopback, so the browser needs no sandbox of its own, which it refuses to
/// have for root.
const FLAGS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
];

const WORST_CONTRAST: &str = "(() => {
    const parts = (color) => color.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = (node) => {
        const own = parts(getComputedStyle(node).backgroundColor);
        return own[3] === 0 ? ground(node.parentElement) : own;
    };
    const texts = [...document.body.querySelectorAll('*')].filter((node) => node.checkVisibility()
        && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
    return Math.min(...texts.map((node) => {
        const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }));
})()";

/// A browser with one open tab. It ends with the test.
pub(crate) struct Browser {
    process: Child,
    socket: WebSocket<TcpStream>,
    session: String,
    last_id: u64,
    /// What the page complained about so far.
    complaints: Vec<String>,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// Starts the installed browser; `None`, with a message, where there is none.
    pub(crate) fn start() -> Option<Self> {
        let profile = TempDir::new().unwrap();
        let Some((process, url)) = launch(&profile) else {
            eprintln!("skipped: no Chromium found; install one, or name it in CHROME");
            return None;
        };
        let address = url
            .strip_prefix("ws://")
            .and_then(|rest| rest.split('/').next());
        let stream = TcpStream::connect(address.unwrap()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let (socket, _) = tungstenite::client(url.as_str(), stream).unwrap();
        let mut browser = Self {
            process,
            socket,
            session: String::new(),
            last_id: 0,
            complaints: Vec::new(),
            _profile: profile,
        };
        let tab = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": tab["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        browser.call("Page.enable", json!({}));
        browser.call("Runtime.enable", json!({}));
        browser.call("Log.enable", json!({}));
        Some(browser)
    }

    /// One command of the protocol and its result.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut command = json!({ "id": self.last_id, "method": method, "params": parameters });
        if !self.session.is_empty() {
            command["sessionId"] = self.session.as_str().into();
        }
        self.socket
            .send(Message::text(command.to_string()))
            .unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"] == self.last_id {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            let is_complaint = answer["method"] == "Runtime.exceptionThrown"
                || answer["params"]["entry"]["level"] == "error";
            if is_complaint {
                self.complaints.push(answer["params"].to_string());
            }
        }
    }

    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    pub(crate) fn color_scheme(&mut self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": [feature] }),
        );
    }

    /// Opens the page and waits until it is live.
    pub(crate) fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        self.until("document.querySelector('#live')?.textContent === 'live' && document.querySelector('#orders td')");
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// The text of the first element that fits a selector.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({selector:?}).textContent"));
        text.as_str().unwrap().to_owned()
    }

    pub(crate) fn click(&mut self, selector: &str) {
        self.value(&format!("document.querySelector({selector:?}).click()"));
    }

    pub(crate) fn fill_in(&mut self, selector: &str, text: &str) {
        self.value(&format!(
            "document.querySelector({selector:?}).value = {text:?}"
        ));
    }

    /// Waits until a condition holds in the page.
    pub(crate) fn until(&mut self, condition: &str) {
        let waiting = format!(
            "new Promise((yes) => {{
                const start = Date.now();
                const look = () => ({condition}) ? yes('') : Date.now() - start > 30000
                    ? yes(document.body.innerText) : setTimeout(look, 20);
                look();
            }})"
        );
        let seen = self.value(&waiting);
        assert_eq!(seen, "", "never came: {condition}");
    }

    /// The least contrast of any text against what is behind it, after WCAG.
    pub(crate) fn worst_contrast(&mut self) -> f64 {
        self.value(WORST_CONTRAST).as_f64().unwrap()
    }

    /// The page as a PNG.
    pub(crate) fn screenshot(&mut self) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// No script failed and nothing was blocked.
    pub(crate) fn assert_content(&mut self) {
        self.value("1");
        assert!(self.complaints.is_empty(), "{:?}", self.complaints);
    }
}

fn launch(profile: &TempDir) -> Option<(Child, String)> {
    let named = std::env::var("CHROME").ok();
    let names = named.iter().map(String::as_str).chain(NAMES);
    let mut process = names.filter_map(|name| spawn(name, profile).ok()).next()?;
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let url = lines.find_map(|line| {
        let line = line.unwrap();
        line.strip_prefix("DevTools listening on ")
            .map(str::to_owned)
    });
    // Whatever else it says is read, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    Some((process, url.expect("the browser names its address")))
}

fn spawn(name: &str, profile: &TempDir) -> std::io::Result<Child> {
    Command::new(name)
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("about:blank")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
}
