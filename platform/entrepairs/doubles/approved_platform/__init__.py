"""A local stand-in of an approved platform (plateforme agréée): takes invoices, tells their life, takes our events."""
