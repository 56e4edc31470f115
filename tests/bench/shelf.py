#!/usr/bin/env python3
"""What could be taken off the shelf: `dateparser.search` for the day of the incident and `phonenumbers` for
phones, over the same labelled mails and with the same scoring as triaged.

    pip install dateparser phonenumbers
    tests/bench/shelf.py [folder ...]          (fixtures/mails, fixtures/known-misses, fixtures/unseen)

The first date or number found is taken, dates not after the day of writing. Both get the text that a person
sees, with the language told. `TRIAGED=path` measures another program than target/release/triaged.
"""

import datetime
import email
import email.policy
import email.utils
import html
import json
import os
import pathlib
import re
import subprocess
import sys

import phonenumbers
from dateparser.search import search_dates

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAGED = pathlib.Path(os.environ.get("TRIAGED", ROOT / "target" / "release" / "triaged"))


def text_of(message):
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = part.get_content()
    except (LookupError, ValueError):
        text = part.get_payload(decode=True).decode("latin-1")
    if part.get_content_type() == "text/html":
        text = re.sub(r"(?is)<(style|script).*?</\1>", " ", text)
        text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    return text


def shelf_date(text, language, written):
    found = search_dates(
        text,
        languages=[language],
        settings={"RELATIVE_BASE": written, "PREFER_DATES_FROM": "past", "DATE_ORDER": "DMY"},
    )
    days = [date.date() for _, date in found or []]
    return next((day.isoformat() for day in days if day <= written.date()), None)


def shelf_phone(text):
    for match in phonenumbers.PhoneNumberMatcher(text, "NL"):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return None


def ours(examples):
    """What triaged finds, by file."""
    found = {}
    for mailbox in sorted({expect["mailbox"] for _, expect in examples}):
        paths = [path for path, expect in examples if expect["mailbox"] == mailbox]
        command = [TRIAGED, "explain", "--config", ROOT / "deploy" / "triaged.toml", "--mailbox", mailbox, "--json", *paths]
        lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        for line in lines:
            answer = json.loads(line)
            found[answer["file"]] = {name: field["value"] for name, field in answer["fields"].items()}
    return found


class Score:
    def __init__(self):
        self.right = self.wrong = self.missed = 0

    def add(self, expected, got):
        """As in src/rules/examples.rs: another value than the expected one is wrong and missed."""
        self.right += expected is not None and got == expected
        self.wrong += got is not None and got != expected
        self.missed += expected is not None and got != expected

    def __str__(self):
        f1 = 2 * self.right / max(2 * self.right + self.wrong + self.missed, 1)
        return f"F1 {f1:.3f}  right {self.right:3} wrong {self.wrong:3} missed {self.missed:3}"


def main():
    folders = sys.argv[1:] or [ROOT / "fixtures" / name for name in ("mails", "known-misses", "unseen")]
    examples = []
    for folder in map(pathlib.Path, folders):
        for path in sorted(folder.glob("*.eml")):
            expect = json.loads(path.with_suffix(".json").read_text())
            if expect["expect"]["disposition"] == "case":
                examples.append((path, expect))
    found = ours(examples)
    scores = {name: Score() for name in ("date shelf", "date triaged", "phone shelf", "phone triaged")}
    for path, labelled in examples:
        expect = labelled["expect"]
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = text_of(message)
        try:
            written = email.utils.parsedate_to_datetime(message["Date"]).replace(tzinfo=None)
        except (TypeError, ValueError):
            written = datetime.datetime(2026, 11, 22, 12)
        mine = found.get(str(path), {})
        if expect["inquiry"] == "complaint":
            expected = expect["fields"].get("incident_date")
            language = expect.get("language") or "nl"
            scores["date shelf"].add(expected, shelf_date(text, language, written))
            scores["date triaged"].add(expected, mine.get("incident_date"))
        expected = expect["fields"].get("phone")
        scores["phone shelf"].add(expected, shelf_phone(text))
        scores["phone triaged"].add(expected, mine.get("phone"))
    print(f"{len(examples)} cases")
    for name, label in [
        ("date shelf", "incident_date  dateparser.search"),
        ("date triaged", "incident_date  triaged"),
        ("phone shelf", "phone          phonenumbers"),
        ("phone triaged", "phone          triaged"),
    ]:
        print(f"{label:34}{scores[name]}")


if __name__ == "__main__":
    main()
