#!/usr/bin/env python3
"""Is the time of one mail linear in its size, whatever kind of text it holds?

    tests/bench/linear.py [--sizes 10000,100000,1000000,10000000]

Times `triaged explain --json` of one mail of own text, of HTML, of quoted text, and of text without a
line end; the time of a small mail (start and rules) is taken off. `per MB` stays about the same where it is
linear; `TRIAGED=path` measures another program than target/release/triaged.
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAGED = pathlib.Path(os.environ.get("TRIAGED", ROOT / "target" / "release" / "triaged"))

SENTENCES = [
    "Op {day} maart 2026 was ik bij u voor de holter en de assistente schreeuwde.",
    "Mijn huisarts, dokter Ypma, is te bereiken op 020-555 12 {day:02}.",
    "Factuur 2026-0{day:02}113 klopt niet, kunt u die nakijken?",
    "Ik sprak met mevrouw Jansen van de balie (mevrouw-jansen{day}@example.org).",
    "Last Tuesday your nurse told me that I had to wait, and nobody called me back.",
    "Het kastje deed het niet; ik heb vier dagen geleden al gebeld.",
    "Naam: Petra de Vries, tel: 06-123456{day:02}.",
]


def prose(size, dice):
    """Paragraphs of wrapped lines."""
    out, length = [], 0
    while length < size:
        text = " ".join(dice.choice(SENTENCES).format(day=dice.randint(10, 28)) for _ in range(6))
        words, line, lines = text.split(), "", []
        for word in words:
            if len(line) + len(word) > 74:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        out.append("\n".join([*lines, line]) + "\n")
        length += len(out[-1]) + 1
    return "\n".join(out)[:size]


def quoted(size, dice):
    text = prose(size, dice)
    levels = ["> ", "> > ", ">> ", "> "]
    lines = [f"{levels[at // 40 % 4]}{line}" for at, line in enumerate(text.splitlines())]
    return "Ik wacht nog steeds.\n\nOp 3 mrt 2026 schreef Ksyos <info@ksyos.nl>:\n" + "\n".join(lines)[:size]


def html(size, dice):
    rows = (f"<tr><td>{line}</td><td><b>{line[:20]}</b></td></tr>" for line in prose(size // 2, dice).splitlines())
    body = "".join(f"<div class=MsoNormal><table>{row}</table><br>&nbsp;</div>\n" for row in rows)
    return f"<html><body>{body[:size]}</body></html>"


def one_line(size, dice):
    return prose(size, dice).replace("\n", " ")


KINDS = [("own text", "plain", prose), ("quoted", "plain", quoted), ("HTML", "html", html), ("one line", "plain", one_line)]


def mail(subtype, text):
    head = (
        "From: Petra de Vries <petra@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: klacht\r\n"
        "Date: Mon, 7 Sep 2026 10:22:44 +0200\r\nMessage-ID: <linear@example.org>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return (head + text.replace("\n", "\r\n")).encode()


def seconds(path):
    config = ROOT / "deploy" / "triaged.toml"
    command = [TRIAGED, "explain", "--config", config, "--mailbox", "klacht", "--json", path]
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sizes", default="10000,100000,1000000,10000000")
    arguments.add_argument("--most", type=float, default=4.0, help="how much dearer a byte of the largest may be")
    options = arguments.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if not TRIAGED.exists():
        sys.exit(f"{TRIAGED} is not there: cargo build --release, or TRIAGED=path")
    bent = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mail.eml"
        path.write_bytes(mail("plain", "Kort."))
        base = min(seconds(path) for _ in range(3))
        print(f"start and rules: {base:.2f} s")
        print(f"{'':10}" + "".join(f"{size / 1e6:>14.2f} MB" for size in sizes))
        for name, subtype, make in KINDS:
            rates, line = [], f"{name:10}"
            for size in sizes:
                path.write_bytes(mail(subtype, make(size, random.Random(7))))
                took = max(min(seconds(path) for _ in range(2)) - base, 0.0)
                rates.append(took / (size / 1e6))
                line += f"{took:8.2f} s{rates[-1]:6.2f}/MB"
            print(line, flush=True)
            # A small mail pays for what is compiled when it is first needed: a byte gets cheaper.
            if len(rates) > 1 and rates[-1] > options.most * max(*rates[:-1], 0.1):
                bent.append(name)
    if bent:
        sys.exit(f"not linear: {', '.join(bent)}")


if __name__ == "__main__":
    main()
