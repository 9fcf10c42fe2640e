"""What the scripts in Python share: the local exchange they talk to, checks of values, and the report.

The environment names the exchange: BPX_BASE_URL, BPX_CONTROL_URL, BPX_API_KEY, BPX_API_SECRET. On SOL_USDC and
SOL_USDC_PERP its market maker sells 50 at 21 and buys 50 at 19. The last line on standard output is the report in JSON.
"""

import json
import os
import sys
import time
import urllib.request
from datetime import datetime, timezone

try:
    import requests
except ImportError:  # This client sends in another way.
    requests = None

BASE_URL, CONTROL_URL, API_KEY, API_SECRET = (
    os.environ["BPX_" + name] for name in ("BASE_URL", "CONTROL_URL", "API_KEY", "API_SECRET")
)
# A valid key that belongs to no account.
OTHER_SECRET = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="

steps = []
responses = []
current = {"stage": "starts"}


def stage(name):
    """The steps that follow belong to this stage: `starts`, `trades`, `stops` or `more`."""
    current["stage"] = name


def step(call, get, want, note=""):
    """Runs one call and compares its result with what the exchange holds."""
    report(call, note, "ok", run(get, want))


def their_fault(call, get, want, reason, note=""):
    """A call in which the client is wrong; `want` is what it does wrong, so that the step fails once it is right."""
    problem = run(get, want)
    report(call, note, "their fault", problem and problem + "; if the client is right now, make this a step", reason)


def not_offered(call, get, want=None, reason="", note=""):
    """A call to an endpoint that the exchange does not have; `want` is what the client makes of it, if it asks nothing."""
    problem = run(get, want or anything)
    if want is None and not any(is_unknown_path(response) for response in responses):
        problem = problem or f"the exchange offers it, so it needs a check of values; it answered {responses}"
    report(call, note, "not offered", problem, reason)


def exercised(names):
    """Fails for each call of the client that no step names."""
    for name in sorted(set(names) - {row["call"] for row in steps}):
        report(name, "", "ok", "no step exercises it")


def run(get, want):
    responses.clear()
    try:
        got = get()
    except Exception as error:  # Whatever it is, the next steps are still worth a try.
        got = error
    try:
        is_wanted = matches(got, want)
    except Exception:  # A result of another kind.
        is_wanted = False
    wanted = (want.__doc__ or "what the script wants") if callable(want) else repr(want)
    return None if is_wanted else f"{got!r:.600}, not {wanted}"


def report(call, note, verdict, problem, reason=""):
    name = f"{call} ({note})" if note else call
    print(f"{'FAILED' if problem else verdict:12} {name}" + (f": {problem}" if problem else ""))
    steps.append(
        {
            "stage": current["stage"],
            "call": call,
            "note": note,
            "verdict": verdict,
            "reason": reason,
            "problem": problem,
        }
    )


def matches(got, want):
    """Whether a result has the members, elements and values that are wanted; a function decides for itself."""
    if callable(want):
        return bool(want(got))
    if isinstance(want, dict):
        return isinstance(got, dict) and all(key in got and matches(got[key], value) for key, value in want.items())
    if isinstance(want, (list, tuple)):
        return isinstance(got, (list, tuple)) and len(got) == len(want) and all(map(matches, got, want))
    return isinstance(got, bool) == isinstance(want, bool) and got == want


def anything(_):
    """anything"""
    return True


def raises(kind, text=""):
    """A refusal as the client's own error, with a text."""

    def is_refusal(got):
        return isinstance(got, kind) and text in str(got)

    is_refusal.__doc__ = f"{kind.__name__} with `{text}`"
    return is_refusal


def includes(*wanted):
    """A list or mapping in which these are found, besides others."""

    def has_all(got):
        items = got.items() if isinstance(got, dict) else got
        return all(any(matches(item, want) for item in items) for want in wanted)

    has_all.__doc__ = f"something that includes {wanted!r}"
    return has_all


def by(key, *wanted):
    """A list in which these are the values of a member, in this order."""

    def has_these(got):
        return [item[key] for item in got] == list(wanted)

    has_these.__doc__ = f"`{key}` being {wanted!r}"
    return has_these


def now():
    """The time in milliseconds, as the exchange counts it."""
    return int(time.time() * 1000)


def now_ms(got):
    """milliseconds between the script's start and now"""
    return started_ms <= int(got) <= now()


def now_us(got):
    """microseconds between the script's start and now"""
    return now_ms(int(got) // 1000)


def now_text(got):
    """a date and time between the script's start and now"""
    return now_ms(datetime.fromisoformat(got).replace(tzinfo=timezone.utc).timestamp() * 1000)


def control(method, path, body=None):
    """A request to the control port."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(CONTROL_URL + path, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def state():
    """The exchange as its control port shows it."""
    return control("GET", "/state?rows=1000")


def is_unknown_path(response):
    status, text = response
    return (status, text) in [(404, "not found"), (405, "method not allowed")]


def observe():
    """Remembers what the exchange answers to whatever is sent through `requests`."""
    if requests is None:
        return
    send = requests.Session.send

    def sent(session, *arguments, **more):
        response = send(session, *arguments, **more)
        responses.append((response.status_code, response.text))
        return response

    requests.Session.send = sent


def finish(version):
    failed = [row for row in steps if row["problem"]]
    print(json.dumps({"version": version, "steps": steps}))
    sys.exit(1 if failed else 0)


started_ms = now()
observe()
