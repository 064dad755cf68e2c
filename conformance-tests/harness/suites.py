"""The list of suites: what each runs, on which server, for how long at most."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import cargo, golden, mail
from .objects import object_store
from .paths import HERE, SHARED
from .report import Result, run_program
from .server import FakeClamd, Server
from .smtp import SmtpSink
from .tools import SetupError, node_modules, venv

PYTHON_SDKS = ["4.1.0", "9.0.3", "13.6.1", "20.1.0", "27.0.0"]
WEB_SDKS = [13, 16, 21, 24, 28]
CONSOLES = ["6.1.28", "7.5.7", "8.7.30"]
FILES_PYTHON = ["9.0.3", "13.6.1", "27.0.0"]
FILES_NODE = [(14, 16), (20, 21), (27, 28)]  # node-appwrite of the server, web SDK of the page
PROVISIONERS = [(12, 16), (27, 28)]  # node-appwrite that provisions, web SDK of the users


class Context:
    """What suites share: the binary, a temporary folder and the main server, started when first needed."""

    def __init__(self, binary, folder, store, verbose):
        self.binary, self.folder, self.store, self.verbose = binary, folder, store, verbose
        self._main = None
        self._number = 0
        self.servers = []

    def server(self, name, env=None):
        """A new server, stopped at the end of the run at the latest."""
        server = Server(self.binary, self.folder, name, env, self.store)
        self.servers.append(server)
        return server.start()

    @property
    def main(self):
        """The server without rate limits that most suites use, each with a project of its own."""
        if self._main is None or not self._main.alive():
            self._number += 1
            self._main = self.server(f"main{self._number}")
        return self._main

    def env(self, server, project):
        """Settings of a program: where the server is, its project and key."""
        return {
            "FERRITE_ENDPOINT": server.endpoint,
            "FERRITE_PROJECT": project,
            "FERRITE_KEY": server.project(project),
            "FERRITE_DATA": str(server.data),
            "PYTHONPATH": str(HERE / "seeds" / "common"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "localhost,127.0.0.1",
            "no_proxy": "localhost,127.0.0.1",
        }

    def program(self, result, server, project, command, timeout=240, extra=None):
        """Runs a program of checks against a server and looks after the server's health."""
        env = {**self.env(server, project), **(extra or {})}
        run_program(result, [str(part) for part in command], env, timeout, HERE, self.verbose)
        result.check("the server is still up", server.alive(), server.log_tail())
        result.check("the server did not panic", not server.panics(), server.panics()[:3])


def python_suite(version):
    """Seed 0 on one version of the Python SDK."""
    def run(context, result):
        python = venv(f"appwrite-{version}")
        context.program(result, context.main, f"seed0-py{version.split('.')[0]}", [python, "seeds/seed0/main.py", version])
    return run


def web_suite(version):
    """Seed 1 on one version of the web SDK."""
    def run(context, result):
        node_modules()
        context.program(result, context.main, f"seed1-web{version}", ["node", "seeds/seed1/main.mjs", f"web-sdk-{version}"])
    return run


def library_suite(node, web):
    """Seed 2, provisioned by one version of the Node SDK, used with one version of the web SDK."""
    def run(context, result):
        node_modules()
        context.program(result, context.main, f"seed2-node{node}", ["node", "seeds/seed2/main.mjs", f"node-sdk-{node}", f"web-sdk-{web}"])
    return run


def related_node(context, result):
    """Relationships with the newest Node and web SDKs."""
    node_modules()
    context.program(result, context.main, "related-node", ["node", "tours/relationships.mjs", "node-sdk-27", "web-sdk-28"])


def related_python(context, result):
    """Relationships with the newest Python SDK."""
    context.program(result, context.main, "related-py", [venv("appwrite-27.0.0"), "tours/relationships.py"])


def places_node(context, result):
    """Points, lines, polygons and full text through the Node SDK."""
    node_modules()
    context.program(result, context.main, "places-node27", ["node", "tours/places.mjs", "node-sdk-27"])


def places_python(context, result):
    """The same through the Python SDK."""
    context.program(result, context.main, "places-py27", [venv("appwrite-27.0.0"), "tours/places.py"])


def tables_node(web):
    """Columns, queries, totals, indexes and a page that writes, with the newest Node SDK and one version of the web SDK."""
    def run(context, result):
        node_modules()
        context.program(result, context.main, f"tables-web{web}", ["node", "tours/tables.mjs", "node-sdk-27", f"web-sdk-{web}"])
    return run


