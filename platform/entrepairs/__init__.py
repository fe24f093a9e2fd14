"""Entrepairs: the regional platform of mental-health peer workers."""
