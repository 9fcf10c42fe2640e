"""Starts the local exchange and runs schemathesis against it with our OpenAPI document.

Usage: python run.py PATH_TO_BPX [ARGUMENTS OF SCHEMATHESIS]
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "openapi" / "backpack-order.openapi.yaml"


def main():
    bpx, *arguments = sys.argv[1:]
    command = [bpx, "sandbox", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as exchange:
        try:
            ready = json.loads(exchange.stdout.readline())
            return check(ready, arguments)
        finally:
            exchange.terminate()


def check(ready, arguments):
    environment = dict(
        os.environ,
        BPX_SECRET=ready["api_secret"],
        NO_PROXY="127.0.0.1",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONPATH=str(HERE),
        SCHEMATHESIS_HOOKS="hooks",
    )
    schemathesis = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    run = schemathesis + ["run", str(DOCUMENT), "--url", ready["base_url"], *arguments]
    return subprocess.run(run, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
