"""One mechanism for every table operation: what was asked, answered, left and paid."""
