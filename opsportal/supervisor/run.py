"""Start, watch and end the processes of one portal.

One thread and one loop: it hears what the processes print, sees them end, starts them
again, and carries the order of things: broker and setup, then web, then the rest.
While the first prepare, it loads the portal, of which web and the rest are forks; while
the web opens, what only the rest needs.
"""

import contextlib
import os
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path

from opsportal.kit import embedded
from opsportal.kit.deathsig import leash_forks
from opsportal.supervisor import roles
from opsportal.supervisor.child import Child, describe_end
from opsportal.supervisor.place import (
    CannotStartError,
    Place,
    check_port,
    describe_static,
    is_on,
    knows_settings,
    occupy,
    prepare_broker,
    read_place,
)
from opsportal.supervisor.voice import Voice

ROOT = Path(__file__).resolve().parent.parent.parent
# Seconds that a process may take to end when asked, below the 10 s of most containers.
GRACE = 8.0
BROKER_GRACE = 1.5
# Seconds after which worker and beat start although no page was seen yet.
PATIENCE = 30.0
# Seconds after the first page until work begins: somebody is signing in.
BREATH = 1.0
# Seconds after which a second signal means: at once.
AGAIN = 0.5


class Phase(Enum):
    """How far the portal has come."""

    PREPARING = 1
    OPENING = 2
    RUNNING = 3
    STOPPING = 4
    CLOSING = 5
    LEFT = 6

    @property
    def is_over(self) -> bool:
        """Tell whether the end has begun: nothing is started any more."""
        return self.value >= Phase.STOPPING.value


