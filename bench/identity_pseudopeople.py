"""Draw a census and the W-2 forms of pseudopeople's small town, with its default noise, into one Parquet file.

    python identity_pseudopeople.py drawn.parquet

Runs where the package is; nothing of the project is needed.
"""

from __future__ import annotations

import sys

import pandas
import pseudopeople

COLUMNS = [
    "simulant_id", "first_name", "middle_initial", "last_name", "street_number", "street_name", "unit_number",
    "date_of_birth", "ssn",
]  # fmt: skip

census = pseudopeople.generate_decennial_census(seed=1).astype("object")
forms = pseudopeople.generate_taxes_w2_and_1099(seed=1).astype("object")
forms = forms.rename(columns=lambda name: name.removeprefix("mailing_address_"))
drawn = pandas.concat([frame.reindex(columns=COLUMNS) for frame in (census, forms)], ignore_index=True)
drawn = drawn.apply(lambda column: column.map(lambda value: None if pandas.isna(value) else str(value)))
drawn.to_parquet(sys.argv[1])
