#!/usr/bin/env python3
"""run.py BPX PEERS: what each runner of Arazzo documents does with the cases, as a table.

BPX is this project's program; PEERS the folder that the others are installed under. A runner that is absent is named
with the command that installs it. Exit codes: 0 BPX does as the specification says, 1 it does not."""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from cases import CASES, contract, document


class Service:
    """Answers each request line with its next response, the last one again and again; keeps what it was sent."""

    def __init__(self, serves):
        self.serves, self.seen, service = {line: list(it) for line, it in serves.items()}, [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
                service.seen.append((f"{self.command} {self.path}", body))
                left = service.serves.get(f"{self.command} {self.path.split('?')[0]}", [(404, {"message": "none"})])
                status, value, *headers = left.pop(0) if len(left) > 1 else left[0]
                text = b"" if value is None else json.dumps(value).encode()
                self.send_response(status)
                for name, header in {"Content-Type": "application/json", **(headers[0] if headers else {})}.items():
                    self.send_header(name, header)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def ours(program, folder, inputs):
    given = [part for name, value in inputs.items() for part in ("--input", f"{name}={value}")]
    return [program, "workflow", "run", "flow.arazzo.yaml", "--workflow", "main", "--state", f"{folder}/state", *given]


def redocly(program, _, inputs):
    given = ["--input", json.dumps(inputs)] if inputs else []
    return [program, "respect", "flow.arazzo.yaml", "--workflow", "main", *given]


def jentic(program, _, inputs):
    given = ["--inputs", json.dumps(inputs)] if inputs else []
    return [program, "execute-workflow", "flow.arazzo.yaml", "--workflow-id", "main", *given]


def verdict(case, seen, code):
    """`yes` as the specification says, `refused` before anything was sent, `no` otherwise."""
    sent, succeeds = [line for line, _ in seen], case.get("succeeds", True)
    ends = succeeds is None or (code == 0) == succeeds
    texts = [body for _, body in seen]
    if "body" in case:
        ends = ends and texts[:1] and texts[0] in case["body"]
    if "json" in case:
        try:
            ends = ends and json.loads(texts[0]) == case["json"]
        except (ValueError, IndexError):
            ends = False
    if sent == case["sent"] and ends:
        return "yes"
    return "refused" if not sent and code != 0 else "no"


def tried(case, program, command):
    service = Service(case["serves"])
    with tempfile.TemporaryDirectory() as folder:
        # JSON is YAML, and every tool goes by the name.
        pathlib.Path(folder, "api.yaml").write_text(json.dumps(contract(service.url)))
        pathlib.Path(folder, "flow.arazzo.yaml").write_text(json.dumps(document(case)))
        environment = {**os.environ, "HOME": folder, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
        try:
            ran = subprocess.run(command(program, folder, case.get("inputs", {})), cwd=folder, env=environment,
                                 capture_output=True, text=True, timeout=300)
            found = verdict(case, service.seen, ran.returncode)
            if os.environ.get("SHOW"):
                print(case["name"], [line for line, _ in service.seen], ran.returncode, (ran.stdout + ran.stderr)[-600:], file=sys.stderr)
        except subprocess.TimeoutExpired:
            found = "no"
    service.server.shutdown()
    return found


def main():
    bpx, peers = sys.argv[1], pathlib.Path(sys.argv[2]).absolute()
    tools = [
        ("bpx", pathlib.Path(bpx).absolute(), ours, ""),
        ("redocly", peers / "npm/node_modules/.bin/redocly", redocly, f"npm install --prefix {peers}/npm @redocly/cli@2.77.0"),
        ("jentic", peers / "python/bin/arazzo-runner", jentic,
         f"python3 -m venv {peers}/python && {peers}/python/bin/pip install arazzo-runner==0.9.6"),
    ]
    for name, program, _, install in tools:
        if not program.is_file():
            print(f"{name} is absent: {install}", file=sys.stderr)
    tools = [it for it in tools if it[1].is_file()]
    totals = {name: {"yes": 0, "no": 0, "refused": 0} for name, *_ in tools}
    print(f"{'as the specification says':<40}" + "".join(f"{name:>10}" for name, *_ in tools))
    for case in CASES:
        found = {name: tried(case, str(program), command) for name, program, command, _ in tools}
        print(f"{case['name']:<40}" + "".join(f"{it:>10}" for it in found.values()), flush=True)
        for name, it in found.items():
            totals[name][it] += 1
    for name, counted in totals.items():
        print(f"{name}: as specified {counted['yes']}, otherwise {counted['no']}, refused {counted['refused']}, of {len(CASES)}")
    sys.exit(0 if totals.get("bpx", {}).get("yes") == len(CASES) else 1)


if __name__ == "__main__":
    main()
