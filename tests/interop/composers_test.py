"""Clients that people write mail with: mutt, and Sylpheed on a display that nobody sees. A colleague is in Cc, the CRM in
Bcc; the client makes the envelope of it.
"""

import email
import os
import unittest

import support

BOB, CARL, CRM = "bob@customer.test", "carl@acme.test", "acme+1@pipedrivemail.com"
BODY = "Hello Bob,\nhere is the offer.\n.a line that starts with a dot\n"


class Composer:
    """A client implements send(privet, mode, home); it has an empty home."""

    def through(self, mode):
        mailboxes = support.Mailboxes(self.folder / "mail")
        privet = support.Privet(self, support.embedded(mailboxes.folder), listeners=(mode,))
        home = self.folder / "home"
        home.mkdir()
        self.send(privet, mode, home)
        support.wait_for(lambda: mailboxes.count() == 3, lambda: self.diagnosis(privet))
        originals = [mailboxes.read(each) for each in (BOB, CARL)]
        self.assertEqual(*originals)
        original, copy = (email.message_from_bytes(each) for each in (originals[0][0], *mailboxes.read(CRM)))
        self.assertEqual((original["From"], original["To"], original["Cc"], original["Bcc"]),
                         (f"Anna <{support.SENDER}>", BOB, CARL, None))
        self.assertEqual(original.get_payload().replace("\r\n", "\n"), BODY)
        self.assertEqual((copy["From"], copy["To"], copy["Cc"]), (original["From"], BOB, None))
        self.assertEqual((copy["Message-ID"], copy.get_payload()), (original["Message-ID"], original.get_payload()))
        self.assertEqual((copy["X-Privet-Verdict"], copy["Sensitivity"]), ("private", "Private"))
        self.assertNotIn(CARL, copy.as_string())

    def diagnosis(self, privet):
        path = self.folder / "output"
        return f"two originals and the copy\n{path.read_text(errors='replace') if path.exists() else ''}"

    def test_starttls(self):
        self.through("starttls")

    def test_implicit_tls(self):
        self.through("implicit")


class Mutt(Composer, support.Case):
    SCHEMES = {"starttls": "smtp", "implicit": "smtps"}

    def send(self, privet, mode, home):
        support.need("mutt")
        user = support.SENDER.replace("@", "%40")
        (home / "muttrc").write_text(
            f'set from = "{support.SENDER}" realname = "Anna" copy = no abort_nosubject = no\n'
            f'set smtp_url = "{self.SCHEMES[mode]}://{user}@localhost:{privet.ports[mode]}"\n'
            f'set smtp_pass = "{support.PASSWORD}" ssl_force_tls = yes\n'
            f'set ssl_ca_certificates_file = "{privet.authority}"\n')
        done = support.run("mutt", "-n", "-F", home / "muttrc", "-s", "Offer", "-c", CARL, "-b", CRM, "--", BOB,
                           input=BODY.encode(), env=os.environ | {"HOME": str(home)})
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())


class Sylpheed(Composer, support.Case):
    """It sends what its queue holds: the message as it wrote it, with the envelope in front."""

    TLS = {"implicit": 1, "starttls": 2}

    def send(self, privet, mode, home):
        support.need("sylpheed", "Xvfb")
        self.start(["Xvfb", "-displayfd", "1", "-nolisten", "tcp"], self.folder / "display", self.folder / "xvfb",
                   ends_with=(0, -15))
        display = support.wait_for((self.folder / "display").read_text, "a display").strip()
        settings = home / "settings"
        settings.mkdir()
        for name in ("inbox", "sent", "draft", "queue", "trash"):
            (home / "Mail" / name).mkdir(parents=True)
        (settings / "sylpheedrc").write_text("[Common]\nauto_update_check=0\n")
        (settings / "ca-certificates.crt").write_bytes(privet.authority.read_bytes())
        (settings / "folderlist.xml").write_text(FOLDERS.format(home))
        (settings / "accountrc").write_text(ACCOUNT.format(sender=support.SENDER, password=support.PASSWORD,
                                                           port=privet.ports[mode], tls=self.TLS[mode]))
        (home / "Mail/queue/1").write_text(QUEUED.format(sender=support.SENDER, bob=BOB, carl=CARL, crm=CRM) + BODY)
        output = self.folder / "output"
        client = self.start(["sylpheed", "--configdir", settings, "--debug", "--send"], output, output, ends_with=(-9,),
                            env=os.environ | {"HOME": str(home), "TMPDIR": str(home), "DISPLAY": f":{display}"})
        self.addCleanup(client.kill)  # asked to end right behind a sending, it now and then waits for ever


ACCOUNT = """[Account: 1]
account_name=acme
is_default=1
name=Anna
address={sender}
protocol=3
smtp_server=localhost
use_smtp_auth=1
smtp_user_id={sender}
smtp_password={password}
set_smtpport=1
smtp_port={port}
ssl_smtp={tls}
"""
FOLDERS = """<?xml version="1.0" encoding="UTF-8"?>
<folderlist>
 <folder type="mh" name="Mailbox" path="{}/Mail">
  <folderitem type="inbox" name="inbox" path="inbox"/>
  <folderitem type="outbox" name="sent" path="sent"/>
  <folderitem type="draft" name="draft" path="draft"/>
  <folderitem type="queue" name="queue" path="queue"/>
  <folderitem type="trash" name="trash" path="trash"/>
 </folder>
</folderlist>
"""
QUEUED = """S:{sender}
SSV:localhost
R:<{bob}>,<{carl}>,<{crm}>
AID:1

Date: Fri, 2 Jan 2026 09:00:00 +0100
Message-ID: <m1@acme.test>
From: Anna <{sender}>
To: {bob}
Cc: {carl}
Subject: Offer
MIME-Version: 1.0
Content-Type: text/plain; charset=US-ASCII

"""


if __name__ == "__main__":
    unittest.main()
