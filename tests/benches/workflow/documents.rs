//! How long it takes to read and check a document, its contract included.

use std::path::Path;
use std::time::Instant;

use bpx_workflow::{Library, SourceFiles};

use crate::house::catalog;
use crate::table::{Table, median};

const TIMES: usize = 100;
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const LIMIT_MS: f64 = 20.0;

pub(crate) fn measure(table: &mut Table) {
    let root = Path::new(ROOT);
    let ours = root.join("workflows/cancel-replace-order.arazzo.yaml");
    let opened = || Library::open(&ours, &SourceFiles::default(), &catalog()).unwrap();
    table.at_most(
        "reading and checking our workflow",
        millis(opened),
        LIMIT_MS,
        "ms",
    );

    let name = "reading and checking the published one";
    let upstream = root.join("../shared/upstream");
    let published = upstream.join("cancel-replace-order.arazzo.yml");
    if !published.is_file() {
        return table.unknown(name, "it is not at hand");
    }
    let files = SourceFiles {
        openapi: Some(upstream.join("backpack-order-api-openapi.yml")),
        ..SourceFiles::default()
    };
    let opened = || Library::open(&published, &files, &catalog()).unwrap();
    table.at_most(name, millis(opened), LIMIT_MS, "ms");
}

fn millis(open: impl Fn() -> Library) -> f64 {
    let once = || {
        let started = Instant::now();
        assert!(!open().checked().workflows.is_empty());
        started.elapsed().as_secs_f64() * 1e3
    };
    median((0..TIMES).map(|_| once()))
}
