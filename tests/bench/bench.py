"""Speed and memory of triaged beside the limits of the servers that it talks to.

    tests/bench/run [--mails 10000] [--live 20] [--only backlog,live,explain]

Everything runs on loopback in a temporary folder: a private Dovecot, Postfix's smtp-sink, SQLite.
`TRIAGED=path` measures another program than target/release/triaged.
"""

import argparse
import asyncio
import getpass
import imaplib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRIAGED = pathlib.Path(os.environ.get("TRIAGED", ROOT / "target" / "release" / "triaged"))
MAILBOXES = ["administratie", "info", "klacht"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, check, seconds=60, every=0.02):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(every)
    sys.exit(f"waited {seconds} s in vain for {what}")


def listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Dovecot:
    """A private Dovecot with a Maildir for each mailbox."""

    def __init__(self, base):
        self.base, self.port = base, free_port()
        base.mkdir()
        user = "root" if os.getuid() == 0 else getpass.getuser()
        # Dovecot serves no mail as root: a user of its own package does.
        owner = "nobody" if user == "root" else user
        for name in MAILBOXES:
            for sub in ("new", "cur", "tmp"):
                (base / "mail" / name / sub).mkdir(parents=True)
        (base / "users").write_text("".join(f"{n}:{{PLAIN}}secret::::::\n" for n in MAILBOXES))
        (base / "dovecot.conf").write_text(f"""
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
default_login_user = {"dovenull" if user == "root" else user}
default_internal_user = {"dovecot" if user == "root" else user}
mail_location = maildir:{base}/mail/%u
mail_uid = {owner}
mail_gid = {"nogroup" if user == "root" else owner}
first_valid_uid = 1
mail_max_userip_connections = 50
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={"nogroup" if user == "root" else owner} home={base}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
  }}
}}
""")
        self.owner = owner
        self.chown()
        self.process = None

    def chown(self):
        if os.getuid() == 0:
            os.chmod(self.base, 0o755)
            subprocess.run(["chown", "-R", f"{self.owner}:nogroup", self.base / "mail"], check=True)

    def start(self):
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.base / "dovecot.conf"], start_new_session=True)
        wait_for("Dovecot", lambda: listening(self.port))

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()

    def login(self, name):
        imap = imaplib.IMAP4("127.0.0.1", self.port)
        imap.login(name, "secret")
        return imap


class CountingSink:
    """Postfix's smtp-sink: as fast as SMTP gets on this machine."""

    def __init__(self):
        self.port = free_port()
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.process = subprocess.Popen(["smtp-sink", *user, f"127.0.0.1:{self.port}", "1000"])
        wait_for("smtp-sink", lambda: listening(self.port))

    def stop(self):
        self.process.terminate()
        self.process.wait()


class TimingSink:
    """An SMTP server that notes when each mail was accepted."""

    def __init__(self):
        self.port, self.accepted = free_port(), []

    async def serve(self):
        async def client(reader, writer):
            def answer(text):
                writer.write(text.encode() + b"\r\n")

            answer("220 sink")
            data = False
            while line := await reader.readline():
                if data:
                    if line == b".\r\n":
                        data = False
                        self.accepted.append(time.monotonic())
                        answer("250 taken")
                    continue
                verb = line[:4].upper()
                if verb == b"DATA":
                    data = True
                    answer("354 go on")
                elif verb == b"QUIT":
                    answer("221 bye")
                    break
                elif verb == b"EHLO":
                    answer("250 8BITMIME")
                else:
                    answer("250 ok")
            writer.close()

        server = await asyncio.start_server(client, "127.0.0.1", self.port)
        async with server:
            await server.serve_forever()

    def start(self):
        import threading

        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        wait_for("the timing sink", lambda: listening(self.port))


