//! What a configuration file says, and what it may not say.

use bpx_sandbox::{
    DuplicateClientId, Sandbox, SandboxConfig, SandboxError, SignatureCode, UnknownOrder,
};
use serde_json::json;

use crate::client::{Client, UNKNOWN_SYMBOL, limit};

const EXAMPLE: &str = include_str!("../../examples/sandbox.toml");
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

fn problem(text: &str) -> String {
    SandboxConfig::from_toml(text).unwrap_err().to_string()
}

async fn start_problem(text: &str) -> String {
    let config = SandboxConfig::from_toml(text).unwrap();
    Sandbox::start(config).await.unwrap_err().to_string()
}

#[tokio::test]
async fn the_example_is_read_and_run() {
    let config = SandboxConfig::from_toml(EXAMPLE).unwrap();
    assert_eq!(config.venue, SandboxConfig::default().venue);
    assert_eq!((config.accounts.len(), config.markets.len()), (2, 2));
    assert_eq!(config.markets[1].symbol, "SOL_USDC_PERP");
    assert!(config.markets[1].is_perp);
    let sandbox = Sandbox::start(config).await.unwrap();
    let accounts = sandbox.accounts();
    let names: Vec<_> = accounts.iter().map(|account| &account.name).collect();
    assert_eq!(names, ["maker", "taker"]);
    assert_eq!(sandbox.api_secret(), SEED);
    assert_ne!(accounts[1].api_secret, SEED);
    let taker = Client::of(&sandbox, &accounts[1].api_secret);
    let balances = taker.balances().await.ok();
    assert_eq!(balances["USDC"]["available"], "2500.5");
    assert_eq!(balances["SOL"]["available"], "10");
    let maker = Client::new(&sandbox).balances().await.ok();
    assert_eq!(maker["SOL"]["available"], "1000000");
    let filled = taker.place(limit("Bid", "150.5", "1")).await.ok();
    assert_eq!(filled["status"], "Filled");
}

#[test]
fn the_example_shows_every_key_there_is() {
    let config = SandboxConfig::from_toml(EXAMPLE).unwrap();
    for field in format!("{:?}{:?}", config.venue, config.markets[0]).split(&[' ', '{'][..]) {
        let key = field.strip_suffix(':').unwrap_or("symbol");
        let is_there = EXAMPLE.contains(&format!("\n{key} ="));
        assert!(is_there || key == "is_perp", "{key} is not in the example");
    }
}

#[test]
fn an_empty_file_is_the_default() {
    let (read, usual) = (
        SandboxConfig::from_toml("").unwrap(),
        SandboxConfig::default(),
    );
    assert_eq!(format!("{read:?}"), format!("{usual:?}"));
    assert_eq!(read.markets.len(), 6);
}

