"""From nothing, or a tarball, to an installed server build: every step in order."""

from __future__ import annotations

import tempfile
from pathlib import Path

import attrs

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.info import LibraryInfo, read_info
from softswitch.sip.server_build import apt, toolchain, wheel
from softswitch.sip.server_build.compiling import unpack
from softswitch.sip.server_build.files import Cache, Tarball
from softswitch.sip.server_build.jobs import UNCHANGED
from softswitch.sip.server_build.progress import Steps
from softswitch.sip.server_build.recipe import Recipe, load_recipe


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a build.

    Attributes:
        info: the PJSIP that is installed now.
        wheel: the wheel it came from.
        replaced: version that was there before; empty: none, or the same one.
    """

    info: LibraryInfo
    wheel: Path
    replaced: str


def build_and_install(
    tarball: Path | None, steps: Steps, *, cache: Cache | None = None, fresh: bool = False
) -> Outcome:
    """Make the server build of PJSIP and install it into the current Python environment.

    What was made before from the same ingredients is taken from the cache. Whatever fails before
    the last step leaves the installed PJSIP as it is.

    Args:
        tarball: source of PJSIP; None: the one used last, or else the newest one through apt.
        steps: shown while it runs.
        cache: where results are kept; None: the user's.
        fresh: fetch (where ``tarball`` is None) and compile again, whatever the cache holds.

    Raises:
        EnvironmentFaultError: names what is missing or went wrong, and what to do about it.
    """
    cache = cache or Cache.of_user()
    with cache.alone():
        build = _Build(
            recipe=load_recipe(),
            cache=cache,
            logs=cache.new_log_folder(),
            steps=steps,
            fresh=fresh,
        )
        return build.run(tarball)


@attrs.frozen(kw_only=True)
class _Build:
    recipe: Recipe
    cache: Cache
    logs: Path
    steps: Steps
    fresh: bool

    def run(self, named: Path | None) -> Outcome:
        """The whole way."""
        with tempfile.TemporaryDirectory(prefix="softswitch-pjsip-") as work:
            source = self._source(named, Path(work))
            finished = self._cached(source) or self._make(source, Path(work))
            self.cache.keep_source(source)
        before = wheel.installed_version()
        after = wheel.version_of(finished)
        if before != after or self.fresh:
            with self.steps.step(f"Install {after}"):
                wheel.install(finished, self.logs)
        return Outcome(info=read_info(), wheel=finished, replaced=before if before != after else "")

    def _source(self, named: Path | None, work: Path) -> Tarball:
        """The tarball to build from."""
        if named is not None:
            return self._named(named)
        latest = None if self.fresh else self.cache.latest_source()
        if latest is not None:
            return latest
        toolchain.require(self.recipe.needs)  # before a download that might be for nothing
        with self.steps.step("Fetch the source of PJSIP through apt"):
            return Tarball.at(apt.fetch(work, self.logs / "fetch.log"))

    def _named(self, path: Path) -> Tarball:
        try:
            return Tarball.at(path.absolute())
        except OSError as error:
            raise EnvironmentFaultError(
                f"Cannot read {path}: {error.strerror}.",
                remedy=f"Name a source tarball of PJSIP. {UNCHANGED}",
            ) from error

    def _cached(self, source: Tarball) -> Path | None:
        """The wheel made earlier of the same, if it still works on this machine."""
        kept = None if self.fresh else self.cache.wheel(self._fingerprint(source))
        if kept is None:
            return None
        try:
            with self.steps.step(f"Check {kept.name} from the cache"):
                wheel.verify(kept, self.recipe)
        except EnvironmentFaultError:
            return None  # a system library changed under it: made anew
        return kept

    def _make(self, source: Tarball, work: Path) -> Path:
        """Compile, pack and check a new wheel, and keep it."""
        toolchain.require(self.recipe.needs)
        fingerprint = self._fingerprint(source)
        with self.steps.step(f"Unpack {source.path.name}"):
            tree = unpack(source, work, recipe=self.recipe, logs=self.logs)
        with self.steps.step(f"Configure PJSIP {tree.version}"):
            tree.configure()
        with self.steps.step("Write the Python wrapper"):
            tree.write_wrapper()
        with self.steps.step("Compile the Python wrapper"), tree.compile_wrapper() as wrapper:
            with self.steps.step("Compile the libraries"):
                tree.compile_libraries()
            wrapper.check()
        with self.steps.step("Link and pack"):
            tree.link()
            packed = wheel.pack(tree, wheel.wheel_version(tree.version, fingerprint), work)
        with self.steps.step("Check the new wheel"):
            wheel.verify(packed, self.recipe)
        return self.cache.keep_wheel(packed, fingerprint)

    def _fingerprint(self, source: Tarball) -> str:
        return self.recipe.fingerprint(
            source_sha256=source.sha256, compiler=toolchain.compiler_version()
        )
