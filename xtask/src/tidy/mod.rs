//! Rules of this workspace that no compiler checks.

mod cycles;
mod facts;
mod files;

use std::fs;
use std::path::Path;

/// Everything that breaks a rule, and how many files were read.
pub(crate) fn check(root: &Path) -> anyhow::Result<(Vec<String>, usize)> {
    let (mut faults, count) = files::check(root)?;
    faults.extend(facts::check(root)?);
    for name in crates(root)? {
        faults.extend(cycles::check(&root.join(&name).join("src"), &name)?);
    }
    Ok((faults, count))
}

/// The folders of the workspace's crates.
fn crates(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.join("Cargo.toml").is_file() {
            let name = path.file_name().unwrap_or_default();
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::root;

    #[test]
    fn no_generic_crate_contains_a_fact_about_the_venue() {
        let faults = facts::check(&root()).unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn no_modules_of_a_crate_depend_on_each_other_in_a_circle() {
        let names = crates(&root()).unwrap();
        assert!(names.len() > 15, "{names:?}");
        let faults = names
            .iter()
            .map(|name| cycles::check(&root().join(name).join("src"), name).unwrap());
        let faults: Vec<_> = faults.flatten().collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
