#!/usr/bin/env python3
"""A bomb of mails from one sender: is it a few cases and letters however large, and is its time linear?

    tests/bench/bomb.py [--sizes 1000,3000,10000]

For each size a mailbox (a Maildir) full of mails by one person, no two alike, and the real program. Ends with 1
where a larger bomb makes more cases, answers or alerts than the smallest one; `TRIAGED=path` measures another
program than target/release/triaged.
"""

import argparse
import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAGED = pathlib.Path(os.environ.get("TRIAGED", ROOT / "target" / "release" / "triaged")).resolve()
PATIENCE = 600

CONFIG = f"""
rules = {json.dumps(str(ROOT / "rules"))}
database = "triaged.db"
[alerts]
admin = ["beheer@ksyos.example"]
[[mailbox]]
name = "klacht"
address = "klacht@ksyos.example"
inquiry = "complaint"
coordinators = ["coordinator@ksyos.example"]
start = "all"
[mailbox.maildir]
path = "mail"
[outbox]
directory = "outbox"
"""

MAIL = """From: Jan de Vries <jan@example.org>
To: klacht@ksyos.example
Subject: Klacht
Date: Mon, 23 Nov 2026 09:00:00 +0100
Message-ID: <bomb-{n}@example.org>
Content-Type: text/plain; charset=utf-8

Ik wil een klacht indienen.

Naam: Jan de Vries
Telefoon: 06-12345678
Type dienst: holter
Omschrijving: de uitslag van het onderzoek kwam veel te laat, nummer {n}.
"""


def asked(folder, *words):
    done = subprocess.run([TRIAGED, *words, "--json"], cwd=folder, capture_output=True, check=False)
    return json.loads(done.stdout or "null")


def peak(pid):
    """Memory of the program at its worst, in MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def settled(folder, mails):
    status = asked(folder, "status") or {}
    return status.get("accounted") == mails and status["outbox"]["waiting"] == 0


def bomb(mails):
    """Seconds, MiB, and how many cases, answers and alerts there were."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "triaged.toml").write_text(CONFIG)
        for part in ("new", "cur", "tmp"):
            (folder / "mail" / part).mkdir(parents=True)
        for n in range(mails):
            (folder / "mail" / "new" / f"1795425000.{n}.host").write_text(MAIL.format(n=n))
        began = time.monotonic()
        daemon = subprocess.Popen([TRIAGED, "run"], cwd=folder, stderr=subprocess.DEVNULL)
        try:
            while not settled(folder, mails):
                if time.monotonic() - began > PATIENCE or daemon.poll() is not None:
                    sys.exit(f"{mails} mails were not handled: {asked(folder, 'status')}")
                time.sleep(0.05)
            took, memory = time.monotonic() - began, peak(daemon.pid)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()
        kinds = collections.Counter()
        for letter in (folder / "outbox").iterdir():
            head = letter.read_text(errors="replace").split("\n\n")[0].split("\r\n\r\n")[0]
            alert = "X-Triaged-Alert: " in head
            kinds["alerts" if alert else "answers"] += 1
        return took, memory, (len(asked(folder, "cases", "list")), kinds["answers"], kinds["alerts"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000,3000,10000")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    first = None
    print(f"{'mails':>7} {'seconds':>8} {'ms a mail':>10} {'MiB':>6} {'cases':>6} {'answers':>8} {'alerts':>7}")
    for size in sizes:
        took, memory, counts = bomb(size)
        cases, answers, alerts = counts
        print(f"{size:7} {took:8.1f} {took / size * 1000:10.2f} {memory:6.0f} {cases:6} {answers:8} {alerts:7}", flush=True)
        first = first or counts
        if counts != first:
            sys.exit("a larger bomb made more of it")


if __name__ == "__main__":
    main()
