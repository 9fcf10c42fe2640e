//! Every kind of fault that is seeded into an exchange with one of three invented APIs is found by its rule, where it is, and
//! nothing is found in the exchanges that are clean.

use bpx_conformance::Contract;

use crate::exchanges::{APIS, Case, cases, folder};
use crate::support::*;

/// What is wrong with the checker's report on a case, which is the second line of two.
fn wrong(contract: &Contract, case: &Case, base: &Case) -> Option<String> {
    let lines = [&base.entry, &case.entry].map(ToString::to_string);
    let report = checked(contract, &lines);
    let expected: Vec<_> = case.find.iter().map(|(rule, _)| rule.as_str()).collect();
    let found = report["findings"].as_array().unwrap().iter();
    let found = found.map(|it| format!("{} {} {}", it["rule"], it["pointer"], it["detail"]));
    let found = found.collect::<Vec<_>>().join(", ");
    if rules(&report) != expected || report["passed"] != expected.is_empty() {
        return Some(format!("{}: not {expected:?}: {found}", case.kind));
    }
    let (rule, pointer) = case.find.as_ref()?;
    let finding = finding(&report, rule);
    let is_there = finding["pointer"] == *pointer && finding["where"][0]["line"] == 2;
    (!is_there).then(|| format!("{}: not at `{pointer}`: {found}", case.kind))
}

#[test]
fn every_kind_of_fault_is_found_where_it_is_and_clean_exchanges_are_clean() {
    let mut kinds = 0;
    for api in APIS {
        let contract =
            Contract::read_openapi(&folder().join(format!("{api}.openapi.yaml"))).unwrap();
        let cases = cases(api);
        kinds += cases.iter().filter(|case| case.find.is_some()).count();
        let wrong = cases
            .iter()
            .filter_map(|case| wrong(&contract, case, &cases[case.base]));
        let wrong: Vec<_> = wrong.collect();
        assert!(
            wrong.is_empty(),
            "{api}: {} of {}\n{}",
            wrong.len(),
            cases.len(),
            wrong.join("\n")
        );
    }
    assert!(kinds >= 300, "{kinds}");
}
