"""Papers and stored bytes: what the house prints, and what it must be able to show again, byte for byte.

Words: a *paper* is a template of `templates/documents/` and the data it takes (`papers`); *rendering* turns it into
PDF/A-3a; a *stored file* is bytes kept with their SHA-256, never changed; a *series* gives continuous legal numbers.
"""
