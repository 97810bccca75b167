"""What the interop tests share: Privet itself with a generated configuration, a private Postfix behind it, mail
folders and the corpus.

Promise: whatever is started here listens on loopback, lives in the test's own temporary folder, is ended by its pid
when the test ends, and a missing program or privilege is a failure that says what to install. Nothing here sleeps for
a fixed time: wait_for() asks until a deadline.
"""

import functools
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = 180  # seconds for any one condition; sanitizers are up to 20 times slower than the release build
SENDER = "anna@acme.test"
PASSWORD = "s3cret word"
MODES = ("none", "starttls", "implicit")  # the `tls` of a listener and of an upstream


def binary():
    path = os.environ.get("PRIVET")
    if not path or not os.access(path, os.X_OK):
        raise AssertionError("PRIVET must name the privet binary: PRIVET=build/release/privet")
    return os.path.abspath(path)


def need(*programs, root=False):
    """Fails, never skips, when a program or the privilege a test needs is missing."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        raise AssertionError(f"not installed: {' '.join(missing)}; run `deploy/install tests`")
    if root and os.geteuid() != 0:
        raise AssertionError("needs root: Postfix changes users; run the tests with sudo or in a container")


def wait_for(condition, what, seconds=DEADLINE):
    """The first true result of condition(); AssertionError at the deadline. `what` may be a function."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what() if callable(what) else what}")
        time.sleep(0.02)
    return result


def free_port(address):
    """A port nobody else has. `address` should be the test's own (own_address), so that nobody takes it meanwhile."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def listens(address, port):
    """Whether somebody accepts connections there; asks the kernel, so that no server sees an empty visit."""
    host_order = socket.inet_aton(address)[::-1].hex().upper()
    with open("/proc/net/tcp", encoding="ascii") as sockets:
        rows = [line.split()[1:4] for line in sockets]  # local address, remote address, state (0A: LISTEN)
    return any(local == f"{host_order}:{port:04X}" and state == "0A" for local, _, state in rows)


def own_address():
    """A loopback address of this process alone: servers that cannot listen on port 0 collide with nobody here."""
    pid = os.getpid()
    return f"127.{1 + (pid >> 16) % 254}.{pid >> 8 & 255}.{1 + (pid & 255) % 254}"


def run(*arguments, **options):
    return subprocess.run([str(each) for each in arguments], capture_output=True, timeout=DEADLINE, **options)


def make_certificates(folder, *names):
    """authority.pub, default.crt and default.key for these names."""
    made = run(binary(), "certificate", folder, *names)
    assert made.returncode == 0, made.stderr.decode()
    return folder


class Case(unittest.TestCase):
    """One temporary folder per test. PRIVET_KEEP=1 keeps it, with every log, and says where it is."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="privet-interop-"))
        self.folder.chmod(0o711)  # Postfix delivers as another user
        if os.environ.get("PRIVET_KEEP"):
            print(f"{self.id()}: {self.folder}", flush=True)
        else:
            self.addCleanup(shutil.rmtree, self.folder)

    def start(self, arguments, stdout, stderr, ends_with=(0,), **options):
        """Starts a server that is stopped when the test ends, and must then end in peace."""
        with open(stdout, "ab") as out, open(stderr, "ab") as err:
            process = subprocess.Popen([str(each) for each in arguments], stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=err, **options)

        def end():
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.returncode not in ends_with:
                text = pathlib.Path(stderr).read_text(errors="replace")
                report = max(text.find("WARNING: ThreadSanitizer"), text.find("ERROR: AddressSanitizer"),
                             text.find("runtime error:"))
                text = text[report:report + 8000] if report >= 0 else text[-4000:]
                raise AssertionError(f"{arguments[0]} ended with {process.returncode}:\n{text}")

        self.addCleanup(end)
        return process


