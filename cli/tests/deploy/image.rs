//! The image: built by buildah without a registry, and run.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::common::exchange::Exchange;
use crate::{Gateway, file, has, order};

const TARGET: &str = "x86_64-unknown-linux-musl";
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// The user in the image.
const USER: u32 = 65532;
const IMAGE: &str = "localhost/bpx";

/// The program without a libc of the system; prints that it is skipped where nobody has built it.
fn program() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_BIN_EXE_bpx"));
    let target = own.parent()?.parent()?;
    let built = ["release", "debug"].map(|profile| target.join(TARGET).join(profile).join("bpx"));
    let found = built.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: `cargo build --package bpx --target {TARGET}` was not run");
    }
    found
}

/// Images and containers in a folder that ends with the test.
struct Buildah(TempDir);

impl Buildah {
    fn command(&self, arguments: &[&str]) -> Command {
        let folder = self.0.path();
        let mut command = Command::new("buildah");
        command
            .args(["--storage-driver", "vfs"])
            .arg("--root")
            .arg(folder.join("root"))
            .arg("--runroot")
            .arg(folder.join("run"))
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output: Output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Buildah {
    fn drop(&mut self) {
        for what in ["rm", "rmi"] {
            let _ = self.command(&[what, "--all"]).output();
        }
    }
}

/// The folder that the README says how to fill.
fn context(program: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::copy(program, folder.path().join("bpx")).unwrap();
    let authorities = fs::read(AUTHORITIES).unwrap_or_default();
    fs::write(folder.path().join("ca-certificates.crt"), authorities).unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    folder
}

/// Builds the image, and starts a container of it.
fn container(buildah: &Buildah, program: &Path, exchange: &Exchange) -> String {
    let (context, containerfile) = (context(program), file("Containerfile"));
    let paths = [containerfile.as_path(), context.path()].map(|it| it.to_str().unwrap());
    let options = [
        "bud",
        "--isolation",
        "chroot",
        "--format",
        "docker",
        "--tag",
        IMAGE,
    ];
    buildah.run(&[&options[..], &["--file"], &paths].concat());
    let inspected = buildah.run(&["inspect", "--type", "image", IMAGE]);
    for part in [
        r#""User": "65532:65532""#,
        r#""Healthcheck""#,
        r#""/bpx""#,
        r#""health""#,
    ] {
        assert!(inspected.contains(part), "{part}: {inspected}");
    }
    let container = buildah.run(&["from", IMAGE]);
    let environment = [
        format!("BACKPACK_BASE_URL={}", exchange.sandbox.base_url()),
        format!("BACKPACK_API_SECRET={}", exchange.sandbox.api_secret()),
    ];
    for variable in &environment {
        buildah.run(&["config", "--env", variable, &container]);
    }
    // Otherwise buildah puts a volume of its own before the one that is given.
    buildah.run(&["config", "--volume", "/state-", &container]);
    container
}

#[test]
fn the_image_serves_as_a_user_without_rights_and_reports_its_health() {
    if !has("buildah") {
        return;
    }
    let Some(program) = program() else {
        return;
    };
    let buildah = Buildah(TempDir::new().unwrap());
    let probe = buildah.command(&["from", "scratch"]).output().unwrap();
    if !probe.status.success() {
        let said = String::from_utf8_lossy(&probe.stderr);
        println!("skipped: buildah does not work here: {said}");
        return;
    }
    let exchange = Exchange::start();
    let state = exchange.state.path().join("state");
    fs::create_dir(&state).unwrap();
    if chown(&state, Some(USER), Some(USER)).is_err() {
        println!("skipped: only root can give the volume to the user in the image");
        return;
    }
    let container = container(&buildah, &program, &exchange);
    let volume = format!("{}:/state", state.display());
    let run = [
        "run",
        "--volume",
        &volume,
        "--isolation",
        "chroot",
        "--network",
        "host",
    ];
    let inside = [&run[..], &[container.as_str(), "--", "/bpx"]].concat();
    let serve = [
        "serve",
        "--allow-trading",
        "--rest",
        "127.0.0.1:0",
        "--mcp",
        "127.0.0.1:0",
    ];
    let gateway = Gateway::of(buildah.command(&[&inside[..], &serve].concat()));
    assert_eq!(gateway.ready["read_token_file"], "/state/read.token");
    let token = fs::read_to_string(state.join("trade.token")).unwrap();
    exchange.runtime.block_on(async {
        let url = format!("{}/api/v1/order", gateway.text("rest"));
        let request = gateway.http.post(&url).bearer_auth(token.trim());
        let placed = request.json(&order()).send().await.unwrap();
        assert_eq!(placed.status(), 200);
    });
    let shown = buildah.run(&[&inside[..], &["health", gateway.text("rest")]].concat());
    assert!(shown.contains(r#""ready":true"#), "{shown}");
    let nobody = buildah
        .command(&[&inside[..], &["health", "http://127.0.0.1:1"]].concat())
        .output();
    assert_eq!(nobody.unwrap().status.code(), Some(1));
}
