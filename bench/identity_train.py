"""Learn the weights that the project ships, from drawn customers: `make train-identity`.

The half on which a resolver may choose its parameters (identity.CHOOSE), with the person that the identity models make
of identifiers as label. A company learns its own from its home: `samtykke identity train`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from bench.identity import CHOOSE, apart
from bench.identity_home import BenchHome
from bench.identity_world import World
from samtykke.identity.likeness.learn import learn
from samtykke.identity.likeness.model import MODEL
from samtykke.storage.connect import open_home


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=3_000)
    asked = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="train-identity-"))
    try:
        home = BenchHome(folder / "home", World(asked.people, CHOOSE).rows())
        home.number_names()
        apart(BenchHome.build, home)
        with open_home(home.settings, vault=True) as connection:
            model = learn(connection, home.settings)
    finally:
        shutil.rmtree(folder)
    model.save(MODEL)
    print(f"weights {model.version} written to {MODEL}")


if __name__ == "__main__":
    main()
