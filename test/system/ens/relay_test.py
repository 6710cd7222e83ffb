# SPDX-License-Identifier: Apache-2.0
"""Several targets: other keys for the own service, and events that are passed on to another host's."""

import os
import signal
import unittest

from support import Client, family, publish, wait_for, worker_of


class Relay(unittest.TestCase):
    def test_events_are_passed_on_to_another_service(self):
        far = family({"ens.publish": "+127.0.0.1|255.255.255.255"})
        self.addCleanup(far.stop)
        near = family({"notifytarget:hub.enshost": "localhost",
                       "notifytarget:hub.ensport": far.options["ens.port"],
                       "notifytarget:hub.enseventkey": "enp://hub/%o/%M",
                       "notifytarget:hub.maxheadersize": "10",
                       "notifytarget:hub.readmsg.enable": "0",
                       "notifytarget:wide.enshost": "127.0.0.1",
                       "notifytarget:wide.ensport": far.options["ens.port"],
                       "notifytarget:wide.enseventkey": "enp://wide",
                       "notifytarget:wide.maxheadersize": "64k"})
        self.addCleanup(near.stop)
        wait_for(lambda: "ens-relay-up" in near.log(), "the services are connected")
        wait_for(lambda: near.log().count("ens-relay-up") == 2, "both targets are connected")
        there = Client(far).subscribe("form=text enp://hub")
        here = Client(near).subscribe("enp://127.0.0.1/store")
        json_there = Client(far).subscribe("enp://hub/anna1")
        publish(near, 4, "--accounts", "2", "--bytes", "100")
        self.assertEqual([there.event().split("?")[0] for _ in range(4)],
                         ["enp://hub/anna0/anna0", "enp://hub/anna1/anna1"] * 2)
        # Each target has its own share of the payload.
        self.assertEqual(json_there.event()["messageContent"], "h" * 10)
        self.assertNotIn("messageContent", here.event())
        wide = Client(far).subscribe("enp://wide")
        publish(near, 1, "--bytes", "65536")
        self.assertEqual(wide.event()["messageContent"], "h" * 65536)
        self.assertEqual(there.event().split("?")[0], "enp://hub/anna/anna")
        # What is passed on is not passed on again, and what publishers lost is told there, too.
        publish(near, 1, "--lost", "9")
        lost = wait_for(there.read, "the loss is told")
        self.assertEqual((lost["ens"], lost["count"], lost["where"]), ("lost", 9, "publisher"))
        # The far service dies: the near one comes back by itself, and says how many events it could not pass on.
        os.kill(worker_of(far)["pid"], signal.SIGKILL)
        wait_for(lambda: near.log().count("ens-relay-up") == 4, "connected again", 40)

    def test_a_service_that_does_not_let_us_publish_is_told_of(self):
        far = family()
        self.addCleanup(far.stop)
        near = family({"notifytarget:hub.enshost": "127.0.0.1", "notifytarget:hub.ensport": far.options["ens.port"]})
        self.addCleanup(near.stop)
        wait_for(lambda: "ens-relay-up" in near.log(), "the services are connected")
        publish(near, 1)
        wait_for(lambda: "ens.publish" in near.log(), "the refusal is in the log")

    def test_another_key_for_the_own_service(self):
        near = family({"notifytarget:calendar.enseventkey": "enp://calendar/%U"})
        self.addCleanup(near.stop)
        near.options["notifytarget:calendar.ensport"] = near.options["ens.port"]
        near.write_config()
        near.refresh()
        both = Client(near).subscribe("form=text enp://calendar enp://127.0.0.1")
        publish(near, 1)
        self.assertEqual(sorted(both.event().split("?")[0] for _ in range(2)),
                         ["enp://127.0.0.1/store", "enp://calendar/anna"])


if __name__ == "__main__":
    os.environ.pop("ENS_ACCESS", None)
    unittest.main()
