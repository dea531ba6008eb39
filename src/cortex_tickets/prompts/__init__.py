"""What a model is asked, word for word; no statement is sent from here."""
