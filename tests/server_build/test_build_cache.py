"""The cache gives back what was put in, and nothing that was damaged since."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from softswitch.sip.server_build.files import Cache, Tarball


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def tarball(tmp_path: Path) -> Tarball:
    path = tmp_path / "pjproject.tar.xz"
    path.write_bytes(b"the source")
    return Tarball.at(path)


def test_a_tarball_is_known_by_its_bytes(tarball: Tarball) -> None:
    assert tarball.sha256 == hashlib.sha256(b"the source").hexdigest()


def test_the_source_kept_last_is_the_latest(cache: Cache, tarball: Tarball, tmp_path: Path) -> None:
    assert cache.latest_source() is None
    kept = cache.keep_source(tarball)
    assert cache.latest_source() == kept
    other = tmp_path / "other.tar.xz"
    other.write_bytes(b"newer")
    cache.keep_source(Tarball.at(other))
    assert cache.keep_source(kept) == kept, "kept again under the same name"
    assert cache.latest_source() == kept
    assert kept.path.read_bytes() == b"the source"


def test_a_damaged_or_lost_source_is_not_used(cache: Cache, tarball: Tarball) -> None:
    kept = cache.keep_source(tarball)
    kept.path.write_bytes(b"the sourcf")
    assert cache.latest_source() is None
    kept.path.unlink()
    assert cache.latest_source() is None


def test_a_wheel_is_found_by_its_fingerprint_only(cache: Cache, tmp_path: Path) -> None:
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    kept = cache.keep_wheel(wheel, "0123")
    assert cache.wheel("0123") == kept
    assert kept.read_bytes() == b"wheel"
    assert cache.wheel("4567") is None


def test_old_logs_make_room_for_new_ones(cache: Cache) -> None:
    folders = [cache.new_log_folder() for _ in range(13)]
    assert [folder.exists() for folder in folders] == [False] * 3 + [True] * 10


def test_the_cache_lies_where_the_user_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Cache.of_user().root == tmp_path / "softswitch" / "pjsip"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Cache.of_user().root == tmp_path / ".cache" / "softswitch" / "pjsip"
