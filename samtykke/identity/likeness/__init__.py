"""Who is one person although no identifier says so: records compared by what they say, behind the vault's boundary.

``features`` says what is compared and how, ``model`` learns and keeps the weights, ``scores`` compares. What leaves are
keys of records, levels of agreement and weights in bits, never a name or an address.
"""
