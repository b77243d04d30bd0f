"""The fast lane: what arrived of withdrawals is taken back from every recipient at once, not in the night.

It only ever takes out. A grant in the same file waits for the night, and so does everything that a removal frees.
"""
