"""What the scripts share: the exchange they talk to, and a report of what went well.

The environment names the exchange: BPX_BASE_URL, BPX_API_KEY, BPX_API_SECRET. Its market maker sells 5 SOL at 21 USDC.
"""

import os
import sys

BASE_URL = os.environ["BPX_BASE_URL"]
API_KEY = os.environ["BPX_API_KEY"]
API_SECRET = os.environ["BPX_API_SECRET"]

failed = []


def step(name, check):
    """Runs `check`, which gives whether all was as it should be, and reports it."""
    try:
        problem = None if check() else "not as expected"
    except Exception as error:  # Whatever it is, the next steps are still worth a try.
        problem = f"{type(error).__name__}: {error}"
    print(f"{'ok    ' if problem is None else 'FAILED'}  {name}" + (f": {problem}" if problem else ""))
    if problem:
        failed.append(name)


def raises(kind, call, text=""):
    """Whether the call fails as it should."""
    try:
        call()
    except kind as error:
        return text in str(error)
    return False


def finish():
    sys.exit(1 if failed else 0)
