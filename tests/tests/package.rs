//! The crates a user depends on can be packaged.

use std::fs;

use bpx_tests::workspace::{cargo, root, target};

const CRATES: [&str; 3] = ["bpx-signing", "bpx-runtime", "bpx-client"];

/// Without building them: `depend.rs` does that. What one of them needs of the others is taken from the others'
/// packages, so no registry is asked.
#[test]
fn signing_runtime_and_client_can_be_packaged() {
    let packages = target("e2e/package");
    let _ = fs::remove_dir_all(&packages);
    let mut arguments = vec![
        "package",
        "--quiet",
        "--offline",
        "--allow-dirty",
        "--no-verify",
    ];
    arguments.extend(CRATES.iter().flat_map(|name| ["--package", *name]));
    cargo(&root(), &arguments).unwrap_or_else(|error| panic!("{error}"));
    for name in CRATES {
        let package = packages.join(format!("{name}-{}.crate", env!("CARGO_PKG_VERSION")));
        assert!(package.is_file(), "{}", package.display());
    }
}
