//! Runs the fenced commands of every page, in order, in a copy of the workspace with a local exchange of its own.
//!
//! | fence | what becomes of the block |
//! |---|---|
//! | `sh` | it is run, and must succeed |
//! | `sh background` | it is started, has to print something, and is stopped at the end of the page |
//! | `sh ci` | it is a step of CI or a long command, and is not run here |
//! | `sh needs …` | it is not run: it needs what its fence says |

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use bpx_tests::workspace::{path_with_programs, root};

use super::page::{self, Block, Page};

/// Languages that are no commands.
const SHOWN: [&str; 6] = ["text", "json", "yaml", "toml", "rust", "python"];
/// What the commands of the pages listen on.
const PORTS: [u16; 4] = [8080, 8800, 8900, 9090];

#[test]
fn every_fence_has_a_language_that_is_run_or_shown() {
    for page in page::all() {
        for block in &page.blocks {
            let language = block.info.split([',', ' ']).next().unwrap_or_default();
            let is_known = language == "sh" || SHOWN.contains(&language);
            assert!(is_known, "{}:{}: {:?}", page.path, block.line, block.info);
        }
    }
}

#[test]
fn the_commands_of_every_page_succeed() {
    if let Some(port) = PORTS
        .iter()
        .find(|port| TcpListener::bind(("127.0.0.1", **port)).is_err())
    {
        println!("skipped: something listens on port {port}");
        return;
    }
    let mut counted = BTreeMap::<&str, usize>::new();
    let mut faults = Vec::new();
    for page in page::all() {
        let commands: Vec<_> = page.blocks.iter().filter_map(Fenced::of).collect();
        for block in &commands {
            *counted.entry(block.fate).or_default() += 1;
        }
        if commands.iter().any(|block| block.is_run()) {
            println!("{}", page.path);
            faults.extend(run(&page, &commands).err());
        }
    }
    let total: usize = counted.values().sum();
    println!("{total} blocks of commands: {counted:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(counted["run"] > 20, "{counted:?}");
}

/// What is not run is at least valid: with `--help` behind it, clap checks the flags before it prints the help.
#[test]
fn commands_that_are_not_run_have_flags_that_exist() {
    let tools = tempfile::tempdir().unwrap();
    let path = path_with_programs(tools.path(), &root()).unwrap();
    let mut count = 0;
    for page in page::all() {
        let commands = page.blocks.iter().filter_map(Fenced::of);
        for fenced in commands.filter(|fenced| !fenced.is_run()) {
            let text = fenced.block.text.replace("\\\n", " ");
            let lines = text
                .lines()
                .map(|line| line.split(" #").next().unwrap_or_default());
            let is_ours =
                |line: &&str| line.starts_with("bpx ") || line.starts_with("cargo xtask ");
            for line in lines
                .filter(is_ours)
                .filter(|line| !line.contains(['|', '&', ';', '>', '$']))
            {
                let mut shell = Command::new("bash");
                let output = shell
                    .args(["-c", &format!("{line} --help")])
                    .env("PATH", &path)
                    .output()
                    .unwrap();
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{}: {line}\n{stderr}", page.path);
                count += 1;
            }
        }
    }
    assert!(count > 15, "{count}");
}

/// A block of commands, and what becomes of it.
struct Fenced<'a> {
    block: &'a Block,
    fate: &'static str,
}

impl<'a> Fenced<'a> {
    fn of(block: &'a Block) -> Option<Self> {
        let (language, rest) = block.info.split_once(' ').unwrap_or((&block.info, ""));
        let fate = match rest.split(' ').next() {
            Some("") => "run",
            Some("background") => "background",
            Some("ci") => "ci",
            Some("needs") => "needs",
            _ => panic!("{:?} is not known", block.info),
        };
        (language == "sh").then_some(Self { block, fate })
    }

    fn is_run(&self) -> bool {
        matches!(self.fate, "run" | "background")
    }
}

/// Runs the blocks of a page as one session of a shell.
fn run(page: &Page, commands: &[Fenced<'_>]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let tools = tempfile::tempdir().unwrap();
    copy(&root(), folder.path());
    let path = path_with_programs(tools.path(), folder.path()).unwrap();
    let script = tools.path().join("page.sh");
    fs::write(&script, session(page, commands, tools.path())).unwrap();
    let output = Command::new("bash")
        .arg(&script)
        .current_dir(folder.path())
        .env("PATH", path)
        .env("HOME", tools.path().join("home"))
        .env_remove("XDG_STATE_HOME")
        .env_remove("BACKPACK_API_SECRET")
        .env_remove("BACKPACK_BASE_URL")
        .env_remove("BPX_STATE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{}: {}\n{}",
            page.path,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn session(page: &Page, commands: &[Fenced<'_>], tools: &Path) -> String {
    let tools = tools.display();
    let mut script = format!(
        "set -euo pipefail -m\n\
         trap 'for job in $(jobs -p); do kill -- \"-$job\" || true; done; cat {tools}/*.log >&2' EXIT\n\
         touch {tools}/page.log\n"
    );
    for fenced in commands.iter().filter(|it| it.is_run()) {
        let Block { line, text, .. } = fenced.block;
        let _ = writeln!(script, "echo '== {}:{line}'", page.path);
        if fenced.fate == "run" {
            script.push_str(text);
            continue;
        }
        let said = format!("{tools}/{line}.out");
        let _ = write!(
            script,
            "(\n{text}) > {said} 2> {tools}/{line}.log &\n\
             for i in $(seq 300); do [ -s {said} ] && break; sleep 0.1; done; [ -s {said} ]\n"
        );
    }
    script
}

/// The files of the workspace, without what was built.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name == ".git" {
            continue;
        }
        let to = to.join(name);
        if path.is_dir() {
            fs::create_dir(&to).unwrap();
            copy(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}
