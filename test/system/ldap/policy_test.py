# SPDX-License-Identifier: Apache-2.0
"""OpenLDAP's password policy: locked, expired and to be changed, as reasons in the log and nowhere else."""

import sys

import support
from support import Slapd, accept, refuse, running

PEOPLE = "ou=People,o=example.com,o=mail"


def policy(name: str, *more: str) -> str:
    lines = "".join(f"{line}\n" for line in more)
    return (f"dn: cn={name},ou=Policies,o=mail\nobjectClass: organizationalRole\nobjectClass: pwdPolicy\ncn: {name}\n"
            f"pwdAttribute: userPassword\n{lines}\n")


def user(uid: str, policy_name: str, *more: str) -> str:
    lines = "".join(f"{line}\n" for line in more)
    return (f"dn: uid={uid},{PEOPLE}\nobjectClass: inetOrgPerson\nobjectClass: inetMailUser\nuid: {uid}\ncn: {uid}\nsn: {uid}\n"
            f"userPassword: secret-{uid}\npwdPolicySubentry: cn={policy_name},ou=Policies,o=mail\n{lines}\n")


LONG_AGO = "pwdChangedTime: 20200101000000Z"
server = Slapd("schema2", more=(
    "dn: ou=Policies,o=mail\nobjectClass: organizationalUnit\nou: Policies\n\n"
    + policy("strict", "pwdLockout: TRUE", "pwdMaxFailure: 2", "pwdMaxAge: 86400", "pwdMustChange: TRUE")
    + policy("graceful", "pwdMaxAge: 86400", "pwdGraceAuthNLimit: 2")
    + user("good", "strict") + user("guessed", "strict") + user("barred", "strict", "pwdAccountLockedTime: 000001010000Z")
    + user("aged", "strict", LONG_AGO) + user("given", "strict", "pwdReset: TRUE") + user("late", "graceful", LONG_AGO)))
instance = None


def policy_that_is_kept() -> None:
    accept(instance, "good", "secret-good", "good")
    accept(instance, "good", "secret-good", "good", service="imap")


def locked_by_wrong_passwords() -> None:
    for _ in range(2):
        refuse(instance, "guessed", "wrong", "bad-password")
    refuse(instance, "guessed", "wrong", "account-locked")
    refuse(instance, "guessed", "secret-guessed", "account-locked", service="imap")


def locked_by_an_administrator() -> None:
    refuse(instance, "barred", "secret-barred", "account-locked")
    refuse(instance, "barred", "wrong", "account-locked", service="imap")


def unlocked_again() -> None:
    server.set(f"uid=barred,{PEOPLE}", "pwdAccountLockedTime")
    accept(instance, "barred", "secret-barred", "barred")


def expired() -> None:
    refuse(instance, "aged", "secret-aged", "password-expired")
    refuse(instance, "aged", "secret-aged", "password-expired", service="imap")
    refuse(instance, "aged", "wrong", "bad-password")


def must_be_changed() -> None:
    refuse(instance, "given", "secret-given", "password-must-change")
    refuse(instance, "given", "secret-given", "password-must-change", service="imap")
    server.set(f"uid=given,{PEOPLE}", "pwdReset")
    accept(instance, "given", "secret-given", "given")


def grace_logins() -> None:
    """As many as the policy grants, each told to the operator; then no more."""
    since = support.mark(instance)
    accept(instance, "late", "secret-late", "late")
    accept(instance, "late", "secret-late", "late", service="imap")
    assert len(support.events(instance, since, "ldap-grace-login")) == 2, support.events(instance, since, "ldap-grace-login")
    refuse(instance, "late", "secret-late", "password-expired")


if __name__ == "__main__":
    with support.slapds(server), running([server]) as instance:
        status = support.main(policy_that_is_kept, locked_by_wrong_passwords, locked_by_an_administrator, unlocked_again,
                              expired, must_be_changed, grace_logins)
    sys.exit(status)
