"""A bucket on this machine: moto's S3 server in a thread; it can go away and come back with its objects."""

from __future__ import annotations

import socket
from uuid import uuid4

import requests
from moto.server import ThreadedMotoServer


class S3Server:
    """One server; each test has a bucket of its own. `media_url` names a prefix in it."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.environ = {
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self.start()

    def new_bucket(self) -> None:
        self.bucket = f"media-{uuid4().hex[:8]}"
        self.media_url = f"s3://{self.bucket}/notes/and/photos"
        requests.put(f"{self.url}/{self.bucket}", timeout=5).raise_for_status()

    def start(self) -> None:
        """Answer at the same address as before, with all that was kept."""
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()
        self.up = True

    def stop(self) -> None:
        """From now on connections are refused."""
        self._server.stop()
        self.up = False

    def keys(self) -> list[str]:
        """What is in the bucket, as another client sees it."""
        listed = requests.get(f"{self.url}/{self.bucket}", timeout=5).text
        return [part.split("</Key>")[0] for part in listed.split("<Key>")[1:]]
