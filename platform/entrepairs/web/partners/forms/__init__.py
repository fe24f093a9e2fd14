"""Forms of the structures' pages."""
