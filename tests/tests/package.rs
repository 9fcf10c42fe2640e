//! The crates can be packaged, and what is packaged holds all that it needs.

#![cfg(test)]

use std::fs;
use std::path::{Component, Path, PathBuf};

use bpx_tests::workspace::{cargo, root, target};
use serde_json::Value;

/// Packages that may be published, with their folders.
fn packages() -> Vec<(String, PathBuf)> {
    let metadata = cargo(&root(), &["metadata", "--no-deps", "--format-version", "1"]).unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let packages = packages.filter(|package| package["publish"].is_null());
    packages
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let name = package["name"].as_str().unwrap();
            (name.to_owned(), manifest.parent().unwrap().to_owned())
        })
        .collect()
}

/// Without building them: `depend.rs` does that. What one of them needs of the others is taken from the others'
/// packages, so no registry is asked.
#[test]
fn every_crate_that_may_be_published_can_be_packaged() {
    let packed = target("e2e/package");
    let _ = fs::remove_dir_all(&packed);
    let packages = packages();
    assert!(packages.len() > 10, "{packages:?}");
    let mut arguments = vec![
        "package",
        "--quiet",
        "--offline",
        "--allow-dirty",
        "--no-verify",
    ];
    let names = packages.iter().map(|(name, _)| name.as_str());
    arguments.extend(names.flat_map(|name| ["--package", name]));
    cargo(&root(), &arguments).unwrap_or_else(|error| panic!("{error}"));
    for (name, _) in packages {
        let package = packed.join(format!("{name}-{}.crate", env!("CARGO_PKG_VERSION")));
        assert!(package.is_file(), "{}", package.display());
    }
}

/// Every Rust source below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The files that a source takes in, as it names them.
fn taken_in(source: &str) -> Vec<&str> {
    let calls = ["include_str!(", "include_bytes!("];
    let starts = calls.iter().flat_map(|call| source.match_indices(call));
    let named = starts.filter_map(|(at, call)| {
        let rest = source[at + call.len()..].trim_start();
        rest.strip_prefix('"')?.split('"').next()
    });
    named.collect()
}

/// A path without `..`, whether or not a link stands in it.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
        plain
    })
}

#[test]
fn no_crate_takes_in_a_file_that_its_package_would_leave_behind() {
    let mut count = 0;
    for (name, folder) in packages() {
        let mut files = Vec::new();
        sources(&folder.join("src"), &mut files);
        for file in files {
            for path in taken_in(&fs::read_to_string(&file).unwrap()) {
                let taken = plain(&file.parent().unwrap().join(path));
                assert!(
                    taken.starts_with(&folder),
                    "{name}: {}: {path}",
                    file.display()
                );
                assert!(taken.exists(), "{name}: {}: {path}", file.display());
                count += 1;
            }
        }
    }
    assert!(count > 5, "{count}");
}
