"""Signs requests as the venue's documents say.

Written apart from the project's own signer, in another language and with another implementation of the curve.
"""

import base64
import json
import time
from urllib.parse import parse_qsl, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

WINDOW_MS = 60_000


class Signature(requests.auth.AuthBase):
    """Signs the finished request: the query and the body as they go out. `instructions` maps (method, path)."""

    def __init__(self, secret, instructions):
        self.key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret))
        self.instructions = instructions
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(public).decode()

    def __call__(self, request):
        timestamp_ms = str(int(time.time() * 1000))
        parts = urlsplit(request.url)
        instruction = self.instructions.get((request.method, parts.path), "none")
        runs = [run(instruction, pairs) for pairs in signed_pairs(parts.query, request.body)]
        text = "&".join(runs + [f"timestamp={timestamp_ms}", f"window={WINDOW_MS}"])
        request.headers["X-API-KEY"] = self.public
        request.headers["X-SIGNATURE"] = base64.b64encode(self.key.sign(utf8(text))).decode()
        request.headers["X-TIMESTAMP"] = timestamp_ms
        request.headers["X-WINDOW"] = str(WINDOW_MS)
        return request


def run(instruction, pairs):
    ordered = sorted(pairs, key=lambda pair: utf8(pair[0]))
    return "&".join([f"instruction={instruction}"] + [f"{key}={value}" for key, value in ordered])


def signed_pairs(query, body):
    """One list of pairs; for a batch one for each order. What has no signing string is left to the exchange to refuse."""
    if not body:
        return [parse_qsl(query, keep_blank_values=True)]
    try:
        # Numbers are signed in the very digits that are sent.
        parsed = json.loads(body, parse_int=str, parse_float=str)
    except ValueError:
        return [[]]
    rows = parsed if isinstance(parsed, list) and parsed else [parsed]
    return [pairs_of(row) if isinstance(row, dict) else [] for row in rows]


def pairs_of(row):
    return [(key, text_of(value)) for key, value in row.items() if value is not None]


def text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def utf8(text):
    return text.encode("utf-8", "surrogatepass")
