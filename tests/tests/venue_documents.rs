//! What the local exchange answers on the venue's other operations, checked against the venue's documents.

#![cfg(test)]

use std::path::Path;

use bpx_conformance::report::Subject;
use bpx_conformance::{Baseline, Contract, Rule, RunOptions, View, check};
use bpx_contract::{Api, Document};
use bpx_recording::{Forward, Masking, Recorder, sources};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_tests::workspace::upstream;
use ed25519_compact::{KeyPair, Seed};

/// Requests by document; those with an instruction are signed.
const CALLS: [(&str, &[(&str, &str)]); 4] = [
    (
        "capital",
        &[
            ("balanceQuery", "/api/v1/capital"),
            ("collateralQuery", "/api/v1/capital/collateral"),
            ("depositQueryAll", "/wapi/v1/capital/deposits"),
            ("withdrawalQueryAll", "/wapi/v1/capital/withdrawals"),
            ("dustHistoryQueryAll", "/wapi/v1/history/dust"),
            ("settlementHistoryQueryAll", "/wapi/v1/history/settlement"),
        ],
    ),
    (
        "markets",
        &[
            ("", "/api/v1/markets"),
            ("", "/api/v1/market?symbol=SOL_USDC_PERP"),
            ("", "/api/v1/depth?symbol=SOL_USDC&limit=5"),
            ("", "/api/v1/prediction"),
            ("", "/api/v1/prediction/tags"),
            ("", "/api/v1/market-sessions"),
            ("", "/api/v1/securities"),
            ("", "/api/v1/markPrices"),
            ("", "/api/v1/markPrices?marketType=SPOT"),
            ("", "/api/v1/openInterest"),
            ("", "/api/v1/fundingRates?symbol=SOL_USDC_PERP"),
            (
                "",
                "/api/v1/klines?symbol=SOL_USDC_PERP&interval=1m&startTime=0",
            ),
            (
                "",
                "/api/v1/klines?symbol=BTC_USDC&interval=1month&startTime=0",
            ),
            ("", "/api/v1/ticker?symbol=SOL_USDC_PERP&interval=1d"),
            ("", "/api/v1/tickers"),
        ],
    ),
    (
        "position",
        &[
            ("positionQuery", "/api/v1/position"),
            ("fundingHistoryQueryAll", "/wapi/v1/history/funding"),
        ],
    ),
    (
        "system",
        &[
            ("", "/api/v1/status"),
            ("", "/api/v1/ping"),
            ("", "/api/v1/time"),
            ("", "/api/v1/wallets"),
        ],
    ),
];

struct Caller {
    http: reqwest::Client,
    key: KeyPair,
}

impl Caller {
    fn new(api_secret: &str) -> Self {
        use base64::Engine as _;
        let seed = base64::engine::general_purpose::STANDARD.decode(api_secret);
        Self {
            http: reqwest::Client::new(),
            key: KeyPair::from_seed(Seed::from_slice(&seed.unwrap()).unwrap()),
        }
    }

    fn sign(&self, request: reqwest::RequestBuilder, head: &str) -> reqwest::RequestBuilder {
        use base64::Engine as _;
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let since_epoch = std::time::UNIX_EPOCH.elapsed().unwrap();
        let at = since_epoch.as_millis();
        let text = format!("{head}&timestamp={at}&window=5000");
        request
            .header("X-API-KEY", base64(self.key.pk.as_ref()))
            .header("X-SIGNATURE", base64(self.key.sk.sign(text, None).as_ref()))
            .header("X-TIMESTAMP", at.to_string())
            .header("X-WINDOW", "5000")
    }

    async fn get(&self, url: String, instruction: &str) -> u16 {
        let request = self.http.get(url);
        let request = match instruction {
            "" => request,
            instruction => self.sign(request, &format!("instruction={instruction}")),
        };
        request.send().await.unwrap().status().as_u16()
    }

    /// Buys on the perpetual, so that there are a trade and a position.
    async fn buy(&self, base_url: &str) {
        let body = r#"{"symbol":"SOL_USDC_PERP","side":"Bid","orderType":"Market","quantity":"2"}"#;
        let head =
            "instruction=orderExecute&orderType=Market&quantity=2&side=Bid&symbol=SOL_USDC_PERP";
        let request = self.http.post(format!("{base_url}/api/v1/order"));
        let sent = self.sign(request.body(body), head).send().await.unwrap();
        assert!(sent.text().await.unwrap().contains("\"Filled\""));
    }
}

/// Calls through a forwarder that records, then checks the recording.
async fn is_as_documented(document: &Path, calls: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("venue.ndjson");
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let caller = Caller::new(&sandbox.api_secret());
    caller.buy(&sandbox.base_url()).await;
    let (recorder, recording) = Recorder::start(&path, Masking::Keep).unwrap();
    let mut document = Document::read(document).unwrap();
    let members = document.value.as_object_mut().unwrap();
    // As our document declares it: null is what the venue sends for what is absent.
    members.insert("x-undeclared-null".to_owned(), "note".into());
    members.insert("x-undocumented-property".to_owned(), "error".into());
    let api = Api::from_document(document).unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let forward = Forward::start(listen, &sandbox.base_url(), &api, recorder)
        .await
        .unwrap();
    for (instruction, target) in calls {
        let status = caller
            .get(format!("http://{}{target}", forward.address()), instruction)
            .await;
        assert_eq!(status, 200, "{target}");
    }
    forward.shutdown().await;
    assert_eq!(recording.finish().unwrap().recorded, calls.len() as u64);
    let contract = Contract::from_api(api).unwrap();
    let files = sources(&[path.display().to_string()]).unwrap();
    let report = check(&contract, files, &RunOptions::default()).unwrap();
    let view = View::new(&contract, &report, &Baseline::default()).unwrap();
    let is_known =
        |found: &Subject| matches!(found.rule, Rule::NullUndeclared | Rule::FormatUnknown);
    let mut findings = view.findings.iter();
    let found = findings.find(|shown| !is_known(&shown.finding.subject));
    assert!(found.is_none(), "{found:#?}");
    assert_eq!(view.tally.validated, calls.len() as u64);
}

#[tokio::test]
async fn every_answer_fits_the_venues_documents() {
    let Some(upstream) = upstream() else { return };
    for (name, calls) in CALLS {
        let document = upstream.join(format!("venue/openapi/{name}.openapi.yml"));
        is_as_documented(&document, calls).await;
    }
}
