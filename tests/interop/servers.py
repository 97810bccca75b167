"""Exim, OpenSMTPD and Dovecot's submission proxy as upstreams; each passes on what it takes to a sink.Mailboxes.

Debian lets only one of Postfix, Exim and OpenSMTPD be installed: `deploy/install tests` unpacks the other two below
build/interop_servers. Each runs in a root folder of its own (chroot), made per test: its programs and the libraries
they need, its users, its configuration. Dovecot gets along with the others and is simply installed.
"""

import os
import pathlib
import re
import shutil

import sink
import support
from support import PASSWORD, SENDER

PACKAGES = pathlib.Path(os.environ.get("PRIVET_SERVERS", support.SOURCE / "build/interop_servers"))
REFUSED = "nobody@customer.test"  # each of them refuses this one at RCPT
TRACE = re.compile(rb"\AReceived: from [^\n]*\n(?:[ \t][^\n]*\n)+")
USER = 65533  # whoever a server wants to be: all its users have this number


def refuse(stage, line, transaction):
    return "550 5.1.1 nobody of that name" if stage == "RCPT" and f"<{REFUSED}>" in line else None


class Server:
    """What all three have: an address, a port for each mode, a certificate, a sink behind."""

    modes = ("starttls", "implicit")  # none of them takes a login in clear
    trusted = False  # True: no login at all, the tenant trusts its network

    def __init__(self, case, name):
        support.need(root=True)
        self.address = support.own_address()
        self.folder = case.folder / name
        self.folder.mkdir()
        self.mailboxes = sink.Mailboxes(case, self.address, refuse)
        self.ports = {mode: support.free_port(self.address) for mode in self.modes}
        self.certificates = support.make_certificates(self.folder / "certificates", self.address)
        self.authority = self.certificates / "authority.pub"
        self._output = self.folder / "output"

    def upstream(self, mode):
        """The tenant's upstream.smtp for this instance."""
        upstream = {"host": self.address, "port": self.ports[mode], "tls": mode}
        return upstream if mode == "none" else upstream | {"ca": str(self.authority)}

    def launch(self, case, *arguments, **options):
        process = case.start(arguments, self._output, self._output, **options)

        def ready():
            assert process.poll() is None, self._output.read_text(errors="replace")
            return all(support.listens(self.address, port) for port in self.ports.values())

        support.wait_for(ready, lambda: self._output.read_text(errors="replace"))
        return process

    def fill(self, template):
        """A configuration: {name} stands for what this server has."""
        return template.format(address=self.address, ports=self.ports, refused=REFUSED, sink=self.mailboxes.port,
                               sender=SENDER, password=PASSWORD, folder=self.folder)

    @staticmethod
    def content_of(delivered, recipient):
        """What was submitted: the one Received field in front is this server's."""
        content = delivered.replace(b"\r\n", b"\n")
        trace = TRACE.match(content)
        assert trace, f"unexpected trace fields: {delivered[:400]!r}"
        return content[trace.end():]

    @staticmethod
    def form_of(content):
        """What this server makes of content that is no message by RFC 5322."""
        return content


def make_root(folder, package, programs, users, places):
    """A folder to chroot into: `programs` of an unpacked package, their libraries, users of the number USER, folders
    (`places`) that belong to them."""
    unpacked = PACKAGES / package
    if not unpacked.is_dir():
        raise AssertionError(f"{unpacked} is missing; run `deploy/install tests`")
    needed = set()
    for program in programs:
        _copy(unpacked / program, folder / program)
        needed |= set(re.findall(r"(/\S+) \(0x", support.run("ldd", unpacked / program).stdout.decode()))
    for library in needed:
        _copy(library, folder / library[1:])
    for place in ("etc", "tmp", "dev", *places):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "dev/null").touch()
    (folder / "etc/services").write_text("smtp 25/tcp\n")
    (folder / "etc/passwd").write_text("root:x:0:0::/:/bin/false\n" + "".join(
        f"{user}:x:{USER}:{USER}::/:/bin/false\n" for user in users))
    (folder / "etc/group").write_text("root:x:0:\n" + "".join(f"{user}:x:{USER}:\n" for user in users))
    return folder


def _copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


# ---- Exim ------------------------------------------------------------------------------------------------------------


