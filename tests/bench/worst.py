#!/usr/bin/env python3
"""The worst mails that we know how to build: time and memory of each.

    tests/bench/worst.py [--size 10400000] [--only WORD]

Time is the processor time of `triaged explain --json` less that of a small mail, so that a busy machine does not
count; memory is the high-water mark of a daemon that takes the mail in from a Maildir (VmHWM), start and rules
included. Above 10 MiB a daemon fetches only header and text: the worst mails are just below. `TRIAGED=path` measures
another program than target/release/triaged. Ends with 1 where a mail takes more than 2 s or 100 MiB.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAGED = pathlib.Path(os.environ.get("TRIAGED", ROOT / "target" / "release" / "triaged"))
MOST_SECONDS, MOST_MIB = 2.0, 100.0

HEAD = (
    b"From: Petra de Vries <petra@example.org>\r\nTo: klacht@ksyos.nl\r\nDate: Mon, 7 Sep 2026 10:22:44 +0200\r\n"
    b"Message-ID: <worst@example.org>\r\nMIME-Version: 1.0\r\n"
)


def fill(piece, size):
    return piece * (size // len(piece))


def plain(text, more=b"Content-Type: text/plain; charset=utf-8\r\n"):
    return HEAD + b"Subject: klacht\r\n" + more + b"\r\n" + text


def html(piece, size):
    return plain(fill(piece, size), b"Content-Type: text/html; charset=utf-8\r\n")


def boundaries(size):
    out, total, level = [], 0, 0
    while total < size:
        part = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        out.append(part)
        total += len(part)
        level += 1
    return HEAD + b"".join(out)


MAILS = {
    "small": lambda size: plain(b"Ik heb een klacht.\r\n"),
    "mails in mails": lambda size: HEAD + fill(b"Content-Type: message/rfc822\r\n\r\n", size),
    "digests": lambda size: HEAD + b"Content-Type: multipart/digest; boundary=b\r\n\r\n" + fill(b"--b\r\n\r\nA: b\r\n\r\n", size),
    "multiparts in multiparts": boundaries,
    "parts": lambda size: HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + fill(b"--b\r\n\r\nx\r\n", size),
    "header lines": lambda size: HEAD + fill(b"A: b\r\n", size) + b"\r\nx\r\n",
    "one header": lambda size: HEAD + b"Subject: " + fill(b"klacht ", size) + b"\r\n\r\nx\r\n",
    "encoded words": lambda size: HEAD + b"Subject: " + fill(b"=?utf-8?B?4oKs?= ", size) + b"\r\n\r\nx\r\n",
    "addresses": lambda size: HEAD + b"Cc: " + fill(b"a@b.nl, ", size) + b"c@d.nl\r\n\r\nx\r\n",
    "references": lambda size: HEAD + b"References: " + fill(b"<a@b>\r\n ", size) + b"<c@d>\r\n\r\nx\r\n",
    "base64": lambda size: plain(
        base64.encodebytes(fill(b"Op 3 maart was ik bij u. ", size * 3 // 4)),
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n",
    ),
    "quoted-printable": lambda size: plain(
        fill(b"=C3=A9=20=3D", size),
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
    ),
    "utf-7": lambda size: plain(fill(b"+AGEAYg-", size), b"Content-Type: text/plain; charset=utf-7\r\n"),
    "wrong charset": lambda size: plain(fill(b"caf\xe9 ", size), b"Content-Type: text/plain; charset=utf-8\r\n"),
    "div": lambda size: html(b"<div>", size),
    "table": lambda size: html(b"<table><tr><td>", size),
    "link": lambda size: html(b"<a href='", size),
    "entity": lambda size: html(b"&#x41;&nbsp;&", size),
    "comment": lambda size: html(b"<!--", size),
    "attributes": lambda size: plain(b"<p " + fill(b"a=b ", size) + b">x", b"Content-Type: text/html\r\n"),
    "quotes": lambda size: html(b"<blockquote>x<br>", size),
    "marks of quotes": lambda size: plain(fill(b"> > > > > x\r\n", size)),
    "one line": lambda size: plain(fill(b"woord ", size)),
    "empty lines": lambda size: plain(fill(b"\r\n", size)),
    "labels": lambda size: plain(fill(b"Naam: Jan de Vries\r\nTel: 06-12345678\r\n", size)),
    "dates": lambda size: plain(fill(b"op 3 maart 2026 om 3-4-26 ", size)),
    "numbers": lambda size: plain(fill(b"0612345678 2026-0012345 ", size)),
    "digits": lambda size: plain(fill(b"1234567890", size)),
    "addresses in text": lambda size: plain(fill(b"a.b@c.nl ", size)),
    "names": lambda size: plain(fill(b"Jan de Vries en dokter Van den Berg ", size)),
    "services": lambda size: plain(fill(b"holter ecg hartfilmpje ", size)),
    "replies": lambda size: plain(fill(b"Op 3 mrt 2026 schreef Ksyos <info@ksyos.nl>:\r\n> x\r\n", size)),
    "random": lambda size: random.Random(7).randbytes(size),
    "too large": lambda size: plain(fill(b"woord ", 50_000_000)),
}


def explain(folder, path):
    arguments = ["explain", "--config", folder / "triaged.toml", "--mailbox", "klacht", "--json", path]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([TRIAGED, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"explain ended with {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lay_out(folder):
    for part in ("new", "cur", "tmp"):
        (folder / "mail" / part).mkdir(parents=True)
    (folder / "triaged.toml").write_text(
        f'rules = "{ROOT / "rules"}"\n[alerts]\nadmin = ["beheer@ksyos.nl"]\n[[mailbox]]\nname = "klacht"\n'
        'address = "klacht@ksyos.nl"\ninquiry = "complaint"\nstart = "all"\ncoordinators = ["noor@ksyos.nl"]\n'
        '[mailbox.maildir]\npath = "mail"\n[outbox]\ndirectory = "outbox"\n'
    )


def taken_in(folder):
    """MiB at most while a daemon takes in what lies in the Maildir."""
    daemon = subprocess.Popen([TRIAGED, "run"], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            time.sleep(0.1)
            if daemon.poll() is not None:
                sys.exit(f"the daemon died: {daemon.returncode}")
            shown = subprocess.run([TRIAGED, "status", "--json"], cwd=folder, capture_output=True, check=False)
            try:
                if json.loads(shown.stdout)["accounted"] >= 1:
                    break
            except (ValueError, KeyError):
                pass
        else:
            sys.exit("not taken in within two minutes")
        status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    finally:
        daemon.terminate()
        daemon.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--size", type=int, default=10_400_000, help="bytes of each mail")
    arguments.add_argument("--only", default="", help="mails whose name holds this")
    options = arguments.parse_args()
    if not TRIAGED.exists():
        sys.exit(f"{TRIAGED} is not there: cargo build --release, or TRIAGED=path")
    base, bad = None, []
    print(f"{'mail':26}{'MB':>7}{'seconds':>10}{'MiB':>8}")
    for name, make in MAILS.items():
        if name != "small" and options.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            lay_out(folder)
            path = folder / "mail" / "new" / "1795425000.1.host"
            path.write_bytes(make(options.size))
            took = min(explain(folder, path) for _ in range(2))
            base = took if base is None else base
            took = took if name == "small" else max(took - base, 0.0)
            peak = taken_in(folder)
            print(f"{name:26}{path.stat().st_size / 1e6 if path.exists() else 0:7.1f}{took:10.2f}{peak:8.1f}", flush=True)
            if took > MOST_SECONDS or peak > MOST_MIB:
                bad.append(name)
    if bad:
        sys.exit(f"more than {MOST_SECONDS:.0f} s or {MOST_MIB:.0f} MiB: {', '.join(bad)}")


if __name__ == "__main__":
    main()
