"""What the association offers: the palette, its fidelity rules, its prices.

Words: an *offering* (prestation) has a shape (kind), a usual length, who facilitates, a group size, the qualifications
it requires, a price unit and a VAT regime. The palette is data (`config/catalogue.toml`); prices are voted, dated rows.
"""
