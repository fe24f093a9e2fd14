"""Accounts, office roles, web sessions that can be revoked, single-use tokens of mail links, permissions.

One person has one account and may wear several hats: member of a structure, peer, office.
"""
