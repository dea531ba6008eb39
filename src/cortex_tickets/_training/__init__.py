"""The steps between tickets with labels and a frozen training set; only `training_set_builder` uses them."""
