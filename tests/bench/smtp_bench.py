#!/usr/bin/env python3
"""SMTP through Privet beside direct, in one run, with Postfix's smtp-source and smtp-sink.

usage: tests/bench/smtp_bench.py [--privet build/release/privet] [--rounds 5] [--seconds 2]

Rows, interleaved in every round:
  direct        smtp-source straight into smtp-sink
  pass-through  through Privet, no CRM recipient: content streams
  split         through Privet, one person and one CRM address: two transactions upstream per message, the copy
                durable before the answer
  postfix       through a Postfix that relays with its queue, one person: what durable costs elsewhere
Each row with a new connection per message (W1) and with kept connections (W2); 50 sessions, 4 KiB messages.
Printed: messages/s, the ratio to direct within the round (median, least, most), and CPU seconds of the proxy per 1,000
messages (all processes of Postfix). Quote ratios, not rates: source, proxy and sink share the machine's cores.
Then one sequential message without and with a durable copy, beside what the disk alone needs for a copy's flushes and what
Postfix takes; and latency by body size (one kept session, clear and TLS), where a 40 ms step would show a delayed acknowledgement.
"""
import argparse
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import smtplib
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
SESSIONS = 50
MESSAGE_SIZE = 4096
SIZES = [2000, 4088, 4096, 4104, 65528, 65536, 65544]
PERSON, CRM = "2x@customer.example", "x@customer.example"  # as smtp-source -r 2 names them


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, deadline=10):
    end = time.monotonic() + deadline
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def cpu_seconds(pid):
    """Of the process, the children it has, and those that have ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0  # it ended, and counts with its parent from now on
    return sum(map(int, fields[11:15])) / TICKS + sum(cpu_seconds(child) for child in children)


POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = {d}/queue
data_directory = {d}/data
maillog_file = {d}/log
maillog_file_prefixes = {d}
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.corp.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
relayhost = [127.0.0.1]:{sink}
smtpd_relay_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
in_flow_delay = 0
"""
POSTFIX_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Bench:
    def __init__(self, privet, folder):
        self.privet, self.folder, self.processes = privet, pathlib.Path(folder), []

    def start_sink(self):
        self.sink = free_port()
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.spawn(["smtp-sink", *user, "-m", "10000", f"127.0.0.1:{self.sink}", "4096"])
        wait_for_port(self.sink)

    def start_privet(self, loops):
        conf = self.folder / "conf"
        (conf / "tenants").mkdir(parents=True)
        subprocess.run([self.privet, "certificate", conf / "certificates", "localhost", "127.0.0.1"], check=True)
        (conf / "privet.yaml").write_text(
            "privet: 1\nhostname: privet.test\nlisten:\n"
            '  - {address: "127.0.0.1:0", protocol: smtp, tls: none}\n'
            '  - {address: "127.0.0.1:0", protocol: smtp, tls: implicit}\n'
            'certificates: certificates\ntenants: tenants\nlog: {level: "off"}\n'
            f"limits: {{loops: {loops}}}\n")
        (conf / "tenants" / "corp.yaml").write_text(
            "privet: 1\ntenant: corp\ndomains: [corp.example]\n"
            f"upstream: {{smtp: {{host: 127.0.0.1, port: {self.sink}, tls: none}}}}\n"
            "trusted_networks: [127.0.0.0/8]\n"
            f"crm: [{{profile: generic, addresses: [{CRM}]}}]\n")
        process = self.spawn([self.privet, "serve", "--announce-ports", "-c", conf / "privet.yaml"],
                             stdout=subprocess.PIPE, text=True)
        ports = [int(process.stdout.readline().rsplit(":", 1)[1]) for _ in range(2)]
        self.clear, self.tls = ports
        self.pid = process.pid
        self.authority = conf / "certificates" / "authority.pub"

    def start_postfix(self):
        folder = self.folder / "postfix"
        owner = pwd.getpwnam("postfix")
        for name, user in (("etc", 0), ("queue", 0), ("data", owner.pw_uid)):
            (folder / name).mkdir(parents=True)
            os.chown(folder / name, user, -1)
        self.postfix = free_port()
        (folder / "etc/main.cf").write_text(POSTFIX_MAIN.format(d=folder, sink=self.sink))
        (folder / "etc/master.cf").write_text(POSTFIX_MASTER.format(port=self.postfix))
        subprocess.run(["postfix", "-c", folder / "etc", "check"], check=True, stderr=subprocess.DEVNULL)
        programs = subprocess.run(["postconf", "-h", "daemon_directory"], check=True, capture_output=True, text=True)
        process = self.spawn([programs.stdout.strip() + "/master", "-c", folder / "etc", "-s"], start_new_session=True,
                             stderr=subprocess.DEVNULL)
        wait_for_port(self.postfix)
        self.postfix_pid = process.pid

    def postfix_is_empty(self):
        queue = self.folder / "postfix/queue"
        return not any(entry.is_file() for part in ("incoming", "active", "maildrop") for entry in (queue / part).rglob("*"))

    def spool_is_empty(self):
        return not any(any((self.folder / "conf/state/spool" / part).iterdir()) for part in ("prepared", "committed"))

    def spawn(self, argv, **options):
        process = subprocess.Popen(argv, **options)
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(40)

    def source(self, row, kept, count):
        port = {"direct": self.sink, "postfix": self.postfix}.get(row, self.clear)
        pid = self.postfix_pid if row == "postfix" else self.pid
        recipients = ["-r", "2", "-t", "x@customer.example"] if row == "split" else ["-t", PERSON]
        argv = ["smtp-source", "-s", str(SESSIONS), "-m", str(count), "-f", "anna@corp.example", *recipients,
                "-l", str(MESSAGE_SIZE), *(["-d"] if kept else []), f"127.0.0.1:{port}"]
        cpu, start = cpu_seconds(pid), time.monotonic()
        subprocess.run(argv, check=True, timeout=120, stdout=subprocess.DEVNULL)
        # Both answer before everything is delivered: the rest is their work too.
        while not (self.postfix_is_empty() if row == "postfix" else self.spool_is_empty()):
            if time.monotonic() - start > 120:
                sys.exit(f"{row}: mail is left over")
            time.sleep(0.01)
        took = time.monotonic() - start
        return count / took, (cpu_seconds(pid) - cpu) / count * 1000

    def flushes(self, size, count):
        """Median ms of what is flushed for a copy, by nobody but this program: a file and its name, and its new name."""
        folders = [self.folder / name for name in ("floor-prepared", "floor-committed")]
        for each in folders:
            each.mkdir(exist_ok=True)
        prepared, committed = (os.open(each, os.O_RDONLY) for each in folders)
        times = []
        for number in range(count):
            name = f"{time.monotonic_ns()}.{number}"
            start = time.perf_counter()
            file = os.open(f".{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=prepared)
            os.write(file, b"x" * size)
            os.rename(f".{name}", name, src_dir_fd=prepared, dst_dir_fd=prepared)
            os.fdatasync(file)
            os.fsync(prepared)
            os.rename(name, name, src_dir_fd=prepared, dst_dir_fd=committed)
            os.fsync(committed)
            times.append(time.perf_counter() - start)
            os.close(file)
            os.unlink(name, dir_fd=committed)
            time.sleep(0.002)  # as a client's next message comes
        os.close(prepared)
        os.close(committed)
        return statistics.median(times) * 1000

    def latency(self, port, size, secure, count=60, recipients=(PERSON,)):
        context = ssl.create_default_context(cafile=self.authority) if secure else None
        client = smtplib.SMTP_SSL("localhost", port, context=context) if secure else smtplib.SMTP("127.0.0.1", port)
        client.ehlo()
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = []
        for number in range(count):
            body = message(size, number)
            start = time.perf_counter()
            client.sendmail("anna@corp.example", recipients, body)
            times.append(time.perf_counter() - start)
            while not self.spool_is_empty():  # the next MAIL would wait for the copy
                time.sleep(0.0005)
        client.quit()
        return statistics.median(times) * 1000


def message(size, number=0):
    header = (b"From: Anna <anna@corp.example>\r\nTo: Customer <2x@customer.example>\r\n"
              b"Cc: Carl Colleague <carl@corp.example>\r\nSubject: An offer\r\n"
              b"Message-ID: <%d.%d@corp.example>\r\n\r\n" % (time.monotonic_ns(), number))
    line = b"All work and no play makes Jack a dull boy, said the line of a letter.\r\n"
    body = line * (size // len(line) + 1)
    text = header + body
    return text[: size - 2].rstrip(b"\r\n").ljust(size - 2, b".") + b"\r\n"


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def print_sequential(bench):
    rows = {"Privet, no copy": lambda: bench.latency(bench.clear, MESSAGE_SIZE, False, 20),
            "Privet, durable copy": lambda: bench.latency(bench.clear, MESSAGE_SIZE, False, 20, (PERSON, CRM)),
            "the flushes of a copy alone": lambda: bench.flushes(MESSAGE_SIZE, 20),
            "Postfix with its queue": lambda: bench.latency(bench.postfix, MESSAGE_SIZE, False, 20)}
    times = {row: [] for row in rows}
    for _ in range(10):
        for row, measure in rows.items():
            times[row].append(measure())
    print(f"\nOne sequential message of {MESSAGE_SIZE} bytes, ms, medians of 10 rounds of 20")
    print("| | ms |\n|---|---|")
    for row in rows:
        print(f"| {row} | {spread(times[row])} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--privet", default="build/release/privet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each cell, about")
    parser.add_argument("--loops", type=int, default=1)
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    for program in ("smtp-source", "smtp-sink", "postfix"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: run deploy/install tests")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = Bench(os.path.abspath(options.privet), folder)
        try:
            bench.start_sink()
            bench.start_privet(options.loops)
            bench.start_postfix()
            rows = ["direct", "pass-through", "split", "postfix"]
            for kept in (False, True):
                counts = {row: max(100, int(bench.source(row, kept, 200)[0] * options.seconds)) for row in rows}
                rates, ratios, cpu = ({row: [] for row in rows} for _ in range(3))
                for round_number in range(options.rounds):
                    order = random.Random(round_number).sample(rows, len(rows))
                    result = {row: bench.source(row, kept, counts[row]) for row in order}
                    for row in rows:
                        rates[row].append(result[row][0])
                        ratios[row].append(result[row][0] / result["direct"][0])
                        cpu[row].append(result[row][1])
                print(f"\n{'W2: kept connections' if kept else 'W1: a connection per message'}, "
                      f"{SESSIONS} sessions, {MESSAGE_SIZE} bytes, {options.rounds} rounds")
                print("| row | messages/s | ratio to direct | proxy CPU s/1000 |\n|---|---|---|---|")
                for row in rows:
                    own = spread(cpu[row]) if row != "direct" else "-"
                    print(f"| {row} | {statistics.median(rates[row]):.0f} | {spread(ratios[row])} | {own} |")
            print_sequential(bench)
            print("\nLatency of one message on a kept session, median ms, by size in bytes")
            print("| path | " + " | ".join(map(str, SIZES)) + " |\n|---" * 1 + "|---" * len(SIZES) + "|")
            for name, port, secure in (("direct", bench.sink, False), ("Privet, clear", bench.clear, False),
                                       ("Privet, TLS", bench.tls, True)):
                cells = [f"{bench.latency(port, size, secure):.2f}" for size in SIZES]
                print(f"| {name} | " + " | ".join(cells) + " |")
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
