"""Identity behind the vault's boundary: what the SQL stage needs to know of names, and how two people are explained."""