class Privet:
    """`privet serve` for the tenant acme with one listener per mode; ports[mode] is where it listens."""

    def __init__(self, case, upstream, trusted=False, listeners=MODES):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="privet-", dir=case.folder))
        self.certificates = make_certificates(self.folder / "certificates", "localhost", "127.0.0.1")
        self.authority = self.certificates / "authority.pub"
        self.config = write_config(self.folder, upstream, trusted=trusted, listeners=listeners)
        self._log = self.folder / "log"
        announced = self.folder / "announced"
        self.process = case.start([binary(), "serve", "-c", self.config, "--announce-ports"], announced, self._log)

        def places():
            if self.process.poll() is not None:
                raise AssertionError("privet did not start: " + self._log.read_text(errors="replace"))
            lines = announced.read_text().splitlines()
            return lines if len(lines) == len(listeners) else None

        self.ports = dict(zip(listeners, (int(line.rpartition(":")[2]) for line in wait_for(places, "ports"))))

    def events(self, *names):
        """The log's events of these names, as dictionaries."""
        lines = self._log.read_text(errors="replace").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [each for each in found if each["event"] in names]

    def queue(self, verb, *arguments):
        """What `privet queue` says, as values where it can."""
        values = verb in ("list", "show")
        done = run(binary(), "queue", verb, *arguments, *(["--json"] if values else []), "-c", self.config)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout) if values else done.stdout.decode()


def write_config(folder, upstream, trusted=False, listeners=MODES):
    """privet.yaml with one tenant; JSON is YAML. Returns its path."""
    config = {
        "privet": 1, "hostname": "privet.test", "certificates": "certificates/", "tenants": "tenants/",
        "state": "state/", "log": {"level": "info", "format": "json"}, "limits": {"loops": 2},
        "listen": [{"address": "127.0.0.1:0", "protocol": "smtp", "tls": mode} for mode in listeners],
    }
    tenant = {
        "privet": 1, "tenant": "acme", "domains": ["acme.test", ".acme.test"], "upstream": {"smtp": upstream},
        "crm": [{"profile": "pipedrive", "addresses": ["acme+*@pipedrivemail.com"]}],
        "lists": {"internal": ["xn--strae-oqa.test"], "blocked": ["steuer@kanzlei.test"]},
        "strip": ["internal", "blocked"], "default": "private",
    }
    if trusted:
        tenant["trusted_networks"] = ["127.0.0.0/8"]
    (folder / "tenants").mkdir(exist_ok=True)
    (folder / "tenants/acme.yaml").write_text(json.dumps(tenant, indent=1))
    (folder / "privet.yaml").write_text(json.dumps(config, indent=1))
    return folder / "privet.yaml"


def embedded(folder):
    """The upstream that files mail into folder/RECIPIENT/new."""
    return {"maildir": str(folder)}


# ---- Mail folders and the corpus ------------------------------------------------------------------------------------


class Mailboxes:
    """A folder of Maildirs, one per recipient; bytes exactly as delivered."""

    def __init__(self, folder):
        self.folder = folder

    def read(self, recipient):
        return [path.read_bytes() for path in sorted((self.folder / recipient / "new").glob("*"))]

    def count(self, prefix=""):
        """Messages in the mailboxes whose name starts with `prefix`."""
        return sum(1 for _ in self.folder.glob(prefix + "*/new/*"))


class Message:
    """One file of the corpus as a client puts it on the wire: lines end with CRLF."""

    def __init__(self, path):
        self.name = str(path.relative_to(SOURCE / "tests/messages").with_suffix(""))
        self.content = re.sub(rb"\r?\n", b"\r\n", path.read_bytes())
        self.golden = path.with_suffix(".expected")

    @staticmethod
    def envelope(number):
        """(people, CRM addresses) that nobody else uses; the number tells one sending from another."""
        return ([f"bob+{number}@customer.test", f"carl+{number}@acme.test"],
                [f"acme+{number}@pipedrivemail.com"])

    def has_message_id(self):
        return re.search(rb"(?im)^message-id[ \t]*:", self.content.partition(b"\r\n\r\n")[0]) is not None


def all_recipients(count):
    """Everybody whom Message.envelope names for the numbers below `count`."""
    return [each for number in range(count) for side in Message.envelope(number) for each in side]


@functools.cache
def corpus():
    messages = [Message(path) for path in sorted((SOURCE / "tests/messages").rglob("*.eml"))]
    assert len(messages) > 50, "the corpus is missing"
    return messages


def explain(config, message, number, form="--copy"):
    people, crm = message.envelope(number)
    recipients = [word for each in people + crm for word in ("--to", each)]
    return run(binary(), "explain", "-c", config, "--from", SENDER, *recipients, form, input=message.content)


# ---- Postfix ---------------------------------------------------------------------------------------------------------