TEXTS = [
    ("administratie", "Vraag over factuur", "Geachte heer, mevrouw,\n\nIk heb een vraag over factuur F2026-{n:06}. Het bedrag lijkt mij niet juist: voor het huidconsult was 35 euro afgesproken.\n\nU kunt mij bereiken op 06-12{n:06}.\n\nMet vriendelijke groet,\nJan de Boer\n"),
    ("info", "inloggen lukt niet", "Hallo,\n\nHet lukt mij niet om in te loggen voor de uitslag van mijn holteronderzoek. Ik krijg steeds de melding dat mijn wachtwoord verlopen is.\n\nGroeten,\nMarie van den Berg\ntel. 030-5{n:06}\n"),
    ("klacht", "Klacht", "Goedemorgen,\n\nIk wil een klacht indienen over de bloeddrukmeting van gisteren. Mevrouw Jansen was onbeleefd en liet mij een uur wachten.\n\nVriendelijke groet,\nPiet Smit\n"),
]


def make_mail(n, kind):
    name, subject, text = TEXTS[n % 3]
    body = text.format(n=n % 1000000)
    head = (f"Return-Path: <p{n}@example.org>\r\nFrom: Persoon {n} <p{n}@example.org>\r\nTo: {name}@ksyos.nl\r\nSubject: {subject}\r\n"
            f"Date: Fri, 20 Nov 2026 10:{n // 60 % 60:02}:{n % 60:02} +0100\r\nMessage-ID: <bench-{n}@example.org>\r\nMIME-Version: 1.0\r\n")
    body = body.replace("\n", "\r\n")
    if kind == "text":
        return name, (head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + body).encode()
    html = "<html><body>" + "".join(f"<p class=MsoNormal><span style='font-size:11pt'>{line}</span></p>" for line in body.split("\r\n")) + "</body></html>"
    alternative = (f"--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--alt--\r\n")
    if kind == "html":
        return name, (head + "Content-Type: multipart/alternative; boundary=alt\r\n\r\n" + alternative).encode()
    line = "JVBERi0xLjQKJeLjz9MKNCAwIG9iago8PC9GaWx0ZXIvRmxhdGVEZWNvZGUvTGVuZ3RoIDI0\r\n"
    blob = line * (200_000 // len(line))
    return name, (head + "Content-Type: multipart/mixed; boundary=mix\r\n\r\n--mix\r\nContent-Type: multipart/alternative; boundary=alt\r\n\r\n" + alternative
                  + "--mix\r\nContent-Type: application/pdf; name=brief.pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=brief.pdf\r\n\r\n" + blob + "--mix--\r\n").encode()


def fill(dovecot, count):
    size = 0
    for n in range(count):
        kind = "text" if n % 10 < 7 else "html" if n % 10 < 9 else "attachment"
        name, mail = make_mail(n, kind)
        size += len(mail)
        (dovecot.base / "mail" / name / "new" / f"{1763629200 + n}.M{n}.bench").write_bytes(mail)
    dovecot.chown()
    return size


def configure(base, dovecot, smtp_port, start="all"):
    base.mkdir(exist_ok=True)
    secret = base / "secret"
    secret.write_text("secret\n")
    secret.chmod(0o600)
    inquiries = dict(zip(MAILBOXES, ["invoice", "account", "complaint"]))
    boxes = "".join(f"""
[[mailbox]]
name = "{n}"
address = "{n}@ksyos.nl"
inquiry = "{inquiries[n]}"
coordinators = ["coordinator-{n}@ksyos.nl"]
start = "{start}"
[mailbox.imap]
host = "127.0.0.1"
port = {dovecot.port}
security = "none"
user = "{n}"
password_file = "{secret}"
folder = "INBOX"
sent_folder = "Sent"
""" for n in MAILBOXES)
    (base / "triaged.toml").write_text(f"""
rules = "{ROOT}/rules"
database = "{base}/db/triaged.db"
[calendar]
time_zone = "Europe/Amsterdam"
holidays = "NL"
day_ends = "17:00"
[alerts]
admin = ["beheer@ksyos.nl"]
hours = "08:00-18:00"
due_soon = 1
{boxes}
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
""")
    return base / "triaged.toml"


class Daemon:
    def __init__(self, config):
        self.config = config
        self.log = open(config.parent / "log", "ab")
        self.process = subprocess.Popen([TRIAGED, "run", "--config", config], stderr=self.log, start_new_session=True)

    def status(self):
        out = subprocess.run([TRIAGED, "status", "--json", "--config", self.config], capture_output=True, text=True)
        return json.loads(out.stdout) if out.returncode == 0 else {}

    def memory(self, key):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def reset_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def limit_of_imap(dovecot):
    began, got = time.monotonic(), 0
    for name in MAILBOXES:
        imap = dovecot.login(name)
        imap.select("INBOX", readonly=True)
        _, data = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")
        got += sum(1 for part in data if isinstance(part, tuple))
        imap.logout()
    return got, time.monotonic() - began


def limit_of_sqlite(base):
    def rate(rows, each):
        db = sqlite3.connect(base / f"limit-{each}.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE t(a, b)")
        began = time.monotonic()
        for start in range(0, rows, each):
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * 500) for n in range(start, start + each)])
            db.execute("COMMIT")
        return rows / (time.monotonic() - began)

    return rate(1000, 1), rate(20000, 100)


