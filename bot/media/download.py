"""Fetch an attachment: from known hosts only, with credentials for the first only, never without end."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from bot.settings import Settings

CAP = 16 * 1024 * 1024
"""The most one attachment may weigh, in bytes, counted as they come."""
TIMEOUT_S = (4.0, 8.0)
WHOLE_S = 60.0
REDIRECTS = 4
TWILIO = ("twilio.com", "twiliocdn.com")
Credentials = tuple[str, str] | Callable[[requests.PreparedRequest], requests.PreparedRequest]


class DownloadError(Exception):
    """The bytes did not come. `permanent`: asking again cannot help."""

    def __init__(self, reason: str, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Downloader:
    """Follows redirects by hand, so that every hop is checked and the credentials stay at home."""

    def __init__(self, settings: Settings) -> None:
        self._auth = (settings.twilio_account_sid, settings.twilio_auth_token)
        self._call_auth = (settings.call_user, settings.call_token)
        self._call_hosts = {host.strip() for host in settings.call_media_hosts.split(",")} - {""}
        base = urlsplit(settings.twilio_base_url).hostname
        self._page = urlsplit(settings.public_url).hostname if settings.simulator else None
        self._trusted = {"api.twilio.com", base} - {None}
        self._allowed = self._trusted | self._call_hosts | ({self._page} - {None})
        self._session = requests.Session()

    def fetch(self, url: str) -> bytes:
        """The bytes behind the URL; raises DownloadError."""
        try:
            return self._follow(url, monotonic() + WHOLE_S)
        except ValueError:  # no address at all
            raise DownloadError("not an address", permanent=True) from None

    def _follow(self, url: str, deadline: float) -> bytes:
        first = urlsplit(url)
        for _ in range(REDIRECTS + 1):
            here = urlsplit(url)
            self._check(here)
            # Only the origin the message named gets the credentials, and only if it is the provider's.
            at_home = (here.scheme, here.netloc) == (first.scheme, first.netloc)
            with self._get(url, self._credentials(here) if at_home else _no_credentials) as answer:
                if not answer.is_redirect:
                    return _body(answer, deadline)
                url = urljoin(url, answer.headers["Location"])
        raise DownloadError("too many redirects", permanent=True)

    def _get(self, url: str, auth: Credentials) -> requests.Response:
        try:
            return self._session.get(
                url,
                auth=auth,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            )
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise DownloadError(type(error).__name__, permanent=True) from None
        except requests.RequestException as error:
            raise DownloadError(type(error).__name__, permanent=False) from None

    def _credentials(self, url: SplitResult) -> Credentials:
        name = url.hostname or ""
        if name in self._trusted or name.endswith(".twilio.com"):
            return self._auth
        return self._call_auth if name in self._call_hosts else _no_credentials

    def _check(self, url: SplitResult) -> None:
        name = url.hostname or ""
        known = name in self._allowed or name.endswith(tuple("." + domain for domain in TWILIO))
        if not known or url.username is not None:
            raise DownloadError("the host is not one media may come from", permanent=True)
        open_is_fine = _loopback(name) or name == self._page
        if url.scheme != "https" and not (url.scheme == "http" and open_is_fine):
            raise DownloadError("not an encrypted address", permanent=True)


def _body(answer: requests.Response, deadline: float) -> bytes:
    status = answer.status_code
    if status != 200:
        gone = 400 <= status < 500 and status not in (401, 403, 408, 425, 429)
        raise DownloadError(f"http-{status}", permanent=gone)
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > CAP:
        raise DownloadError("too large", permanent=True)
    parts: list[bytes] = []
    size = 0
    try:
        for part in answer.iter_content(64 * 1024):
            size += len(part)
            if size > CAP:
                raise DownloadError("too large", permanent=True)
            if monotonic() > deadline:
                raise DownloadError("too slow", permanent=False)
            parts.append(part)
    except requests.RequestException as error:
        raise DownloadError(type(error).__name__, permanent=False) from None
    if announced.isdigit() and not answer.headers.get("Content-Encoding") and size < int(announced):
        raise DownloadError("cut short", permanent=False)
    return b"".join(parts)


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the call as it is; without this a .netrc would add credentials of its own."""
    return request


def _loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
