"""The store keeps bytes by their content, in a folder or a bucket: once, whole, under no other name."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.media.store import S3, MediaStore, StoreDown
from tests.s3_server import S3Server
from tests.small_disk import SmallDisk

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "file":
        return MediaStore(f"file://{tmp_path}/kept")
    return MediaStore(request.getfixturevalue("s3").media_url)


def files(folder: Path) -> list[str]:
    """Names of all files below."""
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_bytes_come_back(store: MediaStore) -> None:
    """What was put is read under its SHA-256, from the start and from the middle."""
    name = store.put(b"a pot")
    assert name == hashlib.sha256(b"a pot").hexdigest()
    assert store.read(name) == b"a pot" and store.exists(name)
    with store.open(name) as file:
        file.seek(2)
        assert file.read() == b"pot"


def test_same_bytes_are_kept_once(store: MediaStore) -> None:
    """Putting them again changes nothing."""
    assert store.put(b"a pot") == store.put(b"a pot")
    assert [(name, size) for name, _, size in store.names()] == [(hashlib.sha256(b"a pot").hexdigest(), 5)]


def test_deleted_is_gone(store: MediaStore) -> None:
    """Forgetting works, twice too."""
    name = store.put(b"a pot")
    store.delete(name)
    store.delete(name)
    assert not store.exists(name)
    for call in (store.read, store.open):
        with pytest.raises(FileNotFoundError):
            call(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "/x"])
def test_a_name_is_a_sha256(tmp_path: Path, name: str) -> None:
    """No other name reaches the files."""
    store = MediaStore(f"file://{tmp_path}")
    for call in (store.read, store.exists, store.delete, store.open, store.path_of):
        with pytest.raises(ValueError, match="not a SHA-256"):
            call(name)


def test_all_that_is_kept_is_named(store: MediaStore) -> None:
    """Every name once, with its size and the moment it was put; an empty store names nothing."""
    assert list(store.names()) == []
    sizes = {store.put(b"x" * size): size for size in range(40)}
    listed = list(store.names())
    assert {name: size for name, _, size in listed} == sizes and len(listed) == 40
    assert all(abs(put_at - datetime.now(UTC)) < timedelta(minutes=1) for _, put_at, _ in listed)


def test_only_what_is_old_is_deleted_for_its_age(store: MediaStore) -> None:
    """Bytes put since then stay, and missing ones are no error."""
    name = store.put(b"a pot")
    assert not store.delete_old(name, NOW - timedelta(hours=1)) and store.exists(name)
    assert store.delete_old(name, LATER) and not store.exists(name)
    assert not store.delete_old(name, LATER)


def test_bytes_that_are_put_again_are_new(store: MediaStore) -> None:
    """Who puts what is there already may rely on it: it is as young as if it had just come."""
    name = store.put(b"a pot")
    path = store.path_of(name)
    if path:
        os.utime(path, (0, 0))
    else:
        time.sleep(1.1)  # a bucket keeps whole seconds
    before = datetime.now(UTC).replace(microsecond=0)
    store.put(b"a pot")
    assert not store.delete_old(name, before) and store.read(name) == b"a pot"


def test_no_put_comes_between_the_look_and_the_deletion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old bytes that somebody puts again just when they are deleted are there once the put has returned."""
    store = MediaStore(f"file://{tmp_path}")
    name = store.put(b"a pot")
    putter = threading.Thread(target=store.put, args=(b"a pot",))
    remove = store._files.rm_file

    def put_first(place: str) -> None:
        putter.start()
        putter.join(0.3)
        remove(place)

    monkeypatch.setattr(store._files, "rm_file", put_first)
    assert store.delete_old(name, LATER)
    putter.join()
    assert store.read(name) == b"a pot"


