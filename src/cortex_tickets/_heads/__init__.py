"""What only `embedding_student` uses: how a head is trained, kept and found again."""
