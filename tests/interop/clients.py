"""What the tests of single mail clients share: a route through Privet, the corpus, and the comparison behind it."""

import copies
import support


class ClientCase(support.Case):
    """A client implements send(privet, mode, sendings); everything else is the same for all of them."""

    def through(self, mode, upstream):
        """Sends the corpus to the listener `mode`; `upstream` is "embedded" or Postfix's mode."""
        sendings = [(message, number) for number, message in enumerate(support.corpus())]
        if upstream == "embedded":
            mailboxes, server = support.Mailboxes(self.folder / "mail"), copies.Embedded
            privet = support.Privet(self, support.embedded(mailboxes.folder))
        else:
            postfix = support.Postfix(self, support.all_recipients(len(sendings)))
            mailboxes, server = postfix.mailboxes, copies.Postfix
            privet = support.Privet(self, postfix.upstream(upstream))
        self.send(privet, mode, sendings)
        expected = copies.Expected(privet.config, support.corpus())
        copies.check_deliveries(self, privet, mailboxes, sendings, expected, server)

    def file(self, message, number):
        """The message in a file, for clients that read one."""
        path = self.folder / f"message-{number}.eml"
        path.write_bytes(message.content)
        return path


def recipients(message, number):
    people, crm = message.envelope(number)
    return people + crm
