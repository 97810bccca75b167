#!/usr/bin/env python3
"""The filtered view beside direct IMAP, in one run, over a private Dovecot.

usage: tests/bench/imap_bench.py [--privet build/release/privet] [--messages 100000] [--rounds 5] [--idle 1000]

Rows, interleaved in every round:
  direct     the client at Dovecot itself
  pump       through Dovecot's login proxy, which copies bytes after the login
  imapc      through Dovecot's imapc, which understands IMAP as Privet does, but hides and redacts nothing
  privet     through Privet: every message is visible and redacted, as colleagues stand in its Cc
"small" is a mailbox of --messages messages of about 1 KiB, "mixed" one of 10,000 from 3 to 60 KiB, both with headers of 0.4 KiB;
"headers" is one of 10,000 with what mail has gone through on its way: headers of 0.7 to 4.4 KB, 1.9 KB in the middle.
Printed: milliseconds (median, least, most), the ratio to direct within the round, CPU seconds of the proxy per GB that it
sent; messages classified per second; resident memory of Privet for an open mailbox; then what idle sessions take, TLS on
both sides. Quote ratios, not times: client, proxy and Dovecot share the machine's cores.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

OWNER = 65534  # nobody: Dovecot refuses to serve mail as root
SMALL, MIXED, HEADERS, FEW = (f"{name}@corp.example" for name in ("small", "mixed", "headers", "few"))
SOME = 10_000  # messages of a FETCH of bodies, headers, envelopes
WORDS = "quote meeting invoice delivery project budget report contract update renewal partner team schedule".split()

DOVECOT = """listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = yes
ssl_cert = <{certificates}/default.crt
ssl_key = <{certificates}/default.key
disable_plaintext_auth = no
auth_mechanisms = plain
protocols = imap
mail_max_userip_connections = 20000
default_client_limit = 30000
service anvil {{
  client_limit = 60000
}}
service auth {{
  client_limit = 60000
}}
service stats {{
  client_limit = 60000
}}
service imap {{
  process_limit = 20000
}}
service imap-login {{
  service_count = 0
  process_min_avail = 1
  process_limit = 1
  client_limit = 20000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={folder}/home/%u
}}
"""
STORE = "mail_location = maildir:{mail}/%u\npassdb {{\n  driver = static\n  args = nopassword=y\n}}\n"
PUMP = "passdb {{\n  driver = static\n  args = nopassword=y proxy=y host=127.0.0.1 port={port}\n}}\n"
IMAPC = ("mail_location = imapc:{folder}/home/%u\nimapc_host = 127.0.0.1\nimapc_port = {port}\nimapc_ssl = no\n"
         "imapc_features = rfc822.size fetch-headers fetch-bodystructure\n"
         "passdb {{\n  driver = imap\n  args = host=127.0.0.1 port={port}\n  default_fields = userdb_imapc_user=%u "
         "userdb_imapc_password=%w\n}}\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(top):
    """`top` and all below it."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            children.setdefault(int(fields[1]), []).append(int(entry.name))
        except (OSError, IndexError):
            continue
    found = [top]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_seconds(top):
    """Of the threads that are there, in nanoseconds: proc's ticks are too coarse for a command."""
    total = 0
    for pid in processes(top):
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(path.read_text().split()[0]) / 1e9
            except OSError:
                continue
    return total


