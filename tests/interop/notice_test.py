"""The notices of tests/messages/notices (tests/mime/notice_test.cc holds that they are what is written) as Python's
email package reads them."""

import email
import email.policy
import unittest

from support import SOURCE

NOTICES = SOURCE / "tests" / "messages" / "notices"


def notice(name):
    content = (NOTICES / f"{name}.expected").read_bytes()
    return email.message_from_bytes(content, policy=email.policy.SMTPUTF8)


class Notices(unittest.TestCase):
    def test_are_reports_without_a_defect(self):
        names = sorted(path.stem for path in NOTICES.glob("*.expected"))
        self.assertEqual(names, ["expired", "international", "refused"])
        for name in names:
            with self.subTest(name):
                report = notice(name)
                self.assertEqual(report.get_content_type(), "multipart/report")
                self.assertEqual(report.get_param("report-type"), "delivery-status")
                self.assertEqual([part.defects for part in report.walk()], [[]] * len(list(report.walk())))
                # Python's email package knows no raw UTF-8 in a header that comes as bytes (RFC 6532).
                defective = [field for field, value in report.items() if value.defects]
                self.assertEqual(defective, ["To"] if name == "international" else [])
                types = [part.get_content_type() for part in report.get_payload()]
                self.assertEqual(types, ["text/plain", "message/delivery-status", "text/rfc822-headers"])
                self.assertEqual(report["auto-submitted"], "auto-replied")
                self.assertEqual(report["in-reply-to"], "<m1@acme.test>")

    def test_tell_machines_what_happened(self):
        for name, status, recipient in (
                ("refused", "5.1.1", "rfc822; acme@pipedrivemail.com"),
                ("expired", "4.4.7", "rfc822; acme@pipedrivemail.com"),
                ("international", "5.1.1", r"utf-8; acme\x{2B}\x{1F600}@pipedrivemail.com")):
            with self.subTest(name):
                message, one = notice(name).get_payload(1).get_payload()
                self.assertEqual(message["reporting-mta"], "dns; mx.acme.test")
                self.assertEqual((one["action"], one["status"]), ("failed", status))
                self.assertEqual(one["final-recipient"], recipient)

    def test_tell_people_in_their_own_letters(self):
        report = notice("international")
        to = report["to"].addresses[0].addr_spec.encode("utf-8", "surrogateescape")
        self.assertEqual(to.decode(), "zoë@straße.test")
        text = report.get_payload(0).get_content()
        self.assertIn("  Subject:  Grüße\n", text.replace("\r\n", "\n"))
        quoted = report.get_payload(2).get_payload(decode=True)
        self.assertEqual(quoted, b"Message-ID: <m1@acme.test>\r\nSubject: Gr\xfc\xdfe\r\n"
                                 b"From: =?utf-8?q?Zo=C3=AB?= <zoe@acme.test>\r\n")

    def test_may_come_from_the_sender(self):
        report = notice("expired")
        self.assertEqual(report["from"].addresses[0].addr_spec, report["to"].addresses[0].addr_spec)


if __name__ == "__main__":
    unittest.main()
