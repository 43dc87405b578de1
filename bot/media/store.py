"""Bytes kept under the name of their SHA-256, in a folder or a bucket: the same bytes are kept once."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

NAME = re.compile(r"[0-9a-f]{64}")


class MediaStore:
    """Content-addressed, over fsspec (`file://…`, `s3://…`). A name that is no SHA-256 is a ValueError."""

    def __init__(self, url: str) -> None:
        self._files, root = url_to_fs(url)
        self._root = str(root).rstrip("/")
        self._local = isinstance(self._files, LocalFileSystem)

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256; whoever looks sees all of them or none."""
        sha256 = hashlib.sha256(data).hexdigest()
        if self.exists(sha256):
            return sha256
        if self._local:
            _write_whole(Path(self._place(sha256)), data)
        else:  # an object store shows an object only when it is complete
            self._files.pipe_file(self._place(sha256), data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """All bytes; FileNotFoundError if they are not here."""
        return cast(bytes, self._files.cat_file(self._place(sha256)))

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a file that can seek; FileNotFoundError if they are not here."""
        return cast(BinaryIO, self._files.open(self._place(sha256), "rb"))

    def path_of(self, sha256: str) -> Path | None:
        """Where the bytes lie on this machine, or None when the store is elsewhere."""
        return Path(self._place(sha256)) if self._local else None

    def exists(self, sha256: str) -> bool:
        """Are the bytes here?"""
        return bool(self._files.exists(self._place(sha256)))

    def delete(self, sha256: str) -> None:
        """Forget the bytes; already gone is fine."""
        try:
            self._files.rm_file(self._place(sha256))
        except FileNotFoundError:
            return

    def _place(self, sha256: str) -> str:
        if not NAME.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256[:80]!r}")
        return f"{self._root}/{sha256[:2]}/{sha256}"


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside the place, sync, then rename: the provider's copy is deleted once this returned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
