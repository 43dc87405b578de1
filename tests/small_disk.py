"""A folder on a disk that is soon full, for real, and that can be given room again."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path
from types import TracebackType

SIZE = 256 * 1024


class SmallDisk:
    """A file system of 256 kB on `folder`; where none may be mounted, no file of this process gets larger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._mounted = False

    def __enter__(self) -> SmallDisk:
        self.folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.folder)]
        self._mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        if not self._mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, self._limits[1]))
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._mounted:
            subprocess.run(["umount", str(self.folder)], check=True)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    def grow(self) -> None:
        """Room again."""
        if self._mounted:
            subprocess.run(["mount", "-o", "remount,size=64m", str(self.folder)], check=True)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