def test_nobody_sees_half_a_file(tmp_path: Path) -> None:
    """Many writers of the same bytes: every reader finds all of them, and no scraps stay behind."""
    store = MediaStore(f"file://{tmp_path}")
    data = b"x" * 2_000_000
    name = hashlib.sha256(data).hexdigest()
    sizes: set[int] = set()
    writers = [threading.Thread(target=store.put, args=(data,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if store.exists(name):
            sizes.add(len(store.read(name)))
    assert sizes <= {len(data)} and store.read(name) == data
    assert files(tmp_path) == [name]


def test_a_full_disk_keeps_nothing_half(tmp_path: Path) -> None:
    """The error says so; what was whole stays, nothing else does, and with room again the same put works."""
    photo = os.urandom(400_000)
    with SmallDisk(tmp_path / "kept") as disk:
        store = MediaStore(f"file://{disk.folder}")
        small = store.put(b"a pot")
        for _ in range(3):
            with pytest.raises(StoreDown, match="^media store: the disk is full$"):
                store.put(photo)
        assert files(disk.folder) == [small] and store.read(small) == b"a pot"
        disk.grow()
        assert store.read(store.put(photo)) == photo


def test_a_killed_writer_leaves_a_scrap_that_is_cleared(tmp_path: Path) -> None:
    """What it had written is under no name; old scraps go, a young one may still be somebody's."""
    program = "import os, bot.media.store as s; s.os.fsync = lambda _: os._exit(9); "
    program += "s.MediaStore('file://' + os.environ['STORE']).put(bytes(100_000))"
    environ = os.environ | {"STORE": str(tmp_path)}
    (tmp_path / hashlib.sha256(bytes(100_000)).hexdigest()[:2]).mkdir()
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ).returncode == 9
    [scrap] = files(tmp_path)
    store = MediaStore(f"file://{tmp_path}")
    assert scrap.startswith(".new-") and list(store.names()) == []
    assert store.delete_scraps(NOW - timedelta(hours=1)) == 0 and files(tmp_path) == [scrap]
    assert store.delete_scraps(LATER) == 1 and files(tmp_path) == []


def test_others_are_seen_at_once(s3: S3Server) -> None:
    """Two processes share a bucket: what one does after the other has looked, the other sees."""
    ours, theirs = MediaStore(s3.media_url), MediaStore(s3.media_url)
    name = theirs.put(b"a pot")
    assert [kept for kept, _, _ in ours.names()] == [name]
    theirs.delete(name)
    assert not ours.exists(name) and list(ours.names()) == []
    assert ours.put(b"a pot") == name and theirs.read(name) == b"a pot"
    assert s3.keys() == [f"notes/and/photos/{name[:2]}/{name}"]


def calls(store: MediaStore, name: str) -> list[Callable[[], object]]:
    """Everything that can be asked of a store."""
    return [
        lambda: store.put(b"a bowl"),
        lambda: store.read(name),
        lambda: store.open(name),
        lambda: store.exists(name),
        lambda: store.delete(name),
        lambda: store.delete_old(name, LATER),
        lambda: list(store.names()),
    ]


def test_a_bucket_that_is_away_comes_back(s3: S3Server) -> None:
    """While connections are refused every call says StoreDown; afterwards all is there and all works."""
    store = MediaStore(s3.media_url)
    name = store.put(b"a pot")
    s3.stop()
    for call in calls(store, name):
        with pytest.raises(StoreDown, match="^media store: "):
            call()
    s3.start()
    assert store.read(name) == b"a pot"
    assert store.read(store.put(b"a bowl")) == b"a bowl"


def test_a_missing_bucket_is_no_missing_photo(s3: S3Server) -> None:
    """A mistake in MEDIA_URL must not look like bytes that are gone."""
    store = MediaStore("s3://another-bucket/notes")
    for call in (lambda: store.read("a" * 64), lambda: store.put(b"a pot"), lambda: list(store.names())):
        with pytest.raises(StoreDown, match="no such bucket"):
            call()


def test_a_bucket_that_never_answers_is_given_up(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are taken and nothing is said: the caller is not held for ever."""
    patience = {**S3["config_kwargs"], "read_timeout": 0.2}
    monkeypatch.setitem(S3, "config_kwargs", patience)
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreDown, match="Timeout"):
            MediaStore(s3.media_url).read("a" * 64)
