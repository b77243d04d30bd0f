"""Make any delivered text a plain UTF-8 file: unpacked, decoded, within limits."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from samtykke.sources.files import Delivery, Incomplete, Refused

_BLOCK = 1 << 20
# A packed CSV shrinks 5 to 30 times; past this it is a bomb or a mistake.
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 64 << 20
MAX_UNPACKED = 64 << 30
# A record of a longer line is quarantined by its digest: no person's record is that long.
MAX_RECORD = 2 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Plain:
    """A readable text file.

    Attributes:
        path: The file in UTF-8: the delivered one, or a private copy that the caller removes.
        is_copy: Whether it is such a copy.
        encoding: What the delivered file was written in.
        is_valid: Every byte is valid UTF-8; else the bad lines go to quarantine.
        has_nul: A NUL byte is somewhere.
        quotes: How many double quotes it holds.
        newlines: How many line feeds it holds.
        has_blank_lines: A blank line may stand between records.
    """

    path: Path
    is_copy: bool
    encoding: str
    is_valid: bool
    has_nul: bool
    quotes: int
    newlines: int
    has_blank_lines: bool


def make_plain(delivery: Delivery, spill: Path, *, encoding: str | None = None) -> Plain:
    """Return the delivered text as UTF-8.

    Args:
        delivery: The file.
        spill: Private folder for a copy, if one is needed.
        encoding: What a mapping declares; else it is detected.

    Raises:
        Refused: It is packed in a way that is not read, or it grows past the limits, or it is no text.
        Incomplete: The packed file ends too early.
    """
    source = delivery.path
    spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    if delivery.is_packed:
        source = _unpack(delivery, spill)
    head = _head(source)
    if head.startswith(b"PK\x03\x04"):
        raise Refused("zip_archive", f"{delivery.relative} is a zip archive; deliver its content as .csv or .csv.gz.")
    if head.startswith(b"\x1f\x8b"):
        raise Refused("packed_without_suffix", f"{delivery.relative} is packed with gzip; name it .gz.")
    encoding = encoding or _detect(source, head)
    if encoding in ("utf-8", "utf-8-sig"):
        return survey(source, source != delivery.path, encoding)
    copy = spill / f"{delivery.path.name}.utf8"
    try:
        _transcode(source, copy, encoding)
    except (UnicodeError, LookupError):
        copy.unlink(missing_ok=True)
        raise Refused(
            "wrong_encoding",
            f"{delivery.relative} is not {encoding} throughout; save it as UTF-8 and deliver again.",
        ) from None
    finally:
        if source != delivery.path:
            source.unlink(missing_ok=True)
    return survey(copy, True, encoding)


def _unpack(delivery: Delivery, spill: Path) -> Path:
    packed = delivery.path.stat().st_size
    copy = spill / f"{delivery.path.name}.plain"
    total = 0
    try:
        with gzip.open(delivery.path, "rb") as source, copy.open("wb") as target:
            while block := source.read(_BLOCK):
                total += len(block)
                if total > MAX_UNPACKED or (total > _RATIO_COUNTS_FROM and total > MAX_RATIO * packed):
                    raise Refused(
                        "unpacks_too_large",
                        f"{delivery.relative} grows more than {MAX_RATIO} times when unpacked; deliver it plain.",
                    )
                target.write(block)
    except EOFError:
        copy.unlink(missing_ok=True)
        raise Incomplete(
            "cut_short", f"{delivery.relative} ends before its end; deliver it again, then run again."
        ) from None
    except (gzip.BadGzipFile, zlib.error):
        copy.unlink(missing_ok=True)
        raise Refused("damaged_gzip", f"{delivery.relative} is not a whole gzip file; pack it again.") from None
    except Refused:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _detect(path: Path, head: bytes) -> str:
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if len(head) >= 4:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > 0.4 * len(head) / 2 and even == 0:
            return "utf-16-le"
        if even > 0.4 * len(head) / 2 and odd == 0:
            return "utf-16-be"
    if _is_utf8(path):
        return "utf-8"
    # Some lines are valid UTF-8 beyond ASCII: the file is UTF-8 and the others are damaged. None is: it is the
    # one-byte encoding of Western Europe, of which latin-1 is the part without 0x80-0x9f.
    valid = windows = False
    for line in _lines(path):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            windows = windows or any(0x80 <= byte <= 0x9F for byte in line)
        else:
            valid = True
            break
    if valid:
        return "utf-8"
    return "cp1252" if windows else "latin-1"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(MAX_RECORD):
            yield line


def _transcode(source: Path, target: Path, encoding: str) -> None:
    # A byte that the encoding does not define stays as it is: its line is found invalid and quarantined later.
    errors = "surrogateescape" if encoding in ("cp1252", "ascii") else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
    with source.open("rb") as file, target.open("wb") as out:
        while block := file.read(_BLOCK):
            out.write(decoder.decode(block).encode("utf-8", errors))
        out.write(decoder.decode(b"", final=True).encode("utf-8", errors))


def survey(path: Path, is_copy: bool, encoding: str) -> Plain:
    """Look once through a file in UTF-8.

    Args:
        path: The file.
        is_copy: Whether it is a private copy.
        encoding: What it was delivered in.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, nul, blank, quotes, newlines = True, False, False, 0, 0
    tail = b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if valid:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    valid = False
            nul = nul or b"\0" in block
            joined = tail + block
            blank = blank or b"\n\n" in joined or b"\n\r\n" in joined or b"\r\r" in joined or b"\n\r\r" in joined
            tail = block[-2:]
            quotes += block.count(b'"')
            newlines += block.count(b"\n")
    if valid:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            valid = False
    return Plain(path, is_copy, encoding, valid, nul, quotes, newlines, blank)


def open_bytes(plain: Plain) -> BinaryIO:
    """Open the file behind its byte order mark."""
    file = plain.path.open("rb")
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
    return file
