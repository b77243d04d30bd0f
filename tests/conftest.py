"""What every test shares."""

from hypothesis import settings

# The same commit draws the same examples: a failure is one for everybody. `make prove` draws others.
settings.register_profile("suite", derandomize=True)
settings.load_profile("suite")
