"""What openapi-core reports on each of these recordings: `peer.py DOCUMENT HAR...` prints a list of lists of messages."""

import base64
import json
import sys
from urllib.parse import urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse


def named(pairs):
    return [(pair["name"], pair["value"]) for pair in pairs]


def of_type(headers):
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def request(entry):
    sent = entry["request"]
    url = urlsplit(sent["url"])
    headers = named(sent["headers"])
    return MockRequest(
        f"{url.scheme}://{url.netloc}",
        sent["method"],
        url.path,
        args=named(sent["queryString"]),
        headers=headers,
        cookies=named(sent["cookies"]),
        data=sent.get("postData", {}).get("text", "").encode(),
        content_type=of_type(headers),
    )


def response(entry):
    received = entry["response"]
    content = received["content"]
    text = content["text"]
    data = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
    headers = named(received["headers"])
    return MockResponse(data, received["status"], headers, of_type(headers))


def messages(errors):
    try:
        found = list(errors())
    except Exception as error:  # Whatever it raises, it reports.
        found = [error]
    return [f"{error!r} {error.__cause__!r}" for error in found]


def main(document, *files):
    api = OpenAPI.from_file_path(document)
    reported = []
    for file in files:
        with open(file) as har:
            entry = json.load(har)["log"]["entries"][0]
        sent, received = request(entry), response(entry)
        reported.append(
            messages(lambda: api.iter_request_errors(sent))
            + messages(lambda: api.iter_response_errors(sent, received))
        )
    json.dump(reported, sys.stdout)


main(*sys.argv[1:])