class Exim(Server):
    def __init__(self, case):
        super().__init__(case, "exim")
        root = make_root(self.folder / "root", "exim4-daemon-light", ["usr/sbin/exim4"], ["Debian-exim"],
                         ["etc/exim4", "var/spool/exim4", "var/log/exim4", "run/exim4"])
        for place in ("var/spool/exim4", "var/log/exim4", "run/exim4"):
            os.chown(root / place, USER, USER)
        for name in ("default.crt", "default.key"):
            shutil.copy(self.certificates / name, root / "etc/exim4")
            os.chown(root / "etc/exim4" / name, USER, USER)
        (root / "etc/exim4/exim4.conf").write_text(self.fill(EXIM))
        self.launch(case, "chroot", root, "/usr/sbin/exim4", "-bdf", "-q1m")

    @staticmethod
    def form_of(content):
        """The header ends with one empty line: lines of blanks before it go, before what is no field one is put."""
        header = re.match(rb"(?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*", content)[0]
        return re.sub(rb"(?:[ \t]+\n)+\Z", b"", header) + b"\n" + content[len(header):].removeprefix(b"\n")


EXIM = """primary_hostname = mail.acme.test
keep_environment =
exim_user = Debian-exim
local_interfaces = <; [{address}]:{ports[starttls]} ; [{address}]:{ports[implicit]}
tls_on_connect_ports = {ports[implicit]}
tls_advertise_hosts = *
tls_certificate = /etc/exim4/default.crt
tls_privatekey = /etc/exim4/default.key
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}
host_lookup =
rfc1413_hosts =
return_path_remove = false
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = recipients
begin acl
recipients:
  deny recipients = {refused}
       message = 5.1.1 nobody of that name
  accept authenticated = *
  deny message = 5.7.1 log in first
begin routers
everything:
  driver = manualroute
  route_list = * {address}::{sink} byname
  self = send
  transport = onward
begin transports
onward:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,1m,1s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{ {{eq{{$auth2}}{{{sender}}}}} {{eq{{$auth3}}{{{password}}}}} }}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{ {{eq{{$auth1}}{{{sender}}}}} {{eq{{$auth2}}{{{password}}}}} }}}}
  server_set_id = $auth1
"""


# ---- OpenSMTPD -------------------------------------------------------------------------------------------------------


class OpenSmtpd(Server):
    """In clear and without a login: OpenSMTPD takes logins only over TLS, and as a TLS server Debian 12's 6.8.0p2 fails
    each handshake since OpenSSL 3 ("missing private key", OpenSMTPD/OpenSMTPD#1171)."""

    modes = ("none",)
    trusted = True

    def __init__(self, case):
        super().__init__(case, "opensmtpd")
        root = make_root(self.folder / "root", "opensmtpd", ["usr/sbin/smtpd"], ["opensmtpd", "opensmtpq"],
                         ["var/lib/opensmtpd/empty", "var/run", "var/spool/smtpd", "usr/libexec/opensmtpd"])
        (root / "var/spool/smtpd").chmod(0o711)
        (root / "etc/smtpd.conf").write_text(self.fill(OPENSMTPD))
        self.launch(case, "chroot", root, "/usr/sbin/smtpd", "-d")

    @staticmethod
    def form_of(content):
        """Bcc fields go, and an address without a domain gets this server's."""
        header, separator, body = content.partition(b"\n\n")
        header = re.sub(rb"(?m)^Bcc:.*\n(?:[ \t].*\n)*", b"", header + b"\n")[:-1]
        return re.sub(rb"(?m)^(To:.*\?=)$", rb"\1@mail.acme.test", header) + separator + body


OPENSMTPD = """listen on {address} port {ports[none]} hostname mail.acme.test
table refused {{ "{refused}" }}
action onward relay host "smtp+notls://{address}:{sink}"
match from any for any rcpt-to <refused> reject
match from any for any action onward
"""


# ---- Dovecot ---------------------------------------------------------------------------------------------------------


class Dovecot(Server):
    def __init__(self, case):
        support.need("dovecot", "doveadm")
        super().__init__(case, "dovecot")
        for name in ("run", "state"):
            (self.folder / name).mkdir()
        (self.folder / "logins").write_text(f"{SENDER}:{{PLAIN}}{PASSWORD}\n")
        config = self.folder / "dovecot.conf"
        config.write_text(self.fill(DOVECOT))
        self.launch(case, "dovecot", "-F", "-c", config)


DOVECOT = """protocols = submission
listen = {address}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
hostname = mail.acme.test
ssl = required
ssl_cert = <{folder}/certificates/default.crt
ssl_key = <{folder}/certificates/default.key
auth_mechanisms = plain login
auth_failure_delay = 0
mail_uid = nobody
mail_gid = nogroup
mail_home = {folder}
mail_location = maildir:{folder}/unused
passdb {{
  driver = passwd-file
  args = {folder}/logins
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
service submission-login {{
  inet_listener submission {{
    port = {ports[starttls]}
  }}
  inet_listener submissions {{
    port = {ports[implicit]}
    ssl = yes
  }}
}}
submission_relay_host = {address}
submission_relay_port = {sink}
submission_relay_trusted = no
"""