def tables_python(version):
    """The same, as a server that passes on the sessions of its users, through one version of the Python SDK."""
    def run(context, result):
        context.program(result, context.main, f"tables-py{version.split('.')[0]}", [venv(f"appwrite-{version}"), "tours/tables.py", version])
    return run


def _with_mails(context, name):
    """A server whose mails go to a file, and the file."""
    sink = SmtpSink(context.folder / f"{name}.jsonl")
    server = context.server(name, {"_APP_SMTP_HOST": "127.0.0.1", "_APP_SMTP_PORT": str(sink.port), "_APP_SMS_PROVIDER": "sms://@mock"})
    return sink, server, {"FERRITE_MAILS": str(sink.path)}


def identity_web(web):
    """Mail flows, second factors and teams with the newest Node SDK and one version of the web SDK."""
    def run(context, result):
        node_modules()
        sink, server, extra = _with_mails(context, f"identity-web{web}")
        context.program(result, server, f"identity-web{web}", ["node", "tours/identity.mjs", "node-sdk-27", f"web-sdk-{web}"], extra=extra)
        server.stop()
        sink.close()
    return run


def identity_python(version):
    """The same flows with one version of the Python SDK, as a server that renders pages uses it."""
    def run(context, result):
        sink, server, extra = _with_mails(context, f"identity-py{version.split('.')[0]}")
        context.program(result, server, f"identity-py{version.split('.')[0]}", [venv(f"appwrite-{version}"), "tours/identity.py", version], extra=extra)
        server.stop()
        sink.close()
    return run


def files_node(node, web):
    """Files on one version of the Node SDK and one of the web SDK."""
    def run(context, result):
        node_modules()
        context.program(result, context.main, f"files-node{node}", ["node", "tours/files.mjs", f"node-sdk-{node}", f"web-sdk-{web}"])
    return run


def files_python(version):
    """Files on one version of the Python SDK."""
    def run(context, result):
        context.program(result, context.main, f"files-py{version.split('.')[0]}", [venv(f"appwrite-{version}"), "tours/files.py", version])
    return run


def elsewhere_python(context, result):
    """Signing in with an account elsewhere, and webhooks, with the newest Python SDK."""
    server = context.server("elsewhere", {"FERRITE_OUTBOUND_ALLOW": "127.0.0.1"})
    context.program(result, server, "elsewhere-py", [venv("appwrite-27.0.0"), "tours/elsewhere.py"])
    server.stop()


def elsewhere_node(context, result):
    """The same with the newest Node and web SDKs."""
    node_modules()
    server = context.server("elsewhere-node", {"FERRITE_OUTBOUND_ALLOW": "127.0.0.1"})
    context.program(result, server, "elsewhere-node", ["node", "tours/elsewhere.mjs", "node-sdk-27", "web-sdk-28"])
    server.stop()


def console_suite(version):
    """Every request that a version of the official Console sends, on a server with a mail server and nobody signed up yet."""
    def run(context, result):
        if not (SHARED / "guides" / "CONSOLE_CALLS.md").exists():
            result.skipped = f"no list of requests in {SHARED} (set FERRITE_SHARED)"
            return
        node_modules()
        name = f"console-{version.split('.')[0]}"
        mails = context.folder / f"{name}.jsonl"
        sink = SmtpSink(mails)
        server = context.server(name, {"_APP_SMTP_HOST": "127.0.0.1", "_APP_SMTP_PORT": str(sink.port)})
        told = {"FERRITE_SHARED": str(SHARED), "CONSOLE_MAILS": str(mails), "CONSOLE_SMTP_PORT": str(sink.port)}
        context.program(result, server, name, [sys.executable, "console/walk.py", version], extra=told)
        server.stop()
        sink.close()
    return run


def cli(context, result):
    """The command line tool: signs in, makes a project and a key, pushes and pulls."""
    node_modules()
    server = context.server("cli")
    context.program(result, server, "cli", [venv("tour"), "cli/walk.py", str(HERE / "node_modules/appwrite-cli/index.js")])
    server.stop()


def node_writes(context, result):
    """Bulk, operators, transactions and conflicts on the Node SDK."""
    node_modules()
    context.program(result, context.main, "writes-node27", ["node", "seeds/writes/main.mjs", "node-sdk-27"])


