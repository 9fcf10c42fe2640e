//! Recordings of order history, clean and varied, as the recorder writes them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// What the venue sends where no limit is asked for.
pub(crate) const PAGE_ORDERS: usize = 100;
const PAGES_BYTES_MIN: u64 = 200_000_000;
const SINGLES_BYTES_MIN: u64 = 50_000_000;
/// For readers that take their time.
const PART_BYTES_MIN: u64 = 20_000_000;

pub(crate) struct Recordings {
    pub(crate) pages: PathBuf,
    pub(crate) pages_bytes: u64,
    pub(crate) singles: PathBuf,
    pub(crate) singles_bytes: u64,
    pub(crate) part: PathBuf,
    pub(crate) part_bytes: u64,
    /// The bodies of the part alone, a line each.
    pub(crate) bodies: PathBuf,
    /// Exchanges as other tools write them, without nulls, which other checkers hold to be faults.
    pub(crate) foreign: PathBuf,
    pub(crate) foreign_bytes: u64,
}

/// What stands around a page.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Ours,
    Nothing,
    Foreign,
}

impl Recordings {
    pub(crate) fn write() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recordings");
        fs::create_dir_all(&folder).unwrap();
        let at = |name: &str| folder.join(name);
        let this = Self {
            pages_bytes: written(
                &at("pages.ndjson"),
                PAGE_ORDERS,
                PAGES_BYTES_MIN,
                Around::Ours,
            ),
            singles_bytes: written(&at("singles.ndjson"), 1, SINGLES_BYTES_MIN, Around::Ours),
            part_bytes: written(
                &at("part.ndjson"),
                PAGE_ORDERS,
                PART_BYTES_MIN,
                Around::Ours,
            ),
            foreign_bytes: written(
                &at("foreign.ndjson"),
                PAGE_ORDERS,
                PART_BYTES_MIN,
                Around::Foreign,
            ),
            pages: at("pages.ndjson"),
            singles: at("singles.ndjson"),
            part: at("part.ndjson"),
            bodies: at("bodies.jsonl"),
            foreign: at("foreign.ndjson"),
        };
        written(&this.bodies, PAGE_ORDERS, PART_BYTES_MIN, Around::Nothing);
        this
    }
}

/// Writes lines of so many orders until the file is long enough.
fn written(path: &Path, orders: usize, bytes_min: u64, around: Around) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut bytes, mut number) = (0, 0_u64);
    let mut line = String::new();
    while bytes < bytes_min {
        line.clear();
        match around {
            Around::Ours => head(&mut line, number, orders),
            Around::Foreign => line.push_str(FOREIGN),
            Around::Nothing => {}
        }
        for index in 0..orders {
            line.push(if index == 0 { '[' } else { ',' });
            number += 1;
            order(&mut line, number, around == Around::Foreign);
        }
        line.push_str(match around {
            Around::Ours => "]}\n",
            Around::Foreign => "]}}\n",
            Around::Nothing => "]\n",
        });
        file.write_all(line.as_bytes()).unwrap();
        bytes += line.len() as u64;
    }
    file.flush().unwrap();
    bytes
}

const FOREIGN: &str = r#"{"request":{"method":"GET","url":"https://api.backpack.exchange/wapi/v1/history/orders","headers":{"X-API-KEY":"k","X-SIGNATURE":"s","X-TIMESTAMP":"1","X-WINDOW":"5000"}},"response":{"status":200,"headers":{"content-type":"application/json"},"body":"#;

fn head(line: &mut String, number: u64, orders: usize) {
    write!(
        line,
        r#"{{"bpx":1,"started":"2026-11-20T{:02}:{:02}:{:02}.899Z","elapsed_us":15135,"operation":"get_order_history","origin":"https://api.backpack.exchange","method":"GET","path":"/wapi/v1/history/orders","query":"limit={orders}&offset={number}","request_headers":[["x-api-key","redacted"],["x-signature","redacted"],["x-timestamp","redacted"],["x-window","redacted"]],"status":200,"headers":[["content-type","application/json; charset=utf-8"],["x-page-count","1"],["x-current-page","1"],["x-page-size","{orders}"],["x-total","{orders}"],["cache-control","no-store"],["access-control-expose-headers","X-TOTAL"]],"body":"#,
        number / 3600 % 24,
        number / 60 % 60,
        number % 60,
    )
    .unwrap();
}

/// An order, with the explicit nulls that the venue sends or without.
fn order(line: &mut String, number: u64, without_nulls: bool) {
    let start = line.len();
    full_order(line, number);
    if without_nulls {
        let mut order: Map<String, Value> = serde_json::from_str(&line[start..]).unwrap();
        order.retain(|_, member| !member.is_null());
        line.truncate(start);
        line.push_str(&Value::Object(order).to_string());
    }
}

fn full_order(line: &mut String, number: u64) {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let pick = |texts: &[&'static str], by: u64| texts[(mixed / by) as usize % texts.len()];
    let is_market = mixed.is_multiple_of(5);
    let (kind, price, quote) = if is_market {
        (
            "Market",
            "null".to_owned(),
            format!("\"{}.{}\"", mixed % 5000, mixed % 97),
        )
    } else {
        (
            "Limit",
            format!("\"{}.{:02}\"", mixed % 300, mixed % 100),
            "null".to_owned(),
        )
    };
    write!(
        line,
        r#"{{"clientId":{},"createdAt":"2025-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}","executedQuantity":"{}.{}","executedQuoteQuantity":"{}.{}","expiryReason":{},"id":"{}","orderType":"{kind}","postOnly":{},"price":{price},"quantity":"{}.5","quoteQuantity":{quote},"selfTradePrevention":"{}","side":"{}","slippageTolerance":null,"slippageToleranceType":null,"status":"{}","stopLossLimitPrice":null,"stopLossTriggerBy":null,"stopLossTriggerPrice":null,"strategyId":null,"symbol":"{}","systemOrderType":null,"takeProfitLimitPrice":null,"takeProfitTriggerBy":null,"takeProfitTriggerPrice":null,"timeInForce":"{}","triggerBy":null,"triggerPrice":null,"triggerQuantity":null}}"#,
        pick(&["null", "7", "4294967295"], 3),
        mixed % 12 + 1, mixed % 28 + 1, mixed % 24, mixed % 60, mixed % 59, mixed % 1000,
        mixed % 40, mixed % 89, mixed % 9000, mixed % 9973,
        pick(&["null", "null", "\"SelfTradePrevention\"", "\"FillOrKill\""], 7),
        111_063_070_525_358_080 + number,
        pick(&["true", "false"], 11),
        mixed % 70,
        pick(&["RejectTaker", "RejectMaker", "RejectBoth"], 13),
        pick(&["Bid", "Ask"], 17),
        pick(&["Filled", "Cancelled", "Expired", "New"], 19),
        pick(&["SOL_USDC", "BTC_USDC_PERP", "ETH_USDC"], 23),
        pick(&["GTC", "IOC", "FOK"], 29),
    )
    .unwrap();
}
