"""Export files: rendered as bytes, written so that a directory appears whole, by rename, or not at all."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from samtykke.activation.destinations.spec import DestinationSpec

ADD, REMOVE, MANIFEST = "add.csv", "remove.csv", "manifest.json"
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")
_DIGESTS = {"sha256/hex": _SHA256, "sha256/base64": _BASE64}
# ASCII that can be printed, but for quote and comma
_PLAIN = r"[ !#-+\x2d-~]*"
_OF_NOTHING = {hashlib.sha256(b"").hexdigest(), base64.b64encode(hashlib.sha256(b"").digest()).decode()}
# Beside the recipients' folders, so that the rename stays on one file system; gone when an export has ended.
_BUILDING = ".building"


class ExportFileError(ValueError):
    """A file or folder cannot be written as it must be; the message holds no value of a row."""


def render_table(spec: DestinationSpec, lines: Iterable[tuple[str, ...]]) -> bytes:
    """Return a CSV file: the platform's header, then the lines in the order of their content.

    Raises:
        ExportFileError: A cell is not of the form its column declares, or a line identifies nobody.
    """
    identifying = [at for at, column in enumerate(spec.columns) if column.kind in spec.identifier_kinds]
    out = io.StringIO(newline="")
    out.write(header_line(spec))
    writer = csv.writer(out, lineterminator="\n")
    for line in sorted(lines):
        if not any(line[at] for at in identifying):
            raise ExportFileError(f"{spec.name}: a row identifies nobody")
        for header, form, cell in zip(spec.header, spec.forms, line, strict=True):
            if cell and not _has_form(cell, form):
                raise ExportFileError(f"{spec.name}: a cell of column {header} is not {form}")
        writer.writerow(line)
    return out.getvalue().encode("utf-8")


def sure(spec: DestinationSpec, cells: Sequence[str]) -> str:
    """Return SQL that tells whether a line is as it must be and needs no quotes: most are, the rest is looked at here.

    Args:
        spec: The destination.
        cells: SQL of each cell, in the order of the header; never null.
    """
    nothing = ", ".join(f"'{digest}'" for digest in sorted(_OF_NOTHING))
    held = []
    for cell, form in zip(cells, spec.forms, strict=True):
        if form == "blank":
            held.append(f"{cell} = ''")
        elif form in _DIGESTS:
            pattern = _DIGESTS[form].pattern
            held.append(f"({cell} = '' or (regexp_full_match({cell}, '{pattern}') and {cell} not in ({nothing})))")
        else:
            is_digest = f"regexp_full_match({cell}, '{_SHA256.pattern}')"
            held.append(f"(regexp_full_match({cell}, '{_PLAIN}') and not {is_digest})")
    identifying = [
        f"{cell} <> ''"
        for cell, column in zip(cells, spec.columns, strict=True)
        if column.kind in spec.identifier_kinds
    ]
    return " and ".join([f"({' or '.join(identifying)})", *held])


def header_line(spec: DestinationSpec) -> str:
    """Return the first line of a destination's file."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(spec.header)
    return out.getvalue()


def render_manifest(content: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """Return the manifest: the given content and the SHA-256 of each file. Same content, same bytes."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return (json.dumps({**content, "files": digests}, indent=2, sort_keys=True) + "\n").encode("utf-8")


def write_build(folder: Path, build_id: str, files: Mapping[str, bytes]) -> Path:
    """Write a build beside its place, flush it to disk and rename it into place.

    Args:
        folder: The audience's folder, from ``audience_folder``.
        build_id: Name of the new directory; it must not exist.
        files: Content by name; the manifest is written last.
    """
    staging = folder.parent.parent / _BUILDING / f"{folder.parent.name}.{folder.name}.{_checked(build_id)}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True, mode=0o700)
    for name in sorted(files, key=lambda item: (item == MANIFEST, item != REMOVE)):
        with open(os.open(staging / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(files[name])
            out.flush()
            os.fsync(out.fileno())
    _flush(staging)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / build_id
    os.rename(staging, place)
    for parent in (folder, folder.parent, folder.parent.parent):
        _flush(parent)
    return place


def clear_staging(exports: Path) -> None:
    """Remove what an interrupted export left unfinished: no recipient ever saw it."""
    shutil.rmtree(exports / _BUILDING, ignore_errors=True)


def is_whole(directory: Path) -> bool:
    """Tell whether a build's directory holds its files as its manifest lists them."""
    try:
        listed = json.loads((directory / MANIFEST).read_bytes())["files"]
        return {ADD, REMOVE} == set(listed) and all(
            hashlib.sha256((directory / name).read_bytes()).hexdigest() == digest for name, digest in listed.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def audience_folder(exports: Path, recipient: str, segment: str) -> Path:
    """Return ``<exports>/<recipient>/<segment>``, refusing names and links that lead elsewhere.

    Raises:
        ExportFileError: A name is not of ``[a-z0-9_-]{1,64}``, or part of the path is a symbolic link.
    """
    folder = exports / _checked(recipient) / _checked(segment)
    for part in (folder.parent, folder):
        if part.is_symlink():
            raise ExportFileError(
                f"{part.relative_to(exports)} is a symbolic link; exports are written to folders only"
            )
    return folder


def cells_sent_earlier(folder: Path, spec: DestinationSpec, builds: Collection[str]) -> Iterable[dict[str, str]]:
    """Yield rows of earlier additions still on disk: their identifying cells by kind."""
    for build_id in builds:
        try:
            with open(folder / build_id / ADD, encoding="utf-8", newline="") as source:
                lines = list(csv.reader(source))
        except FileNotFoundError:
            continue
        if not lines or tuple(lines[0]) != spec.header:
            continue
        for line in lines[1:]:
            cells = spec.cells(tuple(line))
            yield {kind: cell for kind, cell in cells.items() if kind in spec.identifier_kinds}


def _has_form(cell: str, form: str) -> bool:
    if form == "blank":
        return False
    if form in _DIGESTS:
        return _DIGESTS[form].fullmatch(cell) is not None and cell not in _OF_NOTHING
    # A digest in a column of clear values, or a line break in either, is a mistake upstream.
    return cell.isprintable() and _SHA256.fullmatch(cell) is None


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ExportFileError(f"{name!r} is no name for an export folder; use a-z, 0-9, _ and -, at most 64")
    return name


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
