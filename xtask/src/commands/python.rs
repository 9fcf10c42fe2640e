//! Python packages, in a virtual environment of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::complain;

/// The interpreter of a virtual environment that holds what `requirements.txt` of the folder names.
pub(super) fn installed(environment: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let python = if cfg!(windows) {
        environment.join("Scripts/python.exe")
    } else {
        environment.join("bin/python")
    };
    if !python.is_file() {
        let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        complain("Making a virtual environment …");
        let made = Command::new(base)
            .args(["-m", "venv"])
            .arg(environment)
            .status();
        if !made.is_ok_and(|status| status.success()) {
            bail!(
                "no virtual environment\n  fix: install Python 3.10 or newer with venv, or name it in PYTHON"
            );
        }
    }
    let requirements = folder.join("requirements.txt");
    let shown = requirements.display();
    complain(&format!("Installing what {shown} names …"));
    let pip = Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&requirements)
        .status()
        .context("pip could not be started")?;
    if !pip.success() {
        bail!(
            "what {shown} names could not be installed\n  fix: see what pip says; it needs the Python package index once"
        );
    }
    Ok(python)
}
