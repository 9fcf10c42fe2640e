//! The pages of the reference are those that the program writes.

use std::fs;
use std::process::Command;

use bpx_tests::workspace::{programs, root};

#[test]
fn the_reference_is_what_the_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let command = |format| {
        let mut command = Command::new(&programs().bpx);
        command
            .arg("manual")
            .arg(folder.path().join(format))
            .args(["--format", format]);
        assert!(command.status().unwrap().success());
        fs::read_dir(folder.path().join(format))
            .unwrap()
            .map(|it| it.unwrap().path())
    };
    let mut count = 0;
    for page in command("markdown") {
        let name = page.file_name().unwrap().to_str().unwrap().to_owned();
        let ours =
            fs::read_to_string(root().join("docs/reference").join(&name)).unwrap_or_default();
        let fix = "write it: cargo run -- manual docs/reference --format markdown";
        assert!(
            ours == fs::read_to_string(&page).unwrap(),
            "docs/reference/{name} is not up to date; {fix}"
        );
        count += 1;
    }
    assert_eq!(
        fs::read_dir(root().join("docs/reference")).unwrap().count(),
        count
    );
    let pages: Vec<_> = command("man").collect();
    assert!(pages.len() > 30, "{pages:?}");
    assert!(pages.iter().any(|page| page.ends_with("bpx-serve.1")));
}
