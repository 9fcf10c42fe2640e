"""Installs the clients that tests/tests/third_party runs.

    python3 tests/third_party/install.py FOLDER [--newest] [CLIENT ...]

Each client, named by its folder here, gets a folder of its own in FOLDER: a virtual environment or node_modules.
Versions are those of requirements.txt or package-lock.json; with --newest the client itself, and what it needs, is
the current release of its index. Without a name, all are installed. PYTHON names another interpreter.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What its package demands is for its strategies and other exchanges; the lock has what its connector needs.
WITHOUT_DEPENDENCIES = {"hummingbot"}


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}")


def install_python(source, home, newest):
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        run(os.environ.get("PYTHON", sys.executable), "-m", "venv", home)
    lock = source / "requirements.txt"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-deps", "--requirement", lock)
    if newest:
        name = lock.read_text().split("==")[0]
        run(*pip, "--upgrade", *(["--no-deps"] if name in WITHOUT_DEPENDENCIES else []), name)


def install_node(source, home, newest):
    home.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, home)
    npm = [shutil.which("npm") or "npm"]
    quiet = ["--silent", "--no-audit", "--no-fund"]
    run(*npm, "ci", *quiet, cwd=home)
    if newest:
        (name,) = json.loads((source / "package.json").read_text())["dependencies"]
        run(*npm, "install", *quiet, f"{name}@latest", cwd=home)


def install(client, folder, newest):
    source, home = HERE / client, folder.resolve() / client
    kind = install_python if (source / "requirements.txt").is_file() else install_node
    try:
        kind(source, home, newest)
    except (OSError, RuntimeError) as error:
        print(f"not installed: {client}\n{error}", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
        return False
    print(f"installed: {client}")
    return True


def main():
    clients = sorted(path.parent.name for path in HERE.glob("*/smoke.*"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--newest", action="store_true")
    parser.add_argument("clients", nargs="*", default=clients, metavar="CLIENT")
    arguments = parser.parse_args()
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda client: install(client, arguments.folder, arguments.newest), arguments.clients))
    sys.exit(0 if all(done) else 1)


main()
