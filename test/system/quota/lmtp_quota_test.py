# SPDX-License-Identifier: Apache-2.0
"""Quota over LMTP: replies by verdict, before and after the text; options that act at once; notices."""

import os
import smtplib
from pathlib import Path

from support import Instance, deliver, empty, message, notices, until


class Lmtp(smtplib.LMTP):
    """Replies as `452 4.2.2`."""

    def rcpt_reply(self, user: str, size: int = 0) -> str:
        self.ehlo_or_helo_if_needed()
        self.docmd("MAIL", f"FROM:<x@example.com>{f' SIZE={size}' if size else ''}")
        code, text = self.docmd("RCPT", f"TO:<{user}@test.example>")
        self.docmd("RSET")
        return f"{code} {text.decode()[:5]}"

    def data_reply(self, user: str, size: int) -> str:
        self.ehlo_or_helo_if_needed()
        self.docmd("MAIL", "FROM:<x@example.com>")
        code, text = self.docmd("RCPT", f"TO:<{user}@test.example>")
        if code == 250:
            assert self.docmd("DATA")[0] == 354
            self.send(message(size).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b".\r\n")
            code, text = self.getreply()
        else:
            self.docmd("RSET")
        return f"{code} {text.decode()[:5]}"


def option(instance: Instance, name: str, value: str) -> Lmtp:
    """A client of the workers that have it."""
    instance.run("msconfig", "set", name, value)
    instance.refresh()
    return connect(instance)


def connect(instance: Instance) -> Lmtp:
    return Lmtp("127.0.0.1", instance.port("lmtp", False), timeout=30)


def main() -> None:
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), {"log.level": "Information"}, services=["imap", "lmtp"])
    try:
        instance.add_users([(user, f"secret of {user}") for user in ("anna", "bert")])
        instance.run("msuser", "set", "anna", "quota=10k")
        instance.run("msuser", "set", "bert", "quota=10k")
        instance.start()
        client = connect(instance)
        assert client.data_reply("anna", 8000) == "250 2.0.0" or client.rcpt_reply("anna") == "250 2.1.5"
        assert client.rcpt_reply("anna", 5000) == "452 4.2.2", "what MAIL announces is judged at RCPT"
        assert client.rcpt_reply("anna", 500) == "250 2.1.5"
        assert client.data_reply("anna", 5000) == "452 4.2.2", "and what it did not, after the text"

        client = option(instance, "store.quotagraceperiod", "1s")
        until(lambda: client.data_reply("anna", 5000), "552 5.2.2")
        assert client.rcpt_reply("anna", 5000) == "552 5.2.2"
        assert deliver(instance, "anna", 5000) == 69, "stdin says the same"
        client = option(instance, "store.quotagraceperiod", "120h")
        until(lambda: client.data_reply("anna", 5000), "452 4.2.2")
        client = option(instance, "store.quotaenforcement", "no")
        until(lambda: client.rcpt_reply("anna", 5000), "250 2.1.5")
        client = option(instance, "store.quotaenforcement", "yes")
        until(lambda: client.rcpt_reply("anna", 5000), "452 4.2.2")

        # Notices, and the status that an overdraft leaves.
        option(instance, "store.quotanotification", "yes")
        client = option(instance, "store.overquotastatus", "yes")
        until(lambda: client.rcpt_reply("bert", 11000), "250 2.1.5")
        assert client.data_reply("bert", 11000)[:3] == "250"
        until(lambda: client.rcpt_reply("bert"), "452 4.2.2")
        assert client.rcpt_reply("bert") == "452 4.2.2"
        (notice,) = notices(instance, "bert")
        assert notice["Importance"] == "high", notice.as_string()
        empty(instance, "bert")
        assert client.rcpt_reply("bert") == "250 2.1.5"
        log = instance.log()
        assert "event=over-quota" in log and "event=under-quota" in log and "event=quota-notice" in log
        client.quit()
        assert "sound" in instance.run("mboxutil", "check").stdout.decode()
    finally:
        instance.stop()


main()