#[test]
fn every_switch_can_be_turned() {
    let config = SandboxConfig::from_toml(
        r#"
        settle_late = true
        [venue]
        bad_signature_code = "INVALID_SIGNATURE"
        expired_status = 401
        unknown_order = "INVALID_CLIENT_REQUEST"
        duplicate_client_id = "refuse"
        pending_release_ms = 100
        history_ascending = true
        "#,
    );
    let config = config.unwrap();
    let venue = config.venue;
    assert!(config.settle_late && venue.history_ascending);
    assert_eq!(venue.bad_signature_code, SignatureCode::InvalidSignature);
    assert_eq!(venue.unknown_order, UnknownOrder::InvalidClientRequest);
    assert_eq!(venue.duplicate_client_id, DuplicateClientId::Refuse);
    assert_eq!((venue.expired_status, venue.pending_release_ms), (401, 100));
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_line_and_fix() {
    for (text, line, part) in [
        ("listen = 5", 1, "invalid type"),
        ("\nlisten = \"here\"", 2, "invalid socket address"),
        ("colour = \"red\"", 1, "unknown field `colour`"),
        ("[venue]\nbatch = 1", 2, "unknown field `batch`"),
        ("[venue]\nunknown_order = \"X\"", 2, "unknown variant"),
        ("[[markets]]\nbase = \"SOL\"", 1, "missing field `quote`"),
        (
            "[[markets]]\nbase = \"A\"\nquote = \"B\"\ntick_size = 0.01",
            4,
            "in quotes",
        ),
        (
            "[[markets]]\nbase = \"A\"\nquote = \"B\"\ntick_size = \"1e3\"",
            4,
            "in quotes",
        ),
        (
            "[[accounts]]\nname = \"a\"\nname = \"b\"",
            3,
            "duplicate key",
        ),
    ] {
        let problem = problem(text);
        let place = format!("line {line} of the configuration cannot be read: ");
        assert!(
            problem.starts_with(&place) && problem.contains(part),
            "{problem}"
        );
        assert!(
            problem.contains("; compare it with the example"),
            "{problem}"
        );
    }
}

#[test]
fn no_error_repeats_a_secret() {
    for text in [
        format!("[[accounts]]\nname = \"a\"\napi_secret = \"{SEED}\" oops"),
        format!("[[accounts]]\nname = \"a\"\napi_secret = \"{SEED}"),
        format!("[[accounts]]\napi_secret = \"{SEED}\""),
    ] {
        assert!(!problem(&text).contains(SEED));
    }
}

#[tokio::test]
async fn what_cannot_be_run_is_told_with_place_and_fix() {
    let market = |rest: &str| format!("[[markets]]\nbase = \"A\"\nquote = \"B\"\n{rest}");
    let account = |rest: &str| format!("[[accounts]]\nname = \"a\"\n{rest}");
    for (text, problem) in [
        (
            market("tick_size = \"0\""),
            "market A_B has a `tick_size` it cannot compute with",
        ),
        (market("step_size = \"0.000000001\""), "at most 8 decimals"),
        (market("tick_size = \"0.0000001\""), "at most 6 decimals"),
        (
            market("min_price = 3\nmax_price = 2"),
            "lowest price above its highest",
        ),
        (
            market("min_quantity = 3\nmax_quantity = 2"),
            "lowest quantity above its highest",
        ),
        (market("symbol = \"A B\""), "a name that is no symbol"),
        (market(&market("")), "market A_B is there twice"),
        ("accounts = []".to_owned(), "accounts there is none"),
        (account(&account("")), "account a is there twice"),
        (
            account("balances = { USDC = -1 }"),
            "account a owns less than nothing",
        ),
        (
            account("balances = { USDC = \"0.123456789\" }"),
            "at most 8 decimals",
        ),
        (
            account("balances = { USDC = 1000000000000 }"),
            "less than 1000000000000",
        ),
        ("[venue]\nexpired_status = 200".to_owned(), "expired_status"),
        (
            "[venue]\nbatch_orders_max = 0".to_owned(),
            "batch_orders_max",
        ),
    ] {
        let found = start_problem(&text).await;
        assert!(found.contains(problem) && found.contains("; "), "{found}");
    }
    let secret = format!("api_secret = \"{SEED}\"\n");
    let twice = account(&secret) + &account(&secret).replace("\"a\"", "\"b\"");
    let found = start_problem(&twice).await;
    assert!(
        found.contains("account b has the secret of another account"),
        "{found}"
    );
}

#[tokio::test]
async fn an_error_of_the_configuration_has_its_own_kind() {
    let error = SandboxConfig::from_toml("x").unwrap_err();
    assert!(matches!(error, SandboxError::Config { .. }));
    let mut config = SandboxConfig::bare();
    config.markets.clear();
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = Client::new(&sandbox);
    assert_eq!(client.open_orders("").await.ok(), json!([]));
    let refused = client.place(limit("Bid", "1", "1")).await;
    refused.is_text(400, UNKNOWN_SYMBOL);
}
