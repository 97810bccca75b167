"""nodemailer of npm, in its raw mode, the whole corpus over one pooled connection."""

import base64
import fcntl
import json
import os
import pathlib
import shutil
import unittest

import support
from clients import ClientCase, recipients

PACKAGES = pathlib.Path(__file__).parent / "node"


def installed_packages():
    """A folder outside the source with node/package-lock.json installed; only its first use needs the registry."""
    support.need("node", "npm")
    folder = pathlib.Path(os.environ.get("PRIVET_NODE", support.SOURCE / "build/interop_node"))
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (PACKAGES / "package-lock.json").read_bytes()
        stamp = folder / "installed"
        if not stamp.exists() or stamp.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PACKAGES / name, folder)
            done = support.run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
            assert done.returncode == 0, "npm ci failed; it needs a package registry once: " + done.stderr.decode()
            stamp.write_bytes(wanted)
    return folder


class Nodemailer(ClientCase):
    def send(self, privet, mode, sendings):
        job = {"port": privet.ports[mode], "mode": mode, "ca": str(privet.authority), "login": support.SENDER,
               "password": support.PASSWORD, "from": support.SENDER,
               "messages": [{"to": recipients(message, number), "content": base64.b64encode(message.content).decode()}
                            for message, number in sendings]}
        done = support.run("node", PACKAGES / "send.js", cwd=installed_packages(), input=json.dumps(job).encode())
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_starttls_before_postfix_by_starttls(self):
        self.through("starttls", "starttls")

    def test_implicit_tls_before_embedded(self):
        self.through("implicit", "embedded")

    def test_clear_before_postfix_by_implicit_tls(self):
        self.through("none", "implicit")

    def test_lock_file_names_no_host(self):
        lock = json.loads((PACKAGES / "package-lock.json").read_text())
        self.assertEqual([name for name, package in lock["packages"].items() if "resolved" in package], [])


if __name__ == "__main__":
    unittest.main()
