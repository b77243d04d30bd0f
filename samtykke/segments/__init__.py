"""Segments: what their files declare, the grammar for people who prefer YAML, and a preview before anything runs."""
