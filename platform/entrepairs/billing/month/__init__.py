"""The month end: what stands in the way, what would leave, and the run that drafts and issues a month's invoices."""
