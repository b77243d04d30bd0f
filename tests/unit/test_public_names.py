"""The names that docs promise to importers of the package (contracts of the library, without any I/O)."""

import subprocess
import sys


def test_functions_are_reached_from_the_package_and_need_neither_dagster_nor_dbt():
    code = """
import sys, samtykke
assert samtykke.normalise.email(" Anna@Example.com ").value == "anna@example.com"
assert samtykke.normalise.phone("33 12 34 56", "DK").value == "+4533123456"
assert samtykke.normalise.handle("@Anna", "instagram").value == "anna"
assert samtykke.normalise.name("ANNA").value == "anna"
assert len(samtykke.hashing.for_platform("meta", "email", "anna@example.com").value) == 64
assert samtykke.interests.extract("I love jazz")[0].label == "Jazz"
assert samtykke.consent.tcf.decode
assert not {"dagster", "dbt"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
