"""When a notebook was handed in: nbgrader's timestamp.txt beside it, else the file's own time.

nbgrader may write a zone by name, "2026-10-12 23:59:00 CEST". A name with one meaning is
understood. A name with several ("CST": Chicago, Shanghai, Havana) is kept as it is written until
the policy's [zones] says which is meant; it is never dropped.
"""

import datetime
import functools
import io
import re
import zoneinfo
from email.utils import parsedate_to_datetime

__all__ = ["moment", "shown", "stamp", "submitted", "zone"]

UTC = datetime.UTC
LAST = datetime.datetime.max.replace(microsecond=0, tzinfo=UTC)
FIRST = datetime.datetime.min.replace(tzinfo=UTC)
EARLIEST = datetime.timezone(datetime.timedelta(hours=14))
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)$")


def submitted(path):
    """ISO text in UTC, or with the name of a zone that is not clear; whatever the files say."""
    found = stamp(path)
    if found is None:
        try:
            seconds = path.lstat().st_mtime
        except OSError:  # the file is gone, and its problem says so
            seconds = datetime.datetime.now(UTC).timestamp()
        try:
            found = _iso(datetime.datetime.fromtimestamp(seconds, UTC))
        except (OSError, ValueError, OverflowError):
            found = _iso(LAST if seconds > 0 else FIRST)
    return found


def stamp(path):
    """The time in timestamp.txt beside `path`, as `submitted` gives it, or None."""
    try:
        beside = path.with_name("timestamp.txt")
        with beside.open("rb") if beside.is_file() else io.BytesIO() as file:
            text = file.read(100).decode("utf-8-sig").strip()
        return _read(text) if text else None
    except (OSError, ValueError, OverflowError):
        return None


def _read(text):
    """ISO text of a time as people and nbgrader write it, or ValueError."""
    found = re.fullmatch(
        r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?\s*([\w+:/-]{0,40})", text
    )
    if not found:  # "Mon, 12 Oct 2026 23:59:00 +0200"
        moment = parsedate_to_datetime(text)
        return _iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    naive, name = datetime.datetime.fromisoformat(found[1]), found[2]
    if not name:
        return _iso(naive.replace(tzinfo=UTC))
    known = zone(name, naive)
    return _iso(naive.replace(tzinfo=known)) if known else f"{naive.isoformat()} {name}"


def _iso(moment):
    """In UTC; a time out of datetime's range becomes its last or first."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = LAST if moment.year > 5000 else FIRST
    return moment.isoformat(timespec="seconds")


def zone(name, when):
    """The only zone that `name` can mean at the naive time `when`, None, or ValueError."""
    if name.upper() in ("UTC", "GMT", "Z", "UT"):
        return UTC
    if found := OFFSET.match(name):
        minutes = int(found[2]) * 60 + int(found[3])
        if minutes >= 24 * 60:
            raise ValueError(f"no offset: {name}")
        return datetime.timezone(datetime.timedelta(minutes=minutes) * int(f"{found[1]}1"))
    if "/" in name:
        return _place(name)
    offsets = _abbreviations(when.year).get(name.upper(), set())
    return datetime.timezone(next(iter(offsets))) if len(offsets) == 1 else None


def _place(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


@functools.cache
def _abbreviations(year):
    """{"CEST": {offsets}} of all zones in this computer's database, in that year."""
    found = {}
    for name in sorted(zoneinfo.available_timezones()):
        if place := _place(name):
            for when in (datetime.datetime(year, 1, 1), datetime.datetime(year, 7, 1)):
                there = when.replace(tzinfo=place)
                found.setdefault(there.tzname(), set()).add(there.utcoffset())
    return found


def moment(text, zones=()):
    """(the time, "") of a text in the gradebook, or (the earliest it can be, the unclear zone)."""
    written, _, name = text.partition(" ")
    if not name:
        return datetime.datetime.fromisoformat(written), ""
    naive = datetime.datetime.fromisoformat(written)
    known = zone(dict(zones).get(name, name), naive)
    return naive.replace(tzinfo=known or EARLIEST), "" if known else name


def shown(text):
    """A time for people: 2026-10-12 21:59 UTC."""
    return text.replace("T", " ").replace("+00:00", " UTC")