def limit_of_smtp(port, count):
    began = time.monotonic()
    subprocess.run(["smtp-source", "-s", "4", "-m", str(count), "-l", "1500", "-f", "a@ksyos.nl", "-t", "b@example.org", "-d", f"127.0.0.1:{port}"], check=True)
    return count / (time.monotonic() - began)


def backlog(base, mails):
    print(f"-- backlog: {mails} mails in three mailboxes (70 % text, 20 % HTML, 10 % with 200 kB)")
    dovecot, sink, daemon = Dovecot(base / "dovecot"), CountingSink(), None
    try:
        size = fill(dovecot, mails)
        dovecot.start()
        limit_of_imap(dovecot)  # builds Dovecot's indexes, as a mailbox in use has them
        got, seconds = limit_of_imap(dovecot)
        print(f"Dovecot alone serves        {got / seconds:10.0f} mails/s   ({got} mails, {size / 1e6:.0f} MB in {seconds:.2f} s)")
        single, hundred = limit_of_sqlite(base)
        print(f"SQLite alone commits        {single:10.0f} /s singly, {hundred:.0f} rows/s in hundreds")
        print(f"smtp-sink alone takes       {limit_of_smtp(sink.port, 5000):10.0f} mails/s over four connections")
        config = configure(base / "backlog", dovecot, sink.port)
        began = time.monotonic()
        daemon = Daemon(config)
        database = base / "backlog" / "db" / "triaged.db"

        def count(sql):
            try:
                db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
                value = db.execute(sql).fetchone()[0]
                db.close()
                return value
            except sqlite3.OperationalError:
                return 0

        # Counting is cheap SQL, so that watching does not slow what is watched.
        wait_for("all mails", lambda: count("SELECT count(*) FROM mails") >= mails, 600, 0.1)
        stored = time.monotonic() - began
        waiting = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
        wait_for("the outbox", lambda: count(waiting) == 0, 600, 0.1)
        done = time.monotonic() - began
        print(f"triaged, in and stored      {mails / stored:10.0f} mails/s   ({stored:.2f} s)")
        print(f"triaged, answers taken too  {mails / done:10.0f} mails/s   ({done:.2f} s, {daemon.cpu():.2f} s of processor; goal 1500/s)")
        print(f"peak memory                 {daemon.memory('VmHWM'):10.1f} MiB")
        status = daemon.status()
        print(f"accounted for               {status.get('accounted')} of {status.get('seen')}; outbox {status.get('outbox')}")
    finally:
        if daemon:
            daemon.stop()
        dovecot.stop()
        sink.stop()


