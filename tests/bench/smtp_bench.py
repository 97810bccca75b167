#!/usr/bin/env python3
"""SMTP through Privet beside direct, in one run, with Postfix's smtp-source and smtp-sink.

usage: tests/bench/smtp_bench.py [--privet build/release/privet] [--rounds 5] [--seconds 2]

Rows, interleaved in every round:
  direct        smtp-source straight into smtp-sink
  pass-through  through Privet, no CRM recipient: content streams
  split         through Privet, one person and one CRM address: two transactions upstream per message
Each row with a new connection per message (W1) and with kept connections (W2); 50 sessions, 4 KiB messages.
Printed: messages/s, the ratio to direct within the round (median, least, most), and CPU seconds of the proxy per 1,000
messages. Quote ratios, not rates: source, proxy and sink share the machine's cores.
Then latency by body size (one kept session, clear and TLS), where a 40 ms step would show a delayed acknowledgement.
"""
import argparse
import os
import pathlib
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
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


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
        port = self.sink if row == "direct" else self.clear
        recipients = ["-r", "2", "-t", "x@customer.example"] if row == "split" else ["-t", PERSON]
        argv = ["smtp-source", "-s", str(SESSIONS), "-m", str(count), "-f", "anna@corp.example", *recipients,
                "-F", str(self.folder / "message"), *(["-d"] if kept else []), f"127.0.0.1:{port}"]
        cpu, start = cpu_seconds(self.pid), time.monotonic()
        subprocess.run(argv, check=True, timeout=120, stdout=subprocess.DEVNULL)
        took = time.monotonic() - start
        # The last copies leave after smtp-source has its answers.
        return count / took, (cpu_seconds(self.pid) - cpu) / count * 1000

    def latency(self, port, size, secure, count=60):
        context = ssl.create_default_context(cafile=self.authority) if secure else None
        client = smtplib.SMTP_SSL("localhost", port, context=context) if secure else smtplib.SMTP("127.0.0.1", port)
        client.ehlo()
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = message(size)
        times = []
        for _ in range(count):
            start = time.perf_counter()
            client.sendmail("anna@corp.example", [PERSON], body)
            times.append(time.perf_counter() - start)
        client.quit()
        return statistics.median(times) * 1000


def message(size):
    header = (b"From: Anna <anna@corp.example>\r\nTo: Customer <2x@customer.example>\r\n"
              b"Cc: Carl Colleague <carl@corp.example>\r\nSubject: An offer\r\n"
              b"Message-ID: <1@corp.example>\r\n\r\n")
    line = b"All work and no play makes Jack a dull boy, said the line of a letter.\r\n"
    body = line * (size // len(line) + 1)
    text = header + body
    return text[: size - 2].rstrip(b"\r\n").ljust(size - 2, b".") + b"\r\n"


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--privet", default="build/release/privet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each cell, about")
    parser.add_argument("--loops", type=int, default=1)
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    for program in ("smtp-source", "smtp-sink"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: run deploy/install tests")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = Bench(os.path.abspath(options.privet), folder)
        # smtp-source -F sends lines of the file, each with CRLF of its own.
        (bench.folder / "message").write_bytes(message(MESSAGE_SIZE).replace(b"\r\n", b"\n"))
        try:
            bench.start_sink()
            bench.start_privet(options.loops)
            rows = ["direct", "pass-through", "split"]
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
