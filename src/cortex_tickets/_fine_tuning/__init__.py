"""The parts of a fine-tune job: planned and checked, started once, waited for."""
