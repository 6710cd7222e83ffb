# SPDX-License-Identifier: Apache-2.0
"""Job threads come when there is work and go when there is none; they never pass maxthreads."""

import threading

import popload

MAXTHREADS = 24
CLIENTS = 60


def main() -> None:
    with popload.family({"pop.maxthreads": str(MAXTHREADS), "base.authcachesize": "0"}) as instance:
        worker = popload.popd(instance)
        popload.until(lambda: worker.threads() <= 2, 30, "quiet at the beginning")
        quiet = worker.threads()
        most = quiet
        failures = []

        def client() -> None:
            try:
                popload.Pop(instance).login().close()
            except Exception as error:  # reported below: a thread's exception would be lost
                failures.append(repr(error))

        clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
        for one in clients:
            one.start()
        while any(one.is_alive() for one in clients):
            most = max(most, worker.threads())
        for one in clients:
            one.join()
        assert not failures, failures[:3]
        calm = popload.until(lambda: worker.threads() <= quiet, 40, "threads retire")
        print(f"threads: {quiet} quiet, {most} at most with {CLIENTS} logins at once, back after {calm:.1f} s")
        assert most > quiet, "no thread was ever added"
        assert most <= MAXTHREADS + 1, "more threads than maxthreads and the loop's"


main()
