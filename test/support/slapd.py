# SPDX-License-Identifier: Apache-2.0
"""Real OpenLDAP servers for tests: unprivileged, on loopback and free ports, with our schema and sample trees, TLS of a
CA that the test makes, and the password policy overlay."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ports import free_port

PROGRAM = "/usr/sbin/slapd"
MODULES = "/usr/lib/ldap"
SCHEMA = "/etc/ldap/schema"
SOURCE = Path(os.environ["POSTHORN_SOURCE"])
SAMPLES = {"schema1": "sample-schema1.ldif", "schema2": "sample-schema2.ldif"}
BASES = {"schema1": "o=usergroup", "schema2": "o=mail"}
ROOT, ROOT_PASSWORD = "cn=config", "test-root"
SEARCHER, SEARCHER_PASSWORD = "cn=posthorn,{base}", "secret-search"
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def unavailable() -> str | None:
    """Why no slapd can be started here, if so."""
    for needed in (PROGRAM, MODULES + "/back_mdb.so", MODULES + "/ppolicy.so", SCHEMA + "/inetorgperson.ldif"):
        if not os.path.exists(needed):
            return f"{needed} is missing: install slapd"
    return None if shutil.which("ldapmodify") else "ldapmodify is missing: install ldap-utils"


# ---- certificates

@dataclass(frozen=True)
class Pair:
    certificate: Path
    key: Path


class Authority:
    """A CA in a folder, and the certificates that it gives."""

    def __init__(self, folder: Path, name: str = "ca"):
        self.folder = folder / name
        self.folder.mkdir()
        self.certificate = self.folder / "ca.crt"
        self._openssl("req", "-x509", *self._new_key("ca.key"), "-days", "30", "-out", "ca.crt", "-subj",
                      f"/CN=Test authority {name}", "-addext", "basicConstraints=critical,CA:TRUE",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        (self.folder / "index.txt").touch()
        (self.folder / "ca.conf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndir=.\ndatabase=index.txt\nnew_certs_dir=.\ncertificate=ca.crt\n"
            "private_key=ca.key\ndefault_md=sha256\nrand_serial=yes\nunique_subject=no\ncopy_extensions=copy\n"
            "policy=p\n[p]\ncommonName=supplied\n")

    @staticmethod
    def _new_key(name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name]

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, **QUIET)

    def issue(self, name: str, names: str, expired: bool = False) -> Pair:
        """`names` as openssl writes them: DNS:localhost,IP:127.0.0.1."""
        self._openssl("req", *self._new_key(f"{name}.key"), "-out", f"{name}.csr", "-subj", f"/CN={name}",
                      "-addext", f"subjectAltName={names}")
        span = ("20200101000000Z", "20200201000000Z") if expired else ("20200101000000Z", "20491231000000Z")
        self._openssl("ca", "-batch", "-config", "ca.conf", "-notext", "-in", f"{name}.csr", "-out", f"{name}.crt",
                      "-startdate", span[0], "-enddate", span[1])
        for suffix in ("crt", "key"):
            (self.folder / f"{name}.{suffix}").chmod(0o644)
        return Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")


GOOD_NAMES = "DNS:localhost,IP:127.0.0.1"


# ---- servers

def _runs_as() -> dict:
    """A server of root's test runs as nobody."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


