//! A git repository for the binary to work in.

use std::path::Path;
use std::process::{Command, Stdio};

/// Commits everything in a folder. Says so where there is no git.
pub fn committed(folder: &Path) -> bool {
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
    let commands: [&[&str]; 3] = [
        &["init", "--quiet"],
        &["add", "--all"],
        &[
            "-c",
            "commit.gpgsign=false",
            "commit",
            "--quiet",
            "--message",
            "All",
        ],
    ];
    let done = commands.iter().all(|command| {
        let mut git = Command::new("git");
        git.args(identity).args(*command).current_dir(folder);
        // No settings and no repository of whoever runs the tests.
        git.env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        git.env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_WORK_TREE");
        git.stdin(Stdio::null())
            .status()
            .is_ok_and(|it| it.success())
    });
    if !done {
        println!("skipped: there is no git");
    }
    done
}
