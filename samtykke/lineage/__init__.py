"""Purpose lineage: what columns are made of, which purposes that needs, and that nothing goes round the gate."""
