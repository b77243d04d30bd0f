"""One damaged line costs that line: random files are written, damaged in one place and read back."""

import csv
import io
import random

import pytest

from samtykke.sources.plain import survey
from samtykke.sources.separated import DELIMITERS, Rejected, count_clean, find_layout, records

SIGNS = ["a", "Å", " ", ",", ";", "\t", "|", '"', "'", "\n", "\r\n", "😀", "1", "=", "\\", "."]
WIDTH = 4


def write(rows: list[list[str]], draw: random.Random, delimiter: str) -> list[str]:
    """The physical text of every row, as a spreadsheet or a database would write it."""
    end = draw.choice(["\n", "\r\n"])
    quoting = draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    written = []
    for row in rows:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerow(row)
        written.append(out.getvalue())
    return written


def read(tmp_path, text: str, delimiter: str):
    file = tmp_path / "x.csv"
    file.write_bytes(text.encode())
    plain = survey(file, False, "utf-8")
    layout = find_layout(plain, "x.csv", frozenset(f"column_{n}" for n in range(WIDTH)), delimiter)
    return count_clean(plain, layout), list(records(plain, layout))


def random_rows(draw: random.Random, signs: list[str], count: int) -> list[list[str]]:
    return [["".join(draw.choices(signs, k=draw.randrange(5))) + str(n) for _ in range(WIDTH)] for n in range(count)]


@pytest.mark.parametrize("seed", range(60))
def test_a_whole_file_is_read_value_by_value_with_its_line_numbers(seed, tmp_path):
    draw = random.Random(seed)
    delimiter, header = draw.choice(DELIMITERS), [f"column_{n}" for n in range(WIDTH)]
    rows = random_rows(draw, SIGNS, draw.randrange(1, 30))
    written = write([header, *rows], draw, delimiter)
    clean, found = read(tmp_path, "".join(written), delimiter)
    assert [fields for _, fields in found] == rows
    starts, line = [], 1
    for text in written:
        starts.append(line)
        line += text.count("\n")
    assert [number for number, _ in found] == starts[1:]
    multi_line = any("\n" in value or "\r" in value for row in rows for value in row)
    assert clean == (None if multi_line else len(rows))


DAMAGES = {
    "separator added": lambda text, sign: text.rstrip("\r\n") + sign + "\n",
    "separator lost": lambda text, sign: text.replace(sign, "", 1),
    "quote opened": lambda text, sign: '"' + text,
    "quote inside": lambda text, sign: text[:1] + 'x"y' + text[1:],
    "cut": lambda text, sign: text.split(sign)[0] + "\n",
    "NUL": lambda text, sign: "\0" + text,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("seed", range(25))
def test_a_damaged_line_is_rejected_and_every_other_record_is_read(damage, seed, tmp_path):
    draw = random.Random(seed)
    delimiter, header = draw.choice(DELIMITERS), [f"column_{n}" for n in range(WIDTH)]
    plain_signs = [sign for sign in SIGNS if sign not in DELIMITERS and sign not in ('"', "\n", "\r\n")]
    rows = random_rows(draw, SIGNS, 12)
    hurt = draw.randrange(12)
    rows[hurt] = random_rows(draw, plain_signs, 1)[0]
    written = write([header, *rows], draw, delimiter)
    # the damaged row itself is unquoted and of one line, the others are whatever they are
    written[hurt + 1] = DAMAGES[damage](delimiter.join(rows[hurt]) + "\n", delimiter)
    clean, found = read(tmp_path, "".join(written), delimiter)
    assert clean is None
    good = [fields for record in found if not isinstance(record, Rejected) for _, fields in [record]]
    assert good == rows[:hurt] + rows[hurt + 1 :]
    assert [record.line_number for record in found if isinstance(record, Rejected)] == [
        1 + sum(text.count("\n") for text in written[: hurt + 1])
    ]


def test_many_open_quotes_do_not_make_reading_slow(tmp_path):
    text = "column_0,column_1,column_2,column_3\n" + '1,"2,3,4\n' * 20_000
    _, found = read(tmp_path, text, ",")
    assert len(found) == 20_000
