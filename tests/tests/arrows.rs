//! The law of arrows: which crate of the workspace may use which.

#![cfg(test)]

use std::collections::BTreeSet;

use bpx_tests::workspace::{cargo, root};
use serde_json::Value;

/// What a crate may use of the workspace.
enum May {
    Use(&'static [&'static str]),
    UseEverything,
}

/// Every member. An arrow reaches what its target reaches, so that is listed too.
const ARROWS: [(&str, May); 18] = [
    ("bpx", May::UseEverything),
    ("bpx-arazzo", May::Use(&["bpx-contract"])),
    ("bpx-capability", May::Use(&["bpx-contract"])),
    ("bpx-client", May::Use(&["bpx-runtime", "bpx-signing"])),
    (
        "bpx-codegen",
        May::Use(&["bpx-arazzo", "bpx-capability", "bpx-contract"]),
    ),
    (
        "bpx-conformance",
        May::Use(&[
            "bpx-contract",
            "bpx-recording",
            "bpx-runtime",
            "bpx-signing",
        ]),
    ),
    ("bpx-contract", May::Use(&[])),
    (
        "bpx-dispatch",
        May::Use(&["bpx-contract", "bpx-runtime", "bpx-signing"]),
    ),
    ("bpx-evolve", May::Use(&["bpx-contract"])),
    (
        "bpx-gateway",
        May::Use(&[
            "bpx-capability",
            "bpx-contract",
            "bpx-dispatch",
            "bpx-runtime",
            "bpx-signing",
        ]),
    ),
    (
        "bpx-recording",
        May::Use(&["bpx-contract", "bpx-runtime", "bpx-signing"]),
    ),
    ("bpx-runtime", May::Use(&["bpx-signing"])),
    ("bpx-sandbox", May::Use(&[])),
    ("bpx-signing", May::Use(&[])),
    ("bpx-tests", May::UseEverything),
    (
        "bpx-venue",
        May::Use(&[
            "bpx-capability",
            "bpx-client",
            "bpx-contract",
            "bpx-dispatch",
            "bpx-runtime",
            "bpx-signing",
        ]),
    ),
    (
        "bpx-workflow",
        May::Use(&[
            "bpx-arazzo",
            "bpx-contract",
            "bpx-dispatch",
            "bpx-runtime",
            "bpx-signing",
        ]),
    ),
    (
        "xtask",
        May::Use(&[
            "bpx-arazzo",
            "bpx-capability",
            "bpx-codegen",
            "bpx-contract",
            "bpx-evolve",
        ]),
    ),
];

/// Not even its tests may: what it proves, it must prove with nothing but its own code.
const ALONE: &str = "bpx-sandbox";

fn packages() -> Vec<Value> {
    let metadata = cargo(&root(), &["metadata", "--no-deps", "--format-version", "1"]).unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// The package's dependencies inside the workspace, by name. A kind of null is an ordinary dependency.
fn inside<'a>(package: &'a Value, kinds: &'a [Option<&'a str>]) -> impl Iterator<Item = &'a str> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    let wanted = |dependency: &&Value| {
        dependency["path"].is_string() && kinds.contains(&dependency["kind"].as_str())
    };
    dependencies.filter(wanted).map(name)
}

#[test]
fn every_arrow_is_one_of_the_design() {
    for package in packages() {
        let name = name(&package);
        let Some((_, May::Use(allowed))) = ARROWS.iter().find(|(own, _)| *own == name) else {
            continue;
        };
        let kinds = if name == ALONE {
            &[None, Some("build"), Some("dev")][..]
        } else {
            &[None, Some("build")]
        };
        for used in inside(&package, kinds) {
            assert!(
                allowed.contains(&used),
                "{name} may not use {used}; see ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn every_member_stands_in_the_table_and_nothing_else() {
    let packages = packages();
    let members: BTreeSet<_> = packages.iter().map(name).collect();
    let listed: BTreeSet<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, listed);
}