def python_writes(context, result):
    """The same on the Python SDK, and that sealed columns are on the disk in no file."""
    context.program(result, context.main, "writes-py27", [venv("appwrite-27.0.0"), "seeds/writes/main.py", "27.0.0"])


def limits(context, result):
    """Rate limits as an app meets them, on a server that has them switched on."""
    server = context.server("limited", {"_APP_OPTIONS_ABUSE": "enabled"})
    context.program(result, server, "limited", [venv("appwrite-9.0.3"), "extra/limits.py"])
    server.stop()


def hostile(context, result):
    """Broken, lying, endless and slow requests."""
    server = context.server("hostile")
    context.program(result, server, "hostile", [venv("tour"), "extra/hostile.py"])
    server.stop()


def antivirus(context, result):
    """Uploads through a scanner: clean files pass, infected ones do not, nothing passes while it is away."""
    scanner = FakeClamd()
    server = context.server("scanned", {"_APP_STORAGE_ANTIVIRUS": "enabled", "_APP_STORAGE_ANTIVIRUS_HOST": "127.0.0.1",
                                        "_APP_STORAGE_ANTIVIRUS_PORT": str(scanner.port)})
    python = venv("appwrite-27.0.0")
    context.program(result, server, "scanned", [python, "extra/antivirus.py", "up"])
    result.check("the scanner was asked", scanner.scans > 0, "no INSTREAM arrived")
    scanner.close()
    context.program(result, server, "scanned2", [python, "extra/antivirus.py", "down"])
    server.stop()


def pictures(context, result):
    """Previews and avatars by three SDKs."""
    node_modules()
    context.program(result, context.main, "pictures-js", ["node", "extra/pictures.mjs"])
    context.program(result, context.main, "pictures-py", [venv("appwrite-27.0.0"), "extra/pictures.py"])


def graphql(context, result):
    """GraphQL by the service of that name in three SDKs."""
    node_modules()
    context.program(result, context.main, "graphql", ["node", "extra/graphql.mjs"])


def restart(context, result):
    """What was acknowledged survives kill -9 and an orderly stop; admin commands work on a stopped server."""
    restarted(context, result, context.server("restarted"))


def restarted(context, result, server):
    """The same on any server."""
    python = venv("appwrite-27.0.0")
    project = "restarted"
    env = context.env(server, project)
    step = lambda name: run_program(result, [str(python), "extra/restart.py", name], env, 120, HERE, context.verbose)
    step("write")
    server.kill()
    server.start()
    step("verify")
    status = server.stop()
    result.check("SIGTERM ends the server in order", status == 0, f"exit status {status}\n{server.log_tail()}")
    key = server.project("made-while-stopped")
    result.check("project create works on a stopped server", bool(key))
    server.start()
    step("verify")
    env2 = {**env, "FERRITE_PROJECT": "made-while-stopped", "FERRITE_KEY": key}
    run_program(result, [str(python), "extra/restart.py", "fresh"], env2, 60, HERE, context.verbose)
    result.check("the server did not panic", not server.panics(), server.panics()[:3])
    server.stop()


def health(context, result):
    """`ferrite healthcheck` tells a living server from a dead one."""
    server = context.server("health")
    env = {**server._environment(), "FERRITE_LISTEN": f"127.0.0.1:{server.port}"}
    ask = lambda: subprocess.run([context.binary, "healthcheck", "--listen", f"127.0.0.1:{server.port}"], env=env, capture_output=True, text=True, timeout=30, check=False)
    done = ask()
    result.check("healthcheck of a living server succeeds", done.returncode == 0, done.stderr or done.stdout)
    server.stop()
    result.check("healthcheck of a dead server fails", ask().returncode != 0)


def on_s3(name, suite):
    """A suite with the files of its server on an object store."""
    def run(context, result):
        store = object_store(context, result, f"{name}-objects")
        if store is None:
            return
        try:
            suite(context, result, store.settings())
            result.check("files were written to the object store", store.objects() > 0)
        finally:
            store.close()
    return run


def s3_seed0(context, result, settings):
    """Seed 0 with the newest Python SDK."""
    server = context.server("s3-seed0", settings)
    context.program(result, server, "s3-seed0", [venv("appwrite-27.0.0"), "seeds/seed0/main.py", "27.0.0"])
    server.stop()


