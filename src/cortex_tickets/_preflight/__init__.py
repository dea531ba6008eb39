"""The room behind `preflight`: it looks with free statements first, and judges what it saw afterwards."""