class Supervisor:
    """Keep the processes of one portal going until told to stop."""

    def __init__(self, place: Place, voice: Voice) -> None:
        """Take the place to run at, already occupied, and where to print."""
        self._place = place
        self._voice = voice
        self._phase = Phase.PREPARING
        self._since = time.monotonic()
        self._exit_code = 0
        self._children: dict[str, Child] = {}
        self._socket: Path | None = None
        self._wants_target = False
        self._is_prepared = False
        self._loading = roles.load_portal()
        self._is_loaded = False
        self._loading_rest = roles.load_the_rest()
        self._has_rest = False
        self._static = ""
        self._signals: list[int] = []
        self._selector = selectors.DefaultSelector()
        self._bell, self._rope = os.pipe()

    def run(self) -> int:
        """Run until stopped; return the exit code: 0 when somebody asked for the end."""
        self._listen_to_signals()
        self._begin()
        while self._phase is not Phase.LEFT:
            self._hear()
            self._obey()
            self._see_ends()
            self._restart()
            self._advance()
        return self._exit_code

    def _begin(self) -> None:
        if not os.environ.get("REDIS_URL"):
            self._socket = prepare_broker(self._place)
            folder = self._place.var / "valkey"
            self._add("broker", embedded.broker_command(self._socket, folder))
        if is_on("OPSPORTAL_HASHED_STATIC", default=False):
            self._static = describe_static(self._place)
            if not self._static_stamp_fits():
                self._add("static", _role("static"), runs_once=True)
        self._add("setup", _role("setup"), runs_once=True, tells=True)

    def _advance(self) -> None:
        """Take the next step when what it waits for has come."""
        waited = time.monotonic() - self._since
        if self._phase is Phase.PREPARING:
            self._prepare()
        elif self._phase.is_over:
            self._stop_further(waited)
        elif not self._has_rest:
            self._has_rest = self._load(self._loading_rest)
        elif self._phase is Phase.OPENING and waited > PATIENCE:
            self._voice.say(f"no page after {PATIENCE:.0f} s; starting the rest anyway")
            self._enter(Phase.RUNNING)
        elif self._phase is Phase.RUNNING:
            self._start_the_rest(waited)

    def _prepare(self) -> None:
        """Load the next part of the portal, or open the web when all is there."""
        if not self._is_loaded:
            if self._may_load():
                self._is_loaded = self._load(self._loading)
        elif self._may_open():
            self._enter(Phase.OPENING)
            self._add("web", roles.serve_web)

    def _may_load(self) -> bool:
        return self._is_prepared or knows_settings(self._place)

    def _load(self, parts: Iterator[bool]) -> bool:
        """Load the next part; tell whether that was the last."""
        try:
            return next(parts, True)
        except Exception:  # noqa: BLE001 -- whatever a setting or a module raises
            self._voice.relay("start", traceback.format_exc().encode())
            self._stop(exit_code=1)
            return False

    def _may_open(self) -> bool:
        if not self._is_prepared or "static" in self._children:
            return False
        return self._socket is None or embedded.answers_ping(self._socket)

    def _start_the_rest(self, waited: float) -> None:
        """Start the worker, and with a breath what gives it work."""
        if "worker" not in self._children:
            self._add("worker", roles.run_worker)
        if waited < BREATH or "beat" in self._children:
            return
        self._add("beat", roles.run_beat)
        if self._wants_target:
            self._add("target", roles.play_target)

    def _heed(self, told: str) -> None:
        """Act on one line that setup told us."""
        word, _, rest = told.partition(" ")
        if word == "target":
            self._wants_target = True
        elif word == "prepared":
            self._is_prepared = True
        elif word == "ready" and self._phase is Phase.OPENING:
            self._enter(Phase.RUNNING)
            self._voice.say(rest)

    def _see_ends(self) -> None:
        for child in list(self._children.values()):
            code = child.ended()
            if code is not None:
                self._bury(child, code)

    def _bury(self, child: Child, code: int) -> None:
        """Take leave of a process that ended, and decide what follows."""
        self._drain(child)
        self._voice.finish(child.name)
        for descriptor in (child.output, child.told):
            if descriptor is not None:
                self._mute(descriptor)
        child.forget()
        if self._phase.is_over:
            del self._children[child.name]
        elif child.runs_once:
            del self._children[child.name]
            self._after_one_run(child.name, code)
        else:
            how = describe_end(code)
            wait = child.plan_restart()
            self._voice.say(f"{child.name} {how}, restarting in {wait:.1f} s")

    def _after_one_run(self, name: str, code: int) -> None:
        if code == 0:
            if name == "static":
                self._stamp().write_text(self._static)
            return
        self._voice.say(f"{name} {describe_end(code)}: the lines above say why")
        if name != "setup" or not self._is_prepared:
            self._stop(exit_code=1)
        elif self._phase is Phase.OPENING:
            self._enter(Phase.RUNNING)

    def _restart(self) -> None:
        now = time.monotonic()
        for child in self._children.values():
            if child.restart_at is None or child.restart_at > now:
                continue
            try:
                if child.name == "broker":
                    prepare_broker(self._place)
                self._launch(child)
            except (CannotStartError, OSError) as error:
                wait = child.plan_restart()
                self._voice.say(f"{child.name}: {error} Again in {wait:.1f} s")

    def _add(
        self,
        name: str,
        command: Sequence[str] | Callable[[], int],
        *,
        runs_once: bool = False,
        tells: bool = False,
    ) -> None:
        child = Child(name=name, command=command, runs_once=runs_once, tells=tells)
        self._children[name] = child
        self._launch(child)

    def _launch(self, child: Child) -> None:
        child.start()
        for descriptor in (child.output, child.told):
            if descriptor is not None:
                self._selector.register(descriptor, selectors.EVENT_READ, child)

    def _hear(self) -> None:
        """Wait for something to happen, and print what the processes wrote."""
        for key, _ in self._selector.select(self._patience()):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    self._signals += os.read(self._bell, 64)
            else:
                self._drain(key.data)

    def _patience(self) -> float:
        """Return the seconds until something is due whether or not anybody speaks."""
        if self._phase is Phase.PREPARING and not self._is_loaded:
            return 0.0 if self._may_load() else 0.05
        if self._phase is Phase.PREPARING or self._phase.is_over:
            return 0.02 if self._is_prepared else 0.1
        if not self._has_rest:
            return 0.0
        if "beat" not in self._children:
            return 0.02
        now = time.monotonic()
        due = [c.restart_at - now for c in self._children.values() if c.restart_at]
        return max(0.0, min(due, default=60.0))

    def _drain(self, child: Child) -> None:
        if child.output is not None and (heard := self._read(child.output)):
            self._voice.relay(child.name, heard)
        if child.told is not None:
            for line in self._read(child.told).decode().splitlines():
                self._heed(line)

    def _read(self, descriptor: int) -> bytes:
        """Read what is there, at most a megabyte, so that nobody talks all the time."""
        heard = b""
        with contextlib.suppress(BlockingIOError):
            while len(heard) < 1_000_000:
                part = os.read(descriptor, 65536)
                if not part:
                    # The other end is closed: hear no more, or the loop would spin.
                    self._mute(descriptor)
                    break
                heard += part
        return heard

    def _mute(self, descriptor: int) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(descriptor)

    def _listen_to_signals(self) -> None:
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rope, False)
        self._selector.register(self._bell, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(self._rope, warn_on_full_buffer=False)
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(sent, lambda *_: None)

    def _obey(self) -> None:
        asked = [sent for sent in self._signals if sent != signal.SIGCHLD]
        self._signals.clear()
        if not asked:
            return
        if self._phase.is_over:
            # `timeout` and some terminals send the first one twice.
            if time.monotonic() - self._since > AGAIN:
                self._voice.say("told again: ending everything at once")
                self._send(signal.SIGKILL, self._children.values())
        else:
            self._voice.say(f"{signal.Signals(asked[0]).name}: stopping")
            self._stop(exit_code=0)

    def _stop(self, *, exit_code: int) -> None:
        if self._phase.is_over:
            return
        self._exit_code = exit_code
        self._enter(Phase.STOPPING)
        for child in list(self._children.values()):
            if not child.is_alive:
                del self._children[child.name]
        self._send(signal.SIGTERM, self._all_but_broker())

    def _stop_further(self, waited: float) -> None:
        """End the broker after all others, and by force what does not end by itself."""
        others = self._all_but_broker()
        if not self._children:
            self._voice.say("stopped")
            self._phase = Phase.LEFT
        elif others and waited > GRACE:
            names = ", ".join(child.name for child in others)
            self._voice.say(f"{names} did not end in {GRACE:.0f} s: SIGKILL")
            self._send(signal.SIGKILL, others)
            self._enter(Phase.STOPPING)
        elif not others and self._phase is Phase.STOPPING:
            self._send(signal.SIGTERM, self._children.values())
            self._enter(Phase.CLOSING)
        elif self._phase is Phase.CLOSING and waited > BROKER_GRACE:
            self._send(signal.SIGKILL, self._children.values())

    def _all_but_broker(self) -> list[Child]:
        return [child for child in self._children.values() if child.name != "broker"]

    def _send(self, sent: signal.Signals, children: Iterable[Child]) -> None:
        for child in children:
            child.send(sent)

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._since = time.monotonic()

    def _stamp(self) -> Path:
        return self._place.var / "static.stamp"

    def _static_stamp_fits(self) -> bool:
        try:
            return self._stamp().read_text() == self._static
        except OSError:
            return False


def main() -> int:
    """Run the portal that the environment describes; return the exit code."""
    voice = Voice(sys.stdout)
    # Keys, uploads and the database are nobody else's.
    os.umask(0o077)
    try:
        place = read_place(ROOT)
        lock = occupy(place)
        with lock:
            check_port(place)
            _complete_environment(place)
            leash_forks()
            voice.say(f"starting at {place.address}/, data in {place.var}")
            return Supervisor(place, voice).run()
    except CannotStartError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- the one sentence
        return 1


def _complete_environment(place: Place) -> None:
    """Tell the processes to come what is decided here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    os.environ.setdefault("SITE_URL", place.address)
    hashed = "0" if is_on("DEBUG", default=False) else "1"
    os.environ.setdefault("OPSPORTAL_HASHED_STATIC", hashed)
    paths = [str(place.root), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)


def _role(name: str) -> list[str]:
    return [sys.executable, "-m", "opsportal.supervisor.roles", name]
