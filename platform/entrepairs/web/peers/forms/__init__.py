"""Forms of the peers' pages."""
