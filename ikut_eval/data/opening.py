"""Opens what an evaluator names as data: a path, or the synthetic pilot."""

import hashlib
from datetime import date
from pathlib import Path

from ikut_eval.contract.errors import DataError
from ikut_eval.contract.schema import Contract
from ikut_eval.data.reading import Cell, Sheet, Source, digest_of, read_source
from ikut_eval.data.synthetic import CASES, SEED, Rows, synthetic_rows

SYNTHETIC = "synthetic"


def synthetic_case(data: str | Path) -> str | None:
    """Return the case that ``"synthetic"`` or ``"synthetic:CASE"`` names, or None for a path."""
    word, _, case = str(data).partition(":")
    if word != SYNTHETIC:
        return None
    if case not in ("", *CASES):
        raise DataError("unknown_case", cases=", ".join(CASES))
    return case or "ordinary"


def data_digest(data: str | Path) -> str:
    """Return a hash that changes when the data changes, without reading tables."""
    case = synthetic_case(data)
    return hashlib.sha256(f"{case}/{SEED}".encode()).hexdigest() if case else digest_of(Path(data))


def open_source(data: str | Path, contract: Contract) -> Source:
    """Read a path, or make the synthetic pilot that is named."""
    case = synthetic_case(data)
    if case is None:
        return read_source(Path(data))
    rows = synthetic_rows(contract, case=case)
    sheets = [_sheet(table.name, n, rows, contract) for n, table in enumerate(contract.main_tables, start=1)]
    return Source(str(data), sheets, True, data_digest(data))


def _sheet(name: str, position: int, rows: Rows, contract: Contract) -> Sheet:
    header: list[Cell] = [f.name for f in contract.tables[name].fields]
    body = [(n, [cell_text(v) for v in row.values()]) for n, row in enumerate(rows[name], start=2)]
    return Sheet(name, position, [(1, header), *body])


def cell_text(value: object) -> Cell:
    """Return a typed value as a data file in the open standard writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
