"""The electronic invoice: values in, a checked Factur-X out. No database, no Flask; the caller numbers and stores.

Words: a *treatment* is how a line stands towards VAT; a *note* is a legal mention with its UNTDID 4451 code; a
*refusal* is a fault we find ourselves before the official rules; the *checker* is the process that runs those rules.
BT- and BG- numbers are the terms and groups of EN 16931.
"""
