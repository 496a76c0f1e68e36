"""One answer of a host that the operator allows; patient when the host asks for it, and never led elsewhere."""

import http.client
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from urllib.parse import urlsplit

from caio_portal.common.errors import Invalid
from caio_portal.common.uploads.limits import TEXT_BYTES

SECONDS = 60  # for one answer
PATIENCE = 300  # seconds of waiting for one pull, all pages together
STEP = 5  # seconds between two looks whether somebody wants the end


@dataclass
class Fetcher:
    """Asks page after page with the same secret; `alive` is called while it waits, and may raise to end it."""

    secret: str = ""
    alive: Callable[[], None] = lambda: None
    waited: float = field(default=0, init=False)

    def get(self, url: str) -> bytes:
        """The answer; raises Invalid if there is none. Redirections are not followed, for they could lead anywhere."""
        host = urlsplit(url).netloc
        answer, content = self._ask(url)
        tries = 1
        while _asks_for_patience(answer):
            self._wait(_seconds(answer.getheader("Retry-After", "")), host, tries)
            answer, content = self._ask(url)
            tries += 1
        if answer.status != http.client.OK:
            raise Invalid(f"{host} answered with {answer.status} {answer.reason}.")
        if not content or len(content) > TEXT_BYTES:
            raise Invalid(f"{host} sent nothing, or more than {TEXT_BYTES >> 20} MB.")
        return content

    def _ask(self, url: str) -> tuple[http.client.HTTPResponse, bytes]:
        address = urlsplit(url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        headers = {"Accept": "*/*", "User-Agent": "CAIO Portal"}
        if self.secret:
            headers["Authorization"] = f"Bearer {os.environ[f'FEED_SECRET_{self.secret}']}"
        connection = kind(address.netloc, timeout=SECONDS)
        try:
            connection.request("GET", f"{address.path or '/'}?{address.query}".removesuffix("?"), headers=headers)
            answer = connection.getresponse()
            return answer, answer.read(TEXT_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Invalid(f"{address.netloc} did not answer: {type(error).__name__}.") from error
        finally:
            connection.close()

    def _wait(self, seconds: float, host: str, tries: int) -> None:
        """As long as the host asks for, and a little longer each time, if there is patience left."""
        seconds = max(seconds, 0.1 * 2**tries)
        if self.waited + seconds > PATIENCE:
            raise Invalid(f"{host} is busy and asks to be left alone for {seconds:,.0f} s: run this again then.")
        self.waited += seconds
        while seconds > 0:
            self.alive()
            sleep(min(seconds, STEP))
            seconds -= STEP


def _asks_for_patience(answer: http.client.HTTPResponse) -> bool:
    """Too many requests, or away for a while that it tells; without one it may be away for days."""
    is_away = answer.status == http.client.SERVICE_UNAVAILABLE and answer.getheader("Retry-After") is not None
    return is_away or answer.status == http.client.TOO_MANY_REQUESTS


def _seconds(told: str) -> float:
    """What Retry-After says: a number of seconds, or a moment; what is neither is a short while."""
    if told.strip().isdecimal():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return float(STEP)
