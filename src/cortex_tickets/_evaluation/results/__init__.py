"""The frozen records that an evaluation is made of; no ticket text stands in any of them."""
