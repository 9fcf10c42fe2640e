//! The two workflows this project carries and meets: ours, and the one the venue's community wrote.

use std::path::{Path, PathBuf};

use bpx_contract::arazzo::{Checked, Sources, check};
use bpx_contract::model::Model;
use bpx_contract::{Diagnostics, Document, lower};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn contract() -> Model {
    let path = root().join("openapi/backpack-order.openapi.yaml");
    lower(&Document::read(&path).unwrap()).unwrap()
}

pub(crate) fn check_with(
    document: &Document,
    source: &str,
    model: &Model,
) -> Result<Checked, Diagnostics> {
    let sources = Sources {
        openapi: [(source.to_owned(), model)].into(),
        ..Sources::default()
    };
    check(document, &sources)
}

#[test]
fn our_workflow_passes() {
    let document =
        Document::read(&root().join("workflows/cancel-replace-order.arazzo.yaml")).unwrap();
    let checked =
        check_with(&document, "backpack", &contract()).unwrap_or_else(|faults| panic!("{faults}"));
    for note in &checked.notes {
        println!("{note}");
    }
    for end in &checked.workflows[0].ends {
        println!("{end:?}");
    }
    for o in &checked.workflows[0].outputs {
        println!("{} {:?}", o.name, o.ty);
    }
    for s in &checked.workflows[0].steps {
        for o in &s.outputs {
            println!("{} {} {:?}", s.step.id, o.name, o.ty);
        }
    }
}

#[test]
fn the_community_workflow_passes() {
    let document =
        Document::read(&root().join("../shared/upstream/cancel-replace-order.arazzo.yml")).unwrap();
    let checked = check_with(&document, "backpackApi", &contract())
        .unwrap_or_else(|faults| panic!("{faults}"));
    for note in &checked.notes {
        println!("{note}");
    }
    for end in &checked.workflows[0].ends {
        println!("{end:?}");
    }
    for o in &checked.workflows[0].outputs {
        println!("{} {:?}", o.name, o.ty);
    }
}