def s3_seed2(context, result, settings):
    """Seed 2 with the newest Node and web SDKs."""
    node_modules()
    server = context.server("s3-seed2", settings)
    context.program(result, server, "s3-seed2", ["node", "seeds/seed2/main.mjs", "node-sdk-27", "web-sdk-28"], extra={"FERRITE_REMOTE_FILES": "1"})
    server.stop()


def s3_pictures(context, result, settings):
    """Previews of files that are elsewhere."""
    server = context.server("s3-pictures", settings)
    context.program(result, server, "s3-pictures", [venv("appwrite-27.0.0"), "extra/pictures.py"])
    server.stop()


def s3_restart(context, result, settings):
    """Crash and stop, with uploads that were broken off."""
    restarted(context, result, context.server("s3-restart", settings))


def s3_golden(context, result, settings):
    """The recorded answers about files and their tokens."""
    golden.run_on(context, result, "s3-golden", settings, ("storage", "tokens"))


SUITES = {
    **{f"seed0-py{version.split('.')[0]}": python_suite(version) for version in PYTHON_SDKS},
    **{f"seed1-web{version}": web_suite(version) for version in WEB_SDKS},
    **{f"seed2-node{node}": library_suite(node, web) for node, web in PROVISIONERS},
    "relationships-node27": related_node,
    "relationships-py27": related_python,
    **{f"files-node{node}": files_node(node, web) for node, web in FILES_NODE},
    **{f"files-py{version.split('.')[0]}": files_python(version) for version in FILES_PYTHON},
    "places-node27": places_node,
    "places-py27": places_python,
    **{f"tables-web{web}": tables_node(web) for web in (21, 24, 28)},
    **{f"tables-py{version.split('.')[0]}": tables_python(version) for version in ("20.1.0", "27.0.0")},
    **{f"identity-web{web}": identity_web(web) for web in (28, 16)},
    **{f"identity-py{version.split('.')[0]}": identity_python(version) for version in ("27.0.0", "9.0.3")},
    "elsewhere-node27": elsewhere_node,
    "elsewhere-py27": elsewhere_python,
    "writes-node27": node_writes,
    "writes-py27": python_writes,
    **{f"console-{version}": console_suite(version) for version in CONSOLES},
    "cli": cli,
    "limits": limits,
    "hostile": hostile,
    "antivirus": antivirus,
    "mail": mail.run,
    "pictures": pictures,
    "graphql": graphql,
    "restart": restart,
    "health": health,
    "golden": golden.run,
    **{f"s3-{name}": on_s3(f"s3-{name}", suite) for name, suite in
       {"seed0": s3_seed0, "seed2": s3_seed2, "pictures": s3_pictures, "restart": s3_restart, "golden": s3_golden}.items()},
}

CARGO_SUITES = {"cargo": cargo.tests, "crash": cargo.crash}


def chosen(names, everything):
    """The suites named (by name or prefix), or all."""
    available = {**(CARGO_SUITES if everything else {}), **SUITES}
    if not names:
        return available
    full = {**CARGO_SUITES, **SUITES}
    picked = {}
    for name in names:
        found = {key: suite for key, suite in full.items() if key == name or key.startswith(f"{name}-")}
        if not found:
            raise SetupError(f"no suite {name!r}; there are: {', '.join(full)}")
        picked.update(found)
    return picked


def run_suite(name, suite, context):
    """Runs one suite; whatever happens becomes a result."""
    result = Result(name)
    print(f"{name} …", flush=True)
    start = time.monotonic()
    try:
        suite(context, result)
    except Exception as error:  # a suite that cannot run has failed, the others still run
        result.failures.append(f"{type(error).__name__}: {error}")
    result.seconds = time.monotonic() - start
    word = f"skipped: {result.skipped}" if result.skipped else f"{result.passed} passed, {result.failed} failed"
    print(f"{name}: {word} ({result.seconds:.1f} s)", flush=True)
    for failure in result.failures:
        print(f"  FAILED {failure}", flush=True)
    for note in result.notes:
        print(f"  note: {note}", flush=True)
    return result


def needs():
    """Says early what is missing on the machine."""
    if sys.version_info < (3, 9):
        raise SetupError("Python 3.9 or newer is needed")
    if not shutil.which("cargo") and not Path(HERE.parent / "target/release/ferrite").exists():
        raise SetupError("neither cargo nor a built server was found")
