"""Typed records that go in and come out of the public classes; no statement is sent from here."""
