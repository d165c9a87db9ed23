"""Encryption, private links, form keys, and whose page a post came from."""
