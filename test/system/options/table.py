# SPDX-License-Identifier: Apache-2.0
"""Every option: what it is changed to, and how the change is seen. Options of one `wave` are changed together; those
that would hide each other's effects are in different ones."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from effects import (accepts_on, append_limit, bad_commands, capability, certificate, event, failed_login_takes, file_in,
                     folders_of_new_user, greeting, http_status, idle_stranger, imap_login, lmtp_answer, lmtp_detail,
                     lmtp_recipients, lmtp_size, log_looks_like, logins_in_clear, logs_of, long_line, offers_starttls,
                     password_hash, pop_capability, proxy_login, quota_limit, session_outlives_refresh, tls12,
                     two_pop_logins, two_sessions, unix_socket, workers)
from world import SERVICES, USER

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

from ports import free_port  # noqa: E402  (found by the line above)


@dataclass(frozen=True)
class Row:
    value: str
    look: Callable | None = None  # what a client sees; differs before and after
    wave: str = "first"
    also: dict[str, str] = field(default_factory=dict)  # what must be set beside it to be legal or visible
    shown_by: str = ""   # another test that shows the effect; it names the option, or this row of another service
    there_as: str = ""   # the word for it in that test
    applied: bool = True  # False: the running family is not given it (it would move the instance itself)


TABLE: dict[str, Row] = {}

MAIL = ("pop", "imap", "lmtp")
DAEMONS = {"pop": "popd", "imap": "imapd", "http": "mshttpd", "lmtp": "deliver", "ens": "enpd"}


def every(services, name: str, make) -> None:
    for service in services:
        TABLE[f"{service}.{name}"] = make(service)


def port_row(service: str, tls: bool) -> Row:
    port = free_port()
    return Row(str(port), accepts_on(service, "127.0.0.1", port), also={f"{service}.enablesslport": "yes"} if tls else {})


# ---- what all services have

PROXIES = {"base.trustedproxies": "127.0.0.1"}

every(SERVICES, "enable", lambda s: Row("no", applied=False, shown_by="test/system/config/shell_test.py"))
every(SERVICES, "port", lambda s: port_row(s, False))
every(SERVICES, "sslport", lambda s: port_row(s, True))
every(SERVICES, "listenaddr", lambda s: Row("127.0.0.1 127.0.0.2", accepts_on(s, "127.0.0.2"), wave="addresses"))
every(SERVICES, "enablesslport", lambda s: Row("no", certificate(s), wave="no TLS port"))
every(SERVICES, "sslnicknames", lambda s: Row("other", certificate(s)))
every(MAIL, "sslusessl", lambda s: Row("no", offers_starttls(s), wave="no TLS", also={f"{s}.enablesslport": "no"}))
TABLE["http.sslusessl"] = Row("no", wave="no TLS", also={"http.enablesslport": "no"}, shown_by="test/system/http/service_test.py")
TABLE["ens.sslusessl"] = Row("no", wave="no TLS", also={"ens.enablesslport": "no"}, shown_by="test/system/pop/tls_test.py")
every(("pop", "imap", "lmtp"), "proxyprotocol", lambda s: Row("yes", greeting(s), wave="proxies", also=PROXIES))
TABLE["http.proxyprotocol"] = Row("yes", http_status("GET / HTTP/1.0", "\r\n"), wave="proxies", also=PROXIES)
every(("pop", "imap"), "plaintextmincipher", lambda s: Row("1", logins_in_clear(s), wave="ciphers"))
TABLE["lmtp.plaintextmincipher"] = Row("1")
TABLE["http.plaintextmincipher"] = Row("1", shown_by="test/system/http/login_test.py")
every(("pop", "imap", "lmtp", "ens"), "maxsessions", lambda s: Row("1", two_sessions(s), wave="one session"))
TABLE["http.maxsessions"] = Row("1", wave="one session", shown_by="test/system/http/limits_test.py")
every(("pop", "imap", "lmtp"), "maxthreads", lambda s: Row("17", shown_by="test/system/load/pool.py"))
TABLE["http.maxthreads"] = Row("17", shown_by="test/system/http/service_test.py")
every(("pop", "imap", "http", "lmtp"), "numprocesses", lambda s: Row("2", workers(s), wave="two workers"))
every(SERVICES, "idletimeout", lambda s: Row("45m", shown_by=f"test/system/{'http' if s == 'http' else 'load'}/idle.py"))
every(("pop", "imap", "lmtp"), "maxunauthsessions", lambda s: Row("1", two_sessions(s), wave="one stranger"))
TABLE["http.maxunauthsessions"] = Row("1", wave="one stranger", shown_by="test/system/http/service_test.py")
every(("pop", "imap", "lmtp", "ens"), "connlimits",
      lambda s: Row("127.0.0.1|255.255.255.255:1", two_sessions(s), wave="one of an address"))
TABLE["http.connlimits"] = Row("127.0.0.1|255.255.255.255:1", wave="one of an address",
                               shown_by="test/system/http/service_test.py")
every(("pop", "imap", "lmtp"), "maxbadcommands", lambda s: Row("3", bad_commands(s)))
TABLE["http.maxbadcommands"] = Row("3", shown_by="test/system/http/limits_test.py")
TABLE["ens.maxbadcommands"] = Row("3", shown_by="test/system/ens/protocol_test.py")
every(("pop", "imap", "lmtp"), "maxlinelength", lambda s: Row("1024", long_line(s, 2000), wave="lines"))
TABLE["http.maxlinelength"] = Row("1024", http_status("GET / HTTP/1.0", f"X-Long: {'x' * 3000}\r\n\r\n"), wave="lines")
TABLE["ens.maxlinelength"] = Row("2048", wave="lines", shown_by="test/system/ens/protocol_test.py")
every(("pop", "imap", "http", "lmtp"), "domainallowed", lambda s: Row("ALL:ALL"))
every(("pop", "imap", "http", "lmtp"), "domainnotallowed", lambda s: Row("ALL:ALL"))
every(("pop", "imap", "lmtp"), "allowanonymouslogin", lambda s: Row("yes"))
TABLE["http.allowanonymouslogin"] = Row("yes", shown_by="test/system/http/throttle_test.py")
every(("pop", "imap"), "logfile.loglevel", lambda s: Row("Nolog", logs_of(s, f"process={DAEMONS[s]}"), wave="levels"))
every(("http", "lmtp", "ens"), "logfile.loglevel", lambda s: Row("Nolog", shown_by="test/system/options/table.py",
                                                                 there_as='"logfile.loglevel"', wave="levels"))
every(("pop", "imap"), "logfile.logdir",
      lambda s: Row(f"logs of {s}", file_in(f"logs of {s}"), wave="own logs", also={"log.target": "file"}))
every(("http", "lmtp", "ens"), "logfile.logdir", lambda s: Row(f"logs of {s}", wave="own logs", also={"log.target": "file"},
                                                               shown_by="test/system/options/table.py",
                                                               there_as='"logfile.logdir"'))

# ---- pop

every(("pop", "imap"), "banner", lambda s: Row("changed while it runs", greeting(s)))
TABLE["pop.popminpoll"] = Row("100", pop_capability("LOGIN-DELAY"), wave="polls")
TABLE["pop.lockmailbox"] = Row("yes", two_pop_logins, wave="locks")
TABLE["pop.expire"] = Row("30", pop_capability("EXPIRE"))

# ---- imap

ATOMS = {"literal": "LITERAL+", "sasl_ir": "SASL-IR", "special_use": "SPECIAL-USE", "list_extended": "LIST-EXTENDED",
         "list_status": "LIST-STATUS", "status_size": "STATUS=SIZE"}
for _name in ("acl binary catenate children compress condstore context enable esearch i18nlevel id idle imap4rev2 "
              "inprogress jmapaccess language list_extended list_status literal metadata move multiappend multisearch namespace "
              "notify objectid partial preview qresync quota replace sasl_ir savedate searchres sort special_use "
              "starttls status_size thread uidplus unselect utf8_accept within").split():
    TABLE[f"imap.capability.{_name}"] = Row("no", capability(ATOMS.get(_name, _name.upper())), wave="capabilities")

TABLE["imap.capability.unauthenticate"] = Row("no", wave="capabilities",
                                              shown_by="test/system/imap/unauthenticate_test.py")

TABLE["imap.jmapurl"] = Row("https://mail.example/.well-known/jmap", shown_by="test/script/imap/getjmapaccess.imt")

# ---- http

WEB = "test/system/http/"
TABLE |= {
    "http.sessiontimeout": Row("1h", shown_by=WEB + "minutes_test.py"),
    "http.maxwebsessions": Row("1000", shown_by=WEB + "sessions_test.py"),
    "http.ipsecurity": Row("no", shown_by=WEB + "minutes_test.py"),
    "http.maxbackendconnections": Row("5", shown_by=WEB + "backend_test.py"),
    "http.cookiename": Row("other", shown_by=WEB + "sessions_test.py"),
    "http.allowadminproxy": Row("yes", shown_by=WEB + "login_test.py"),
    "http.sslclientca": Row("../tls/main.crt", shown_by=WEB + "certificate_test.py"),
    "http.spooldir": Row("spool/elsewhere", shown_by=WEB + "upload_test.py"),
    "http.spoolquota": Row("1M", shown_by=WEB + "upload_test.py"),
    "http.spoolsize": Row("1G", shown_by=WEB + "upload_test.py"),
    "http.spoolttl": Row("2h", shown_by=WEB + "minutes_test.py"),
    "http.maxmessagesize": Row("1M", shown_by=WEB + "upload_test.py"),
    "http.maxpostsize": Row("1M", shown_by=WEB + "limits_test.py"),
    "http.gzip.static": Row("no", shown_by=WEB + "pages_test.py"),
    "http.gzip.dynamic": Row("no", shown_by=WEB + "pages_test.py"),
    "http.webdir": Row("web", shown_by=WEB + "pages_test.py"),
    "http.smtphost": Row("smtp.test.example", shown_by=WEB + "smtp_options_test.py"),
    "http.smtpport": Row("2525", shown_by=WEB + "smtp_options_test.py"),
    "http.smtpauthuser": Row("web", also={"http.smtpauthpassword": "x"}, shown_by=WEB + "smtp_options_test.py"),
    "http.smtpauthpassword": Row("secret", also={"http.smtpauthuser": "web"}, shown_by=WEB + "smtp_options_test.py"),
    "http.smtplmtp": Row("yes", shown_by=WEB + "smtp_options_test.py"),
    "http.smtptls": Row("required", shown_by=WEB + "smtp_options_test.py"),
    "http.smtptlsca": Row("../tls/main.crt", shown_by=WEB + "smtp_options_test.py"),
    "http.proxydomainallowed": Row("ALL:ALL"),
}

# ---- lmtp

TABLE |= {
    "lmtp.clients": Row("10.0.0.0/8", greeting("lmtp"), wave="strangers"),
    "lmtp.socket": Row("lmtp.sock", unix_socket("data/lmtp.sock")),
    "lmtp.socketmode": Row("0660", unix_socket("data/lmtp.sock"), also={"lmtp.socket": "lmtp.sock"}),
    "lmtp.maxrecipients": Row("100", lmtp_recipients),
    "lmtp.maxparallel": Row("3", shown_by="test/unit/deliver/lmtp/limits_test.cc", there_as="maxparallel"),
    "lmtp.maxmessagesize": Row("1000000", lmtp_size),
    "lmtp.subaddressing": Row("=", lmtp_detail("=")),
    "lmtp.maxhops": Row("25", lmtp_answer("\r\n".join(["Received: by a.example; Sat, 21 Nov 2026 10:00:00 +0000"] * 30))),
    "lmtp.checkdeliveredto": Row("no", lmtp_answer(f"Delivered-To: {USER}@test.example")),
}

# ---- logins

LDAP = "test/system/ldap/"
TABLE |= {
    "auth.directory": Row("ldap", wave="directory", also={"base.ugldaphost": "127.0.0.1:1", "base.ugldapbasedn": "o=x"},
                          look=imap_login(USER), shown_by=LDAP + "support.py"),
    "auth.userfile": Row("other-users", imap_login(USER), wave="user file"),
    "auth.mech_list": Row("PLAIN LOGIN", capability("AUTH=LOGIN")),
    "auth.passwordscheme": Row("sha512crypt", password_hash, wave="hashes"),
    "auth.passwordcost": Row("2000", password_hash, wave="costs"),
    "auth.failuredelay": Row("1s", failed_login_takes, wave="delays"),
    "auth.failuredelaymax": Row("3s", failed_login_takes, wave="long delays", also={"auth.failuredelay": "3s"}),
    "auth.searchfilter": Row("(uid=%U)", shown_by=LDAP + "search_test.py"),
    "auth.searchfordomain": Row("no", shown_by=LDAP + "search_test.py"),
    "auth.ldapschema": Row("1", shown_by=LDAP + "support.py"),
    "auth.ldappoolsize": Row("3", shown_by=LDAP + "hosts_test.py"),
    "auth.ldaptimeout": Row("1s", shown_by="test/unit/auth/ldap/settings_test.cc"),
    "auth.ldapidletimeout": Row("10s", shown_by="test/unit/auth/ldap/settings_test.cc"),
    "base.loginseparator": Row("@+", imap_login(f"{USER}+test.example")),
    "base.defaultdomain": Row("other.example", imap_login(f"{USER}@other.example"), wave="domains"),
    "base.authcachesize": Row("7", shown_by=LDAP + "cache_test.py"),
    "base.authcachettl": Row("70s", shown_by=LDAP + "cache_test.py"),
    "base.trustedproxies": Row("127.0.0.8", shown_by="test/system/pop/limits_test.py"),
    "base.unauthtimeout": Row("1s", idle_stranger, wave="strangers"),
    "base.proxyadmin": Row("bert", proxy_login("bert", USER), also={"base.proxyadminpass": "x"}),
    "base.proxyadminpass": Row("secret", also={"base.proxyadmin": "bert"}, shown_by=WEB + "backend_test.py"),
    "base.proxyimapport": Row("1143", shown_by=WEB + "backend_test.py"),
    "base.proxyimapssl": Row("yes", wave="TLS to stores", shown_by=WEB + "backend_test.py"),
    "base.proxyimapcafile": Row("../tls/main.crt", shown_by=WEB + "backend_test.py"),
    "proxy:back.imapadmin": Row("bert", also={"proxy:back.imapadminpass": "x"}, shown_by=WEB + "backend_test.py"),
    "proxy:back.imapadminpass": Row("secret", also={"proxy:back.imapadmin": "bert"}, shown_by=WEB + "backend_test.py"),
    "proxy:back.imapport": Row("1143", shown_by=WEB + "backend_test.py"),
    "proxy:back.imapssl": Row("yes", wave="TLS to stores", shown_by=WEB + "backend_test.py"),
    "proxy:back.imaphost": Row("127.0.0.9", shown_by=WEB + "backend_test.py"),
    "proxy:back.ensport": Row("7990", shown_by="test/unit/mshttpd/backend/push_test.cc"),
    "base.ugldaphost": Row("127.0.0.1:1", shown_by=LDAP + "support.py"),
    "base.ugldapport": Row("1389", shown_by="test/unit/auth/ldap/settings_test.cc", there_as="ugldapport"),
    "base.ugldapusessl": Row("yes", shown_by=LDAP + "tls_test.py"),
    "base.ugldapstarttls": Row("yes", wave="StartTLS", shown_by=LDAP + "tls_test.py"),
    "base.ugldapcafile": Row("tls/main.crt", wave="StartTLS", shown_by=LDAP + "tls_test.py"),
    "base.ldapcheckcert": Row("no", shown_by=LDAP + "tls_test.py"),
    "base.ugldapbasedn": Row("o=elsewhere", shown_by=LDAP + "support.py"),
    "base.dcroot": Row("o=elsewhere", shown_by=LDAP + "schema1_test.py", there_as="o=internet"),
    "base.ugldapbinddn": Row("cn=reader", also={"base.ugldapbindcred": "x"}, shown_by=LDAP + "support.py"),
    "base.ugldapbindcred": Row("secret", also={"base.ugldapbinddn": "cn=reader"}, shown_by=LDAP + "support.py"),
}

# ---- the rest of base, server, tls

FAMILY = "test/system/family/"
MASTER = "test/system/master/"
TABLE |= {
    "server.directory": Row("elsewhere", applied=False, shown_by="test/support/instance.py"),
    "server.rundir": Row("elsewhere", applied=False, shown_by=MASTER + "folders_test.py"),
    "server.user": Row("daemon", applied=False, shown_by="test/support/instance.py"),
    "server.programdir": Row("elsewhere", applied=False, shown_by=MASTER + "folders_test.py"),
    "base.listenaddr": Row("127.0.0.1 127.0.0.4", accepts_on("pop", "127.0.0.4"), wave="base addresses"),
    "base.hostname": Row("renamed.test.example", greeting("pop")),
    "base.draintimeout": Row("1s", session_outlives_refresh, wave="drains"),
    "base.stoptimeout": Row("3s", shown_by="test/support/instance.py"),
    "base.watchdog": Row("77s", shown_by=FAMILY + "deaths_test.py"),
    "base.autorestart": Row("no", shown_by=MASTER + "settings_test.py"),
    "base.tlsminversion": Row("1.3", tls12("imap")),
    "base.metricsport": Row("9090"),
    "tls:main.cert": Row("other.crt", applied=False, shown_by=FAMILY + "handover_test.py"),
    "tls:main.key": Row("other.key", applied=False, shown_by="test/support/instance.py"),
}

# ---- store

QUOTA = "test/system/quota/quota_test.py"
TABLE |= {
    "store.path": Row("elsewhere", applied=False, shown_by="test/system/store/deliver_test.py"),
    "partition:second.path": Row("second", applied=False, shown_by="test/system/store/deliver_test.py"),
    "store.defaultpartition": Row("second", also={"partition:second.path": "second"}, wave="partitions",
                                  shown_by="test/system/store/deliver_test.py"),
    "store.admins": Row(USER, proxy_login(USER, "bert")),
    "store.defaultmailboxquota": Row("50M", quota_limit("STORAGE")),
    "store.defaultmessagequota": Row("5000", quota_limit("MESSAGE")),
    "store.quotaenforcement": Row("no", shown_by="test/script/imap/quota_soft.imt"),
    "store.quotawarn": Row("50", shown_by="test/script/imap/quota_alert.imt"),
    "store.quotagraceperiod": Row("1h", shown_by=QUOTA),
    "store.quotaoverdraft": Row("yes", shown_by=QUOTA),
    "store.overquotastatus": Row("yes", shown_by=QUOTA),
    "store.quotanotification": Row("yes", shown_by=QUOTA),
    "store.quotaexceededmsg": Row("Subject: full$$", shown_by=QUOTA),
    "store.quotaexceededmsginterval": Row("1d", shown_by="test/unit/store/configure_test.cc",
                                          there_as="quotaexceededmsginterval"),
    "store.defaultfolders": Row("no", folders_of_new_user, wave="folders"),
    "store.defaultfoldernames": Row("Papierkorb=\\Trash", folders_of_new_user, wave="folder names"),
    "store.flagsync": Row("1s", shown_by="test/unit/store/configure_test.cc"),
    "store.maxmessagesize": Row("1M", append_limit, wave="sizes"),
    "store.maxannotationsize": Row("1k", shown_by="test/script/imap/metadata_limits.imt"),
    "store.maxannotations": Row("10", shown_by="test/script/imap/metadata_limits.imt"),
    "store.maxannotationtotal": Row("10k", shown_by="test/script/imap/metadata_limits.imt"),
}

# ---- logs

TABLE |= {
    "log.level": Row("Nolog", logs_of("pop", "process=popd"), wave="level"),
    "log.format": Row("json", log_looks_like("{"), wave="format"),
    "log.target": Row("file", file_in("log"), wave="target"),
    "log.directory": Row("other logs", file_in("other logs"), wave="log folder", also={"log.target": "file"}),
}

# ---- events

ENS = "test/system/ens/"
NEWS = "test/system/events/news_test.py"
TABLE |= {
    "ens.access": Row("+127.0.0.2|255.255.255.255", greeting("ens"), wave="event access"),
    "ens.publish": Row("+127.0.0.1|255.255.255.255", shown_by=ENS + "publish_test.py"),
    "ens.maxsubscriptions": Row("7", shown_by=ENS + "protocol_test.py"),
    "ens.maxqueue": Row("70", shown_by=ENS + "slow_test.py"),
    "ens.maxqueuebytes": Row("70k", shown_by=ENS + "slow_test.py"),
    "ens.pinginterval": Row("70s", shown_by=ENS + "protocol_test.py"),
    "ens.noneinbox.enable": Row("no", capability("IDLE"), wave="inbox only"),
    "ens.notifyplugin": Row("libibiff", shown_by="test/system/config/import_test.py"),
    "notifytarget:one.enshost": Row("127.0.0.1", shown_by=ENS + "relay_test.py"),
    "notifytarget:one.ensport": Row("7000", shown_by=ENS + "relay_test.py"),
    "notifytarget:one.enseventkey": Row("enp://other/store", shown_by=NEWS),
    "notifytarget:one.noneinbox.enable": Row("no", shown_by=NEWS),
    "notifytarget:one.maxheadersize": Row("100", shown_by=NEWS),
    "notifytarget:one.maxbodysize": Row("100", shown_by=NEWS),
}
for _name in ("annotatemsg changeflag copymsg deletemsg expungemsg loguser msgflags newmsg overquota purgemsg readmsg "
              "trashmsg underquota updatemsg").split():
    TABLE[f"notifytarget:ms-internal.{_name}.enable"] = Row("no", wave="events", shown_by="test/unit/events/targets_test.cc",
                                                            there_as=f'"{_name}"')
for _name, _kind in (("changeflag", "ChangeFlag"), ("copymsg", "CopyMsg"), ("deletemsg", "DeleteMsg"),
                     ("expungemsg", "ExpungeMsg"), ("loguser", "Login"), ("msgflags", "MsgFlags"), ("newmsg", "NewMsg"),
                     ("overquota", "OverQuota"), ("readmsg", "ReadMsg"), ("trashmsg", "TrashMsg"),
                     ("underquota", "UnderQuota"), ("updatemsg", "UpdateMsg")):
    TABLE[f"notifytarget:ms-internal.{_name}.enable"] = Row("no", event(_kind), wave="events")
