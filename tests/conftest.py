"""What holds for every test: drawn examples are the same on each run, and a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