def resident(pid):
    """KiB, of this process alone."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    raise AssertionError("no Rss")


def on_its_way(number):
    """What servers, lists and a crowd of recipients leave in a header, from the newest to the oldest."""
    chance = random.Random(number)
    token = lambda count: base64.b64encode(chance.randbytes(count)).decode()
    folded = lambda text: "\r\n\t".join(text[at:at + 72] for at in range(0, len(text), 72))
    signature = lambda tag: (f"{tag} a=rsa-sha256; c=relaxed/relaxed; d=customer{number % 60}.example; s=s{number % 7};\r\n"
                             "\tt=1795000000; h=from:to:cc:subject:date:message-id:mime-version:content-type;\r\n"
                             f"\tbh={token(32)};\r\n\tb={folded(token(chance.choice((128, 256))))}\r\n")
    verdict = (f"mx{number % 9}.corp.example;\r\n\tdkim=pass (2048-bit key) header.d=customer{number % 60}.example header.s=s{number % 7};\r\n\t"
               f"spf=pass smtp.mailfrom=bob@customer{number % 60}.example;\r\n\tdmarc=pass (p=reject) header.from=customer{number % 60}.example\r\n")
    fields = []
    for hop in range(chance.choice((1, 1, 2, 2, 3, 4))):
        fields.append(f"Received: from out{hop}.customer{number % 60}.example (out{hop}.customer{number % 60}.example [192.0.2.{hop + 10}])\r\n"
                      f"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\tby in{hop}.hop.example (Postfix) "
                      f"with ESMTPS id {token(9)}\r\n\tfor <anna@corp.example>; Fri, 20 Nov 2026 10:{number % 60:02}:{59 - hop:02} +0000 (UTC)\r\n")
    if number % 5 == 0:
        fields += [signature("ARC-Seal: i=1;"), signature("ARC-Message-Signature: i=1;"), f"ARC-Authentication-Results: i=1; {verdict}"]
    if number % 4:
        fields += [signature("DKIM-Signature: v=1;"), f"Authentication-Results: {verdict}"]
    if number % 4 == 0:
        fields.append("References: " + "\r\n\t".join(f"<{token(18)}@customer.example>" for _ in range(1 + number % 8)) + "\r\n")
    others = [f'"{chance.choice(WORDS).title()} Person{each}" <person{each}@partner{each % 5}.example>'
              for each in range(chance.choice((0, 1, 2, 5, 15)))]
    others.insert(len(others) // 2, f"Carl Colleague <carl{number % 400}@corp.example>")
    return "".join(fields), ",\r\n\t".join(others)


def message(number, kind_of_mailbox):
    chance = random.Random(number)
    text = lambda lines: "".join(" ".join(chance.choices(WORDS, k=10)) + "\r\n" for _ in range(lines))
    way, others = "", f"Carl Colleague <carl{number % 400}@corp.example>, Dora <dora@other.example>"
    if kind_of_mailbox == HEADERS:
        way, others = on_its_way(number)
    header = (f"Return-Path: <bob@customer{number % 60}.example>\r\n{way}"
              f"Received: from mx{number % 9}.example by mail.corp.example with ESMTPS id {number:08x};\r\n"
              f"\tFri, 20 Nov 2026 10:{number % 60:02}:00 +0000\r\nFrom: Bob <bob@customer{number % 60}.example>\r\n"
              f"To: Anna <anna@corp.example>\r\nCc: {others}\r\n"
              f"Subject: {' '.join(chance.choices(WORDS, k=5))} {number}\r\n"
              f"Date: Fri, 20 Nov 2026 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02} +0000\r\n"
              f"Message-ID: <{number}@customer.example>\r\nMIME-Version: 1.0\r\n")
    kind = number % 20 if kind_of_mailbox == MIXED else 20
    if kind == 0:
        data = base64.encodebytes(chance.randbytes(45_000)).decode().replace("\n", "\r\n")
        return (f"{header}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text(15)}"
                f"\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{data}\r\n--b--\r\n")
    if kind < 6:
        body = text(50)
        return (f"{header}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{body}"
                f"\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>{body}</p>\r\n--b--\r\n")
    return f"{header}Content-Type: text/plain; charset=utf-8\r\n\r\n{text(5 if kind == 20 else 35)}"


class Client:
    def __init__(self, port, user, context=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 900)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.tail = b""
        self._until(b"* OK")
        self.command(f"LOGIN {user} any")

    def _until(self, start):
        """Bytes up to the end of the line that begins like this and is the last one that was sent."""
        count, tail = 0, b"\r\n"
        while True:
            received = self.socket.recv(1 << 18)
            assert received, f"hung up: {tail[-200:]}"
            count += len(received)
            tail = (tail + received)[-4096:]
            if tail.endswith(b"\r\n"):
                line = tail[tail.rindex(b"\r\n", 0, -2) + 2:]
                if line.startswith(start):
                    self.tail = tail
                    assert b"OK" in line.split(None, 2)[:2] or start == b"+", line
                    return count

    def command(self, line):
        """Bytes answered, and how many ms that took."""
        start = time.perf_counter()
        self.socket.sendall(b"t " + line.encode() + b"\r\n")
        return self._until(b"t "), (time.perf_counter() - start) * 1000

    def idle(self):
        self.socket.sendall(b"t IDLE\r\n")
        self._until(b"+")

    def close(self):
        self.socket.close()


class Bench:
    def __init__(self, privet, folder):
        self.privet, self.folder, self.processes = privet, pathlib.Path(folder), []
        self.ports, self.secure, self.pids = {}, {}, {}
        self.certificates = self.folder / "certificates"
        subprocess.run([privet, "certificate", self.certificates, "localhost", "127.0.0.1"], check=True)

    def spawn(self, argv, **options):
        process = subprocess.Popen(argv, **options)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(60)

    def fill(self, user, count):
        maildir = self.folder / "mail" / user
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        for number in range(count):
            data = message(number, user).encode()
            (maildir / f"cur/{1795000000 + number // 10}.M{number:06}P1.bench,S={len(data)},W={len(data)}:2,S").write_bytes(data)
        for path in (maildir, *maildir.iterdir()):
            os.chown(path, OWNER, OWNER)

    def start_dovecot(self, row, more):
        folder = self.folder / row
        for name in ("", "run", "state", "home"):
            (folder / name).mkdir()
        os.chown(folder / "home", OWNER, OWNER)
        self.ports[row], self.secure[row] = free_port(), free_port()
        text = DOVECOT.format(folder=folder, certificates=self.certificates, port=self.ports[row], secure=self.secure[row], owner=OWNER)
        (folder / "conf").write_text(text + more.format(mail=self.folder / "mail", folder=folder, port=self.ports["direct"]))
        self.pids[row] = self.spawn(["dovecot", "-F", "-c", folder / "conf"], stderr=subprocess.DEVNULL).pid
        end = time.monotonic() + 20
        while True:
            try:
                Client(self.ports[row], FEW).close()
                return
            except (OSError, AssertionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def start_privet(self):
        conf = self.folder / "privet"
        (conf / "tenants").mkdir(parents=True)
        (conf / "privet.yaml").write_text(json.dumps({
            "privet": 1, "hostname": "privet.test", "certificates": str(self.certificates), "tenants": "tenants",
            "state": "state", "log": {"level": "off"},
            "listen": [{"address": "127.0.0.1:0", "protocol": "imap", "tls": mode} for mode in ("none", "implicit")]}))
        for tenant, domain, tls, port in (("corp", "corp.example", "none", self.ports["direct"]),
                                          ("safe", "safe.example", "implicit", self.secure["direct"])):
            (conf / f"tenants/{tenant}.yaml").write_text(json.dumps({
                "privet": 1, "tenant": tenant, "domains": [domain],
                "upstream": {"smtp": {"maildir": "mail"}, "imap": {"host": "localhost", "port": port, "tls": tls}
                             | ({"ca": str(self.certificates / "authority.pub")} if tls != "none" else {})},
                "crm": [{"profile": "generic", "addresses": [f"{tenant}@crm.example"]}]}))
        process = self.spawn([self.privet, "serve", "--announce-ports", "-c", conf / "privet.yaml"], stdout=subprocess.PIPE, text=True)
        self.ports["privet"], self.secure["privet"] = (int(process.stdout.readline().rsplit(":", 1)[1]) for _ in range(2))
        self.pids["privet"] = process.pid

    def visit(self, row, user, commands):
        """{command: (ms, bytes, CPU seconds of the row's processes)}"""
        client, result = Client(self.ports[row], user), {}
        client.command('LIST "" "*"')  # as all clients do; Dovecot's EXAMINE takes 100 ms more behind it
        for command in ("EXAMINE INBOX", *commands):
            before = cpu_seconds(self.pids[row])
            count, took = client.command(command)
            result[command] = took, count, cpu_seconds(self.pids[row]) - before
        client.close()
        return result


def spread(values, digits=0):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def table(bench, title, user, commands, rows, rounds):
    for row in rows:
        bench.visit(row, user, commands)  # caches
    results = {row: [] for row in rows}
    for number in range(rounds):
        for row in random.Random(number).sample(rows, len(rows)):
            results[row].append(bench.visit(row, user, commands))
    print(f"\n{title}: ms, median of {rounds} rounds (least-most), ratio to direct, CPU s of the row's server per GB\n"
          "| command | " + " | ".join(rows) + " |\n|---" + "|---" * len(rows) + "|")
    for command in ("EXAMINE INBOX", *commands):
        cells = []
        for row in rows:
            took = [each[command][0] for each in results[row]]
            ratio = statistics.median(a[command][0] / b[command][0] for a, b in zip(results[row], results["direct"]))
            count = statistics.median(each[command][1] for each in results[row])
            cpu = statistics.median(each[command][2] for each in results[row])
            cells.append(f"{spread(took)} x{ratio:.2f}" + (f" {cpu / count * 1e9:.2f} s/GB" if count > 3e6 else ""))
        print(f"| {command} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--privet", default="build/release/privet")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=1000)
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("dovecot") or os.geteuid() != 0:
        sys.exit("needs root and Dovecot: run deploy/install tests")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = Bench(os.path.abspath(options.privet), folder)
        try:
            bench.fill(SMALL, options.messages)
            bench.fill(MIXED, SOME)
            bench.fill(HEADERS, SOME)
            bench.fill(FEW, 10)
            bench.fill("few@safe.example", 10)
            bench.start_dovecot("direct", STORE)
            for user in (SMALL, MIXED, HEADERS):
                bench.visit("direct", user, [])  # Dovecot reads the folder once
            bench.start_dovecot("pump", PUMP)
            bench.start_dovecot("imapc", IMAPC)
            bench.start_privet()
            run(bench, options)
        finally:
            bench.stop()


def run(bench, options):
    some = min(SOME, options.messages)
    took = bench.visit("privet", SMALL, [])["EXAMINE INBOX"][0]
    print(f"first EXAMINE: {options.messages} messages classified in {took / 1000:.1f} s: {options.messages / took * 1000:.0f} messages/s")
    # Bodies before headers: who opens a message first pays for it, and Privet opens none for a header.
    table(bench, f"{options.messages} messages of 1 KiB", SMALL,
          ["UID FETCH 1:* (UID FLAGS)", f"FETCH 1:{some} (ENVELOPE)", f"FETCH 1:{some} (BODY.PEEK[])",
           f"FETCH 1:{some} (BODY.PEEK[HEADER])", 'SEARCH TO "dora"'], ["direct", "pump", "privet"], options.rounds)
    table(bench, f"{SOME} messages of 3 to 60 KiB", MIXED,
          ["FETCH 1:* (ENVELOPE)", "FETCH 1:* (BODY.PEEK[])", "FETCH 1:* (BODY.PEEK[HEADER])"],
          ["direct", "pump", "privet"], options.rounds)
    table(bench, f"{SOME} messages with headers of 1.9 KB", HEADERS, ["FETCH 1:* (BODY.PEEK[HEADER])"],
          ["direct", "pump", "privet"], options.rounds)
    cold = [bench.visit(row, MIXED, ["FETCH 1:* (ENVELOPE)"])["FETCH 1:* (ENVELOPE)"][0] for row in ("imapc", "imapc", "privet")]
    print(f"\nENVELOPE of {SOME} messages: imapc {cold[0]:.0f} ms, imapc again from its index {cold[1]:.0f} ms, Privet {cold[2]:.0f} ms")

    clients = [Client(bench.ports["privet"], SMALL) for _ in range(4)]
    before = resident(bench.pids["privet"])
    for client in clients:
        client.command("EXAMINE INBOX")
    grown = (resident(bench.pids["privet"]) - before) * 1024 / len(clients)
    print(f"an open mailbox of {options.messages} messages: {grown / options.messages:.1f} bytes of resident memory a message")
    for client in clients:
        client.close()

    context = ssl.create_default_context(cafile=bench.certificates / "authority.pub")
    def idle():
        client = Client(bench.secure["privet"], "few@safe.example", context)
        client.command("EXAMINE INBOX")
        client.idle()
        return client
    waiting = [idle() for _ in range(20)]
    before = resident(bench.pids["privet"])
    waiting += [idle() for _ in range(options.idle)]
    grown = (resident(bench.pids["privet"]) - before) / options.idle
    print(f"{options.idle} sessions in IDLE, TLS on both sides: {grown:.1f} KiB of resident memory each")
    for client in waiting:
        client.close()


if __name__ == "__main__":
    main()