class Postfix:
    """A private instance: submission in three modes with SASL, each known recipient's mail in a Maildir of its own.

    limit: message_size_limit. names: what its certificate says; its own address unless given.
    """

    LATER = "later@customer.test"  # 450 at RCPT

    def __init__(self, case, recipients, limit=10_240_000, names=None):
        need("postfix", "saslpasswd2", root=True)
        self.address = own_address()
        self.folder = case.folder / "postfix"
        self.ports = {mode: free_port(self.address) for mode in MODES}
        self.mailboxes = Mailboxes(self.folder / "mail")
        self.authority = make_certificates(self.folder / "certificates", *(names or [self.address])) / "authority.pub"
        owner = pwd.getpwnam("postfix")
        for name, user in (("etc", 0), ("queue", 0), ("data", owner.pw_uid), ("mail", 65534)):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, user, -1)
        self._write_logins(owner)
        self._write_maps(recipients)
        (self.folder / "etc/main.cf").write_text(MAIN_CF.format(d=self.folder, limit=limit, later=self.LATER))
        (self.folder / "etc/master.cf").write_text(
            "".join(SUBMISSION[mode].format(self.address, self.ports[mode]) for mode in MODES) + MASTER_CF)
        output = self.folder / "output"
        checked = run("postfix", "-c", self.folder / "etc", "check")  # makes the queue's folders
        assert checked.returncode == 0, checked.stderr.decode()
        programs = run("postconf", "-h", "daemon_directory").stdout.decode().strip()
        # A session of its own: the master process ends its whole process group, then itself by the same signal.
        case.start([programs + "/master", "-c", self.folder / "etc", "-s"], output, output,
                   ends_with=(-signal.SIGTERM,), start_new_session=True)
        wait_for(lambda: all(listens(self.address, port) for port in self.ports.values()),
                 lambda: "Postfix: " + output.read_text() + self.log())

    def upstream(self, mode):
        """The tenant's upstream.smtp for this instance."""
        upstream = {"host": self.address, "port": self.ports[mode], "tls": mode}
        return upstream if mode == "none" else upstream | {"ca": str(self.authority)}

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _write_logins(self, owner):
        folder = self.folder / "etc/sasl"  # where Debian's Postfix looks, whatever cyrus_sasl_config_path says
        folder.mkdir()
        (folder / "smtpd.conf").write_text("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"
                                           f"sasldb_path: {folder}/sasldb2\n")
        local, _, domain = SENDER.partition("@")
        made = run("saslpasswd2", "-p", "-c", "-f", folder / "sasldb2", "-u", domain, local, input=PASSWORD.encode())
        assert made.returncode == 0, made.stderr.decode()
        os.chown(folder / "sasldb2", owner.pw_uid, -1)

    def _write_maps(self, recipients):
        entries = "".join(f"{each} {each}/\n" for each in sorted({*recipients, SENDER, self.LATER}))
        (self.folder / "mailboxes").write_text(entries)


MAIN_CF = """compatibility_level = 3.6
queue_directory = {d}/queue
data_directory = {d}/data
maillog_file = {d}/log
maillog_file_prefixes = {d}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.acme.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
default_transport = error:5.7.1 nothing leaves this machine
disable_dns_lookups = yes
message_size_limit = {limit}
virtual_mailbox_limit = 0
virtual_mailbox_domains = acme.test, customer.test, pipedrivemail.com
virtual_mailbox_base = {d}/mail
virtual_mailbox_maps = texthash:{d}/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_cert_file = {d}/certificates/default.crt
smtpd_tls_key_file = {d}/certificates/default.key
smtpd_tls_session_cache_database =
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = {d}/etc/sasl
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_delay_reject = yes
smtpd_forbid_bare_newline = yes
smtpd_client_event_limit_exceptions = static:all
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ {later} = 450 4.2.1 Mailbox is busy }} }},
  permit_sasl_authenticated, reject
in_flow_delay = 0
# What Postfix would change in a stranger's message, off: only trace fields are added.
message_drop_headers =
local_header_rewrite_clients =
enable_original_recipient = no
"""
# Debian's 3.7.11 knows smtpd_forbid_bare_newline; an older one warns and goes on.
SUBMISSION = {
    "none": "{}:{} inet n - n - - smtpd -o smtpd_tls_security_level=none\n",
    "starttls": "{}:{} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes\n",
    "implicit": "{}:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n",
}
MASTER_CF = """cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
