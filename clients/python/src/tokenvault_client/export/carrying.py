"""All pages of an export, part beside part, until each has its receipt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

from tokenvault_client.export.part import Part
from tokenvault_client.export.under_way import UnderWay
from tokenvault_client.exports import ExportPage

Page = Callable[[str, str, Event], ExportPage]
"""The page of an opening and a cursor. It may wait, until the event says that nobody wants it any more."""


def carry(under_way: UnderWay, page: Page, tell: Callable[[], None], parallel: int) -> None:
    """Asks for page after page, each on the disk before the next one of its part; `parallel` parts at once.

    What one part raises ends all of them, once the pages that were asked for are on the disk.
    """
    ended = Event()

    def through(part: Part) -> None:
        while part.cursor is not None and not ended.is_set():
            under_way.take(part, page(str(under_way.opening), part.cursor, ended))
            tell()

    if len(under_way.parts) == 1:
        through(under_way.parts[0])
        return
    with ThreadPoolExecutor(parallel) as pool:
        try:
            for done in as_completed([pool.submit(through, part) for part in under_way.parts]):
                done.result()
        except BaseException:
            ended.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