class Slapd:
    """One server with its own data. `tree` is "schema1" or "schema2"; `more` is LDIF that is loaded behind the sample,
    operational attributes too; a bare one has neither our schema nor data. It keeps its ports and data over stop(),
    kill() and start()."""

    def __init__(self, tree: str = "schema2", more: str = "", pair: Pair | None = None, bare: bool = False):
        self.base = BASES[tree]
        self.directory = Path(tempfile.mkdtemp(prefix="posthorn-slapd-", dir=os.environ.get("TMPDIR")))
        self.directory.chmod(0o755)
        self.port, self.tls_port = free_port(), free_port()
        self._process: subprocess.Popen | None = None
        self._log = self.directory / "log"
        # A copy: a profile that confines the system's own slapd to its folders does not hold for it.
        self._program = self.directory / "slapd"
        shutil.copy2(PROGRAM, self._program)
        suffixes = [] if bare else [self.base] + (["o=internet"] if tree == "schema1" else [])
        self._write(suffixes, pair)
        for suffix in suffixes:
            self._load(suffix, self._entries(tree, suffix) + (more if suffix == self.base else ""))

    def _write(self, suffixes: list[str], pair: Pair | None) -> None:
        for name in ("config", *suffixes):
            self.add_folder(name)
        ours = [self._readable(SOURCE / "etc/ldap/posthorn-schema.ldif")] if suffixes else []
        text = [
            f"dn: cn=config\nobjectClass: olcGlobal\ncn: config\nolcPidFile: {self.directory}/config/pid\n"
            "olcSizeLimit: 500\nolcIdleTimeout: 0\n"
            + (f"olcTLSCertificateFile: {pair.certificate}\nolcTLSCertificateKeyFile: {pair.key}\n" if pair else ""),
            f"dn: cn=module,cn=config\nobjectClass: olcModuleList\ncn: module\nolcModulePath: {MODULES}\n"
            "olcModuleLoad: back_mdb\nolcModuleLoad: ppolicy\n",
            "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n",
            *(f"include: file://{file}\n" for file in (
                f"{SCHEMA}/core.ldif", f"{SCHEMA}/cosine.ldif", f"{SCHEMA}/inetorgperson.ldif", *ours)),
            f"dn: olcDatabase=config,cn=config\nobjectClass: olcDatabaseConfig\nolcDatabase: config\n"
            f"olcRootDN: {ROOT}\nolcRootPW: {ROOT_PASSWORD}\n",
            *(self._database(number, suffix) for number, suffix in enumerate(suffixes, 1))]
        self._add("0", "\n".join(text))

    def _readable(self, file: Path) -> Path:
        """A copy: the server's user may not be able to enter the tree."""
        copy = self.directory / file.name
        shutil.copyfile(file, copy)
        copy.chmod(0o644)
        return copy

    def add_folder(self, name: str) -> None:
        """A folder beside its data, for one more database."""
        (self.directory / name).mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.directory / name, "nobody", "nogroup")

    def _database(self, number: int, suffix: str) -> str:
        searcher = SEARCHER.format(base=self.base)
        # mdb's map is a sparse file; nothing is synced, because what is lost with a killed server is written anew.
        return (f"dn: olcDatabase={{{number}}}mdb,cn=config\nobjectClass: olcMdbConfig\nolcDatabase: {{{number}}}mdb\n"
                f"olcSuffix: {suffix}\nolcDbDirectory: {self.directory}/{suffix}\nolcRootDN: {ROOT}\n"
                "olcDbMaxSize: 67108864\nolcDbNoSync: TRUE\nolcDbIndex: objectClass eq\nolcDbIndex: uid eq\n"
                "olcAccess: to attrs=userPassword by self write by anonymous auth by * none\n"
                f"olcAccess: to * by dn.exact={searcher} read by self read by * none\n\n"
                f"dn: olcOverlay=ppolicy,olcDatabase={{{number}}}mdb,cn=config\nobjectClass: olcPPolicyConfig\n"
                "olcOverlay: ppolicy\nolcPPolicyUseLockout: TRUE\n")

    def _entries(self, tree: str, suffix: str) -> str:
        text = (SOURCE / "etc/ldap" / SAMPLES[tree]).read_text()
        entries = [e for e in re.split(r"\n\n+", text) if f"{suffix}\n" in e[e.index("dn: "):].split("\n", 1)[0] + "\n"]
        return "\n\n".join(entries) + "\n\n"

    def _add(self, database: str, ldif: str) -> None:
        file = self.directory / "load.ldif"
        file.write_text(ldif)
        file.chmod(0o644)
        which = ["-n", database] if database.isdigit() else ["-b", database]
        done = subprocess.run([str(self._program), "-Tadd", "-q", *which, "-F", str(self.directory / "config"),
                               "-l", str(file)], capture_output=True, text=True, check=False, **_runs_as())
        if done.returncode != 0:
            raise RuntimeError(f"slapadd {database}: {done.stderr}")

    def _load(self, suffix: str, ldif: str) -> None:
        self._add(suffix, ldif)

    # ---- the process

    def start(self) -> None:
        assert self._process is None
        listens = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), "-F", str(self.directory / "config"), "-h", listens, "-d", "stats"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_runs_as())
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"slapd does not start:\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        """It has bound its port and speaks: slapd listens before it serves."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                probe.sendall(bytes.fromhex("300c020101600702010304008000"))  # an anonymous bind
                return bool(probe.recv(1))
        except OSError:
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Ends it and removes its data."""
        self.kill()
        if not os.environ.get("POSTHORN_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    # ---- what it holds and what it saw

    def modify(self, ldif: str, add: bool = False, who: tuple[str, str] = (ROOT, ROOT_PASSWORD)) -> None:
        """Changes as ldapmodify takes them ("changetype: add" for new entries), or entries as ldapadd does."""
        relaxed = [] if add else ["-e", "!relax"]  # operational attributes too
        done = subprocess.run(
            ["ldapadd" if add else "ldapmodify", "-x", *relaxed, "-H", f"ldap://127.0.0.1:{self.port}/",
             "-D", who[0], "-w", who[1]],
            input=ldif, capture_output=True, text=True, check=False, timeout=20)
        if done.returncode != 0:
            raise RuntimeError(f"ldapmodify: {done.stderr}\n{ldif}")

    def set(self, dn: str, attribute: str, *values: str) -> None:
        """Replaces an attribute; without values it goes."""
        lines = "".join(f"{attribute}: {value}\n" for value in values)
        self.modify(f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{lines}")

    def certify(self, pair: Pair) -> None:
        """Another certificate, from the next connection on."""
        self.modify("dn: cn=config\nchangetype: modify\n"
                    f"replace: olcTLSCertificateFile\nolcTLSCertificateFile: {pair.certificate}\n-\n"
                    f"replace: olcTLSCertificateKeyFile\nolcTLSCertificateKeyFile: {pair.key}\n")

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def mark(self) -> int:
        """A place in the log, for lines()."""
        return self._log.stat().st_size

    def lines(self, pattern: str, since: int = 0) -> list[str]:
        text = self._log.read_bytes()[since:].decode(errors="replace")
        return [line for line in text.splitlines() if re.search(pattern, line)]

    def binds(self, since: int = 0) -> list[str]:
        """The names of simple binds that were tried; a name stands twice for one that was good."""
        return [m.group(1) for line in self.lines(r" BIND ", since) if (m := re.search(r'BIND dn="([^"]*)" method=', line))]

    def searches(self, since: int = 0) -> list[str]:
        return self.lines(r" SRCH base=", since)

    def connections(self) -> int:
        """How many are open now."""
        return len(self.lines(r" ACCEPT from ")) - len(self.lines(r" fd=\d+ closed"))
