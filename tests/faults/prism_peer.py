"""What Prism reports on each of these recordings, like `peer.py`: the exchange is made again, through its validating proxy, with a
server behind it that answers as recorded."""

import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import yaml

# What the connection says for itself.
OWN = {"connection", "content-length", "transfer-encoding", "host", "content-encoding", "keep-alive"}
current = {}


def body_of(content):
    text = content.get("text", "")
    return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()


class Recorded(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        received = current["response"]
        body = body_of(received["content"])
        self.send_response(received["status"])
        for header in received["headers"]:
            if header["name"].lower() not in OWN:
                self.send_header(header["name"], header["value"])
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Prism:
    """A proxy for one document, started again where an exchange has ended it."""

    def __init__(self, document, behind):
        self.document, self.behind, self.process = document, behind, None

    def start(self):
        if self.process is not None and self.process.poll() is None:
            return
        self.port = free_port()
        arguments = ["proxy", self.document, self.behind, "--port", str(self.port)]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen([os.environ["PRISM"], *arguments], stdout=quiet, stderr=quiet)
        for _ in range(300):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)

    def messages(self, prefix, entry):
        self.start()
        current.update(entry)
        sent = entry["request"]
        url = urlsplit(sent["url"])
        path = url.path[len(prefix) :] if url.path.startswith(f"{prefix}/") else url.path
        headers = {it["name"]: it["value"] for it in sent["headers"] if it["name"].lower() not in OWN}
        body = sent.get("postData", {}).get("text", "").encode() or None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            query = f"?{url.query}" if url.query else ""
            connection.request(sent["method"], path + query, body, headers)
            response = connection.getresponse()
            response.read()
            found = json.loads(response.headers.get("sl-violations", "[]"))
            return [f"{it['location']} {it['message']}" for it in found]
        except Exception:  # It ended, and reports nothing.
            self.process.kill()
            self.process.wait()
            return []
        finally:
            connection.close()


def prefix_of(document):
    """The path of the first server, which a request to a proxy does not have."""
    with open(document) as text:
        server = yaml.safe_load(text)["servers"][0]
    url = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", variable["default"])
    return urlsplit(url).path.rstrip("/")


def main(document, *files):
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    prism = Prism(document, f"http://127.0.0.1:{upstream.server_port}")
    reported = []
    for file in files:
        with open(file) as har:
            entry = json.load(har)["log"]["entries"][0]
        reported.append(prism.messages(prefix_of(document), entry))
    if prism.process is not None:
        prism.process.kill()
    json.dump(reported, sys.stdout)


main(*sys.argv[1:])
