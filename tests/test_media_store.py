"""The store keeps bytes by their content: once, whole, and never under another name."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from bot.media.store import MediaStore


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    return MediaStore(f"file://{tmp_path}/kept" if request.param == "file" else f"memory://{tmp_path}")


def test_bytes_come_back(store: MediaStore) -> None:
    """What was put is read under its SHA-256, from the start and from the middle."""
    name = store.put(b"a pot")
    assert name == hashlib.sha256(b"a pot").hexdigest()
    assert store.read(name) == b"a pot" and store.exists(name)
    with store.open(name) as file:
        file.seek(2)
        assert file.read() == b"pot"


def test_same_bytes_are_kept_once(tmp_path: Path) -> None:
    """Putting them again changes nothing."""
    store = MediaStore(f"file://{tmp_path}")
    assert store.put(b"a pot") == store.put(b"a pot")
    assert [path.is_file() for path in tmp_path.rglob("*") if path.is_file()] == [True]


def test_deleted_is_gone(store: MediaStore) -> None:
    """Forgetting works, twice too."""
    name = store.put(b"a pot")
    store.delete(name)
    store.delete(name)
    assert not store.exists(name)
    with pytest.raises(FileNotFoundError):
        store.read(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "/x"])
def test_a_name_is_a_sha256(store: MediaStore, name: str) -> None:
    """No other name reaches the files."""
    for call in (store.read, store.exists, store.delete, store.open):
        with pytest.raises(ValueError, match="not a SHA-256"):
            call(name)


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
    assert [path.name for path in tmp_path.rglob(".new-*")] == []


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an error, not half a photo."""

    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    store = MediaStore(f"file://{tmp_path}")
    with pytest.raises(OSError, match="no space"):
        store.put(b"a pot")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
