"""`bpx check` as a map step in Apache Spark: a task per shard, merged to the report of one process.

    python check_with_spark.py --bpx bpx --shards 8 /data/day.ndjson.zst -- --format html --output report.html
    spark-submit --master k8s://... --files bpx check_with_spark.py --bpx bpx --shards 64 '/data/*.ndjson.zst'

What stands after `--` goes to `bpx report merge`. Every worker needs the recordings under the same names. The program
runs on the workers as it is; one that is shipped with `--files` is found by its name. A task hands back its partial report
as its value and leaves nothing behind, so that Spark may repeat it or run it twice at once.

Exit codes: those of `bpx report merge`; 2 where a shard could not be checked.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow
from pyspark import SparkFiles
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

SCHEMA = "shard long, part binary"


def found(program):
    """The program where this process sees it: by its path, or as it was shipped."""
    return program if Path(program).exists() else SparkFiles.get(program)


def checked(program, files, shard, shards):
    """The partial report of one shard, as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.json"
        command = [found(program), "check", *files, "--shard", f"{shard}/{shards}", "--partial", str(part)]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"shard {shard}/{shards}: {done.stderr.decode(errors='replace')}")
        return part.read_bytes()


def check_with(program, files, shards):
    """What `mapInArrow` runs in each task: numbers of shards in, partial reports out."""

    def check(batches):
        for batch in batches:
            numbers = batch.column(0).to_pylist()
            parts = [checked(program, files, number, shards) for number in numbers]
            columns = [pyarrow.array(numbers, pyarrow.int64()), pyarrow.array(parts, pyarrow.binary())]
            yield pyarrow.RecordBatch.from_arrays(columns, names=["shard", "part"])

    return check


def merged(program, rows, arguments):
    """Puts the parts together; the exit code says what was found."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for row in rows:
            path = Path(folder) / f"part-{row.shard}.json"
            path.write_bytes(row.part)
            names.append(str(path))
        return subprocess.run([program, "report", "merge", *names, *arguments], check=False).returncode


def arguments():
    own, _, merge = partition(sys.argv[1:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bpx", required=True, help="the program, on every worker")
    parser.add_argument("--shards", type=int, required=True, help="how many tasks the work is dealt out to")
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings, as `bpx check` takes them")
    return parser.parse_args(own), merge


def partition(words):
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at : at + 1], words[at + 1 :]


def main():
    given, merge = arguments()
    spark = SparkSession.builder.appName("bpx check").getOrCreate()
    try:
        numbers = spark.range(0, given.shards, 1, given.shards)
        rows = numbers.mapInArrow(check_with(given.bpx, given.files, given.shards), SCHEMA).collect()
    except PySparkException as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 2
    finally:
        spark.stop()
    return merged(given.bpx, rows, merge)


if __name__ == "__main__":
    sys.exit(main())
