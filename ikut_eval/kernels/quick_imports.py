"""What libraries build when they are imported, and nobody here uses."""

import sys


def leave_out_address_grammar() -> None:
    """Keep jsonschema, which nbformat imports, from building the grammar of addresses (RFC 3987): it takes a second.

    jsonschema does without where the grammar is not installed; it only checks the form of international addresses, and
    notebooks hold none. Call it before nbformat, papermill, nbconvert or Voilà is imported for the first time.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # how Python marks what is not to be imported
