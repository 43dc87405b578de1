"""Bytes kept under the name of their SHA-256, in a folder or a bucket: the same bytes are kept once."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from fsspec.core import split_protocol, url_to_fs
from fsspec.implementations.local import LocalFileSystem

NAME = re.compile(r"[0-9a-f]{64}")
SCRAP = ".new-"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
S3: dict[str, Any] = {
    # A phone that asks for a photo waits for us: a bucket that does not answer is given up soon.
    "config_kwargs": {"connect_timeout": 3, "read_timeout": 5, "retries": {"max_attempts": 1}},
    # One call to read, not one for the size and then others for the parts.
    "max_concurrency": 1,
}


class StoreDown(Exception):
    """The store cannot do this now: its disk is full, its bucket is away. Nothing was changed; try later.

    The message begins with `StoreDown.SAYS` and names no address.
    """

    SAYS = "media store: "


class MediaStore:
    """Content-addressed, over fsspec (`file://…`, `s3://…`). A name that is no SHA-256 is a ValueError.

    Every call raises StoreDown when the disk or the bucket fails.
    """

    def __init__(self, url: str) -> None:
        s3 = split_protocol(url)[0] == "s3"
        # Other processes put and delete too: what this one saw of a folder is no longer true a moment later.
        self._files, root = url_to_fs(
            url, use_listings_cache=False, skip_instance_cache=True, **(S3 if s3 else {})
        )
        if s3:  # the tries of s3fs and those of the library below it would multiply
            self._files.retries = 1
        self._root = str(root).rstrip("/")
        self._local = isinstance(self._files, LocalFileSystem)

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256; whoever looks sees all of them or none.

        Bytes that are here already are new again: `delete_old` leaves them to whoever puts them now.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        place = self._place(sha256)
        with _failing():
            if self._local:
                self._put_here(Path(place), data)
            else:  # an object store shows an object only when it is complete
                self._files.pipe_file(place, data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """All bytes; FileNotFoundError if they are not here."""
        place = self._place(sha256)
        with _failing():
            return cast(bytes, self._files.cat_file(place))

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a file that can seek; FileNotFoundError if they are not here."""
        path = self.path_of(sha256)
        if path is None:
            return BytesIO(self.read(sha256))
        with _failing():
            return path.open("rb")

    def path_of(self, sha256: str) -> Path | None:
        """Where the bytes lie on this machine, or None when the store is elsewhere."""
        place = self._place(sha256)
        return Path(place) if self._local else None

    def exists(self, sha256: str) -> bool:
        """Are the bytes here?"""
        place = self._place(sha256)
        with _failing():
            return bool(self._files.exists(place))

    def delete(self, sha256: str) -> None:
        """Forget the bytes; already gone is fine."""
        place = self._place(sha256)
        with suppress(FileNotFoundError), _failing():
            self._files.rm_file(place)

    def names(self) -> Iterator[tuple[str, datetime, int]]:
        """All that is kept, by name: its SHA-256, when it was put last, its size in bytes."""
        for folder in self._list(self._root):
            if folder["type"] != "directory":
                continue
            for entry in self._list(folder["name"]):
                name = str(entry["name"]).rpartition("/")[2]
                if NAME.fullmatch(name):
                    yield name, _put_at(entry), int(entry["size"])

    def delete_old(self, sha256: str, before: datetime) -> bool:
        """Forget the bytes unless somebody put them since; answers whether they went.

        In a folder no put can come between the look and the deletion. In a bucket one can, within the time of
        two calls: nothing there can be deleted on a condition.
        """
        place = self._place(sha256)
        with suppress(FileNotFoundError), _failing(), self._alone():
            if _put_at(self._files.info(place)) < before:
                self._files.rm_file(place)
                return True
        return False

    def delete_scraps(self, before: datetime) -> int:
        """Remove what writers that died before then left half-written; answers how many there were."""
        scraps = 0
        with _failing():
            for path in Path(self._root).glob(f"??/{SCRAP}*") if self._local else ():
                if path.stat().st_mtime < before.timestamp():
                    path.unlink(missing_ok=True)
                    scraps += 1
        return scraps

    def _place(self, sha256: str) -> str:
        if not NAME.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256[:80]!r}")
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _list(self, folder: str) -> list[dict[str, Any]]:
        with suppress(FileNotFoundError), _failing():
            return cast(list[dict[str, Any]], self._files.ls(folder, detail=True))
        return []

    def _put_here(self, path: Path, data: bytes) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _sync(path.parent.parent)
        with self._gate(fcntl.LOCK_SH):
            try:
                os.utime(path)
            except FileNotFoundError:
                _write_whole(path, data)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody puts anything, as far as that can be had."""
        if self._local:
            with self._gate(fcntl.LOCK_EX):
                yield
        else:
            yield

    @contextmanager
    def _gate(self, how: int) -> Iterator[None]:
        """A lock on the folder: many may put at once, who deletes what is old is alone.

        The kernel opens it when a process dies.
        """
        handle = os.open(self._root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)


@contextmanager
def _failing() -> Iterator[None]:
    """Turn what a disk or a bucket raises into StoreDown: each kind of store has exceptions of its own."""
    try:
        yield
    except FileNotFoundError as error:
        # A bucket that is not there says nothing about the bytes.
        if "NoSuchBucket" in type(error.__cause__).__name__:
            raise StoreDown(f"{StoreDown.SAYS}no such bucket") from error
        raise
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in FULL
        raise StoreDown(StoreDown.SAYS + ("the disk is full" if full else type(error).__name__)) from error


def _put_at(entry: dict[str, Any]) -> datetime:
    """When an entry of a listing was written, in UTC."""
    moment = entry["LastModified"] if "LastModified" in entry else entry["mtime"]
    return moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside the place, sync, then rename: the provider's copy is deleted once this returned."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=SCRAP)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