def live_and_memory(base, count):
    print("-- live: from the server's IDLE notice to the answer at the SMTP server; memory")
    dovecot, sink = Dovecot(base / "dovecot-live"), TimingSink()
    daemon = None
    try:
        dovecot.start()
        sink.start()
        daemon = Daemon(configure(base / "live", dovecot, sink.port, start="new"))
        wait_for("readiness", lambda: daemon.status().get("ready"), 60)
        time.sleep(3)
        print(f"idle memory                 {daemon.memory('VmRSS'):10.1f} MiB      (goal: under 30)")
        watcher = dovecot.login("info")
        watcher.select("INBOX", readonly=True)
        feeder = dovecot.login("info")
        took = []
        for n in range(count):
            watcher.send(b"w IDLE\r\n")
            watcher.readline()
            _, mail = make_mail(3 * n + 1 + 900_000, "text")
            before = len(sink.accepted)
            feeder.append("INBOX", None, None, mail)
            while b"EXISTS" not in watcher.readline():
                pass
            noticed = time.monotonic()
            wait_for("an answer", lambda: len(sink.accepted) > before, 30, 0.001)
            took.append((sink.accepted[before] - noticed) * 1000)
            watcher.send(b"DONE\r\n")
            while not watcher.readline().startswith(b"w "):
                pass
            time.sleep(random.uniform(0.05, 0.3))
        print(f"live answer                 {statistics.median(took):10.1f} ms median, {max(took):.1f} ms at worst of {count} (goal: 50 median)")
        daemon.reset_peak()
        line = b"JVBERi0xLjQKJeLjz9MKNCAwIG9iago8PC9GaWx0ZXIvRmxhdGVEZWNvZGUvTGVuZ3RoIDI0\r\n"
        big = (b"Return-Path: <groot@example.org>\r\nFrom: Groot <groot@example.org>\r\nTo: info@ksyos.nl\r\nSubject: grote bijlage\r\nMessage-ID: <big@example.org>\r\n"
               b"Date: Fri, 20 Nov 2026 12:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=mix\r\n\r\n--mix\r\nContent-Type: text/plain\r\n\r\n"
               b"Hierbij de scan. Ik kan niet inloggen voor mijn holteronderzoek.\r\nJan Groot, 06-12345678\r\n--mix\r\nContent-Type: application/pdf; name=scan.pdf\r\n"
               b"Content-Transfer-Encoding: base64\r\n\r\n" + line * (50_000_000 // len(line)) + b"--mix--\r\n")
        before, began = len(sink.accepted), time.monotonic()
        feeder.append("INBOX", None, None, big)
        wait_for("the answer to the big mail", lambda: len(sink.accepted) > before, 120, 0.01)
        print(f"peak memory, 50 MB mail     {daemon.memory('VmHWM'):10.1f} MiB      (goal: under 80; answered {time.monotonic() - began:.1f} s after the upload began)")
    finally:
        if daemon:
            daemon.stop()
        dovecot.stop()


def explain(base):
    print("-- explain: typical mails on one core")
    dovecot = type("NoServer", (), {"port": 1})
    config = configure(base / "explain", dovecot, 1)
    folder = base / "mails"
    folder.mkdir()
    paths = []
    fixtures = sorted((ROOT / "fixtures" / "mails").glob("0*.eml"))
    for n in range(1000):
        path = folder / f"{n}.eml"
        path.write_bytes(fixtures[n % len(fixtures)].read_bytes())
        paths.append(path)

    core = {min(os.sched_getaffinity(0))}

    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def seconds(paths):
        """By the clock, and of the processor: a machine with other work to do slows the clock only."""
        began, used = time.monotonic(), spent()
        subprocess.run([TRIAGED, "explain", "--config", config, "--mailbox", "klacht", "--json", *paths],
                       stdout=subprocess.DEVNULL, check=True, preexec_fn=lambda: os.sched_setaffinity(0, core))
        return time.monotonic() - began, spent() - used

    for what, start, whole in zip(("by the clock", "of processor"), zip(*(seconds(paths[:1]) for _ in range(3))), zip(*(seconds(paths) for _ in range(3)))):
        start, whole = statistics.median(start), statistics.median(whole)
        print(f"explain, time {what}  {999 / (whole - start):10.0f} mails/s on one core (start with one mail {start * 1000:.0f} ms; goal 1000/s)")


def main():
    sys.stdout.reconfigure(line_buffering=True)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=10_000)
    options.add_argument("--live", type=int, default=20)
    options.add_argument("--only", default="backlog,live,explain")
    options = options.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    for program in ("dovecot", "smtp-sink", "smtp-source"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: run tests/run once, it installs the servers")
    base = pathlib.Path(tempfile.mkdtemp(prefix="triaged-bench-"))
    base.chmod(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        if "backlog" in options.only:
            backlog(base, options.mails)
        if "live" in options.only:
            live_and_memory(base, options.live)
        if "explain" in options.only:
            explain(base)
    finally:
        shutil.rmtree(base, ignore_errors=True)


main()
