# SPDX-License-Identifier: Apache-2.0
"""A person with a browser sees mail: the login page, the list and a message, in headless Chromium, without scripts."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

from support import PASSWORD, family

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MESSAGE = (b"From: Bert <bert@test.example>\r\nTo: anna@test.example\r\nSubject: Meet <b>at</b> noon\r\n"
           b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@test.example>\r\n\r\nThe text & <i>nothing else</i>.\r\n")


class Page:
    """One page of a Chromium of our own, by its debugging pipe."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        to_us, theirs_out = os.pipe()
        theirs_in, to_them = os.pipe()
        # Chromium reads commands from 3 and writes to 4.
        command = f"exec {CHROMIUM} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-pipe " \
                  f"--user-data-dir={self.folder} about:blank 3<&{theirs_in} 4>&{theirs_out}"
        self.process = subprocess.Popen(["bash", "-c", command], pass_fds=(theirs_in, theirs_out),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.out = os.fdopen(to_them, "wb", buffering=0)
        self.lines = os.fdopen(to_us, "rb")
        self.number = 0
        self.session = ""
        target = next(t for t in self.say("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.say("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.say("Page.enable")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.out.close()
        self.lines.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self) -> dict:
        text = bytearray()
        while (octet := self.lines.read(1)) not in (b"\0", b""):
            text += octet
        if not text:
            raise AssertionError("Chromium ended")
        return json.loads(text)

    def say(self, method: str, **parameters):
        self.number += 1
        said = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            said["sessionId"] = self.session
        self.out.write(json.dumps(said).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def value(self, expression: str):
        return self.say("Runtime.evaluate", expression=expression).get("result", {}).get("value")

    def wait_for(self, expression: str):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.value(expression)
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"never: {expression}\n{self.value('document.documentElement.outerHTML')}")


@unittest.skipUnless(CHROMIUM, "SKIPPED: there is no chromium")
class Plain(unittest.TestCase):
    def test_login_list_message_logout(self):
        instance = family(["anna"], services=("imap", "http"))
        page = None
        try:
            instance.deliver("anna", MESSAGE)
            page = Page()
            page.say("Page.navigate", url=f"http://127.0.0.1:{instance.port('http', False)}/")
            page.wait_for("document.querySelector('#password') && document.readyState == 'complete'")
            page.value("document.querySelector('#user').value = 'anna'")
            page.value(f"document.querySelector('#password').value = {json.dumps(PASSWORD)}")
            page.value("document.querySelector('form').requestSubmit()")
            page.wait_for("!!document.querySelector('tbody a')")
            self.assertEqual(page.value("document.querySelector('tbody a').textContent"), "Meet <b>at</b> noon")
            self.assertIn("Bert", page.value("document.querySelector('tbody td').textContent"))
            self.assertGreaterEqual(page.value("document.querySelectorAll('nav li').length"), 1)
            page.value("document.querySelector('tbody a').click()")
            self.assertIn("The text & <i>nothing else</i>.", page.wait_for("document.querySelector('pre')?.textContent"))
            self.assertEqual(page.value("document.cookie"), "", "no script sees the session")
            page.value("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
            page.wait_for("!!document.querySelector('#password')")
        finally:
            if page:
                page.close()
            instance.stop()


if __name__ == "__main__":
    unittest.main()
