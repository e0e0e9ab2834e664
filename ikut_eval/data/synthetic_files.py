"""Writes the synthetic pilot as a workbook or as a folder of CSV files, marked as synthetic."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ikut_eval.contract.atomic import storage_error, write_bytes, write_text
from ikut_eval.contract.errors import DataError, NotAllowedError, UsageError
from ikut_eval.contract.locale import text
from ikut_eval.contract.schema import Contract, Table
from ikut_eval.data.descriptor import data_package
from ikut_eval.data.pilot import cell_text
from ikut_eval.data.reading import SYNTHETIC_MARK, read_source
from ikut_eval.data.synthetic import CASES, SEED, synthetic_rows
from ikut_eval.data.template import write_synthetic_workbook

Rows = Mapping[str, Sequence[Mapping[str, object]]]


def write_synthetic(out: Path, contract: Contract, *, case: str, seed: int | None, language: str) -> list[Path]:
    """Write a synthetic pilot to a workbook (`out` ends in .xlsx) or to a folder of CSV files.

    The messy case is written as it would arrive: semicolons, decimal commas, Windows-1252.

    Returns
    -------
    list of Path
        What was written.
    """
    if case not in CASES:
        raise UsageError("unknown_choice", name="--case", choices=", ".join(CASES))
    rows = synthetic_rows(contract, case=case, seed=SEED if seed is None else seed)
    if out.suffix == ".xlsx":
        write_synthetic_workbook(out, contract, rows, language=language)
        return [out]
    if out.suffix:
        raise UsageError("needs_suffix", suffix=".xlsx")
    write_csv_folder(out, contract, rows, language=language, finnish_office=case == "messy")
    return [out]


def refuse_real_data(out: Path) -> None:
    """Refuse to replace anything that is not marked as synthetic.

    Raises
    ------
    NotAllowedError
        If there is such a file or folder.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        synthetic = read_source(out).synthetic
    except DataError:
        synthetic = False
    if not synthetic:
        raise NotAllowedError("not_synthetic", file=out.name)


def write_csv_folder(out: Path, contract: Contract, rows: Rows, *, language: str, finnish_office: bool = False) -> None:
    """Write a table a CSV file, with the Data Package descriptor that other tools read.

    Parameters
    ----------
    finnish_office : bool
        Write semicolons, decimal commas, d.m.yyyy, labels instead of codes, Windows-1252.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise storage_error(problem, out.name) from problem
    for table in contract.main_tables:
        content = io.StringIO()
        writer = csv.writer(content, delimiter=";" if finnish_office else ",", lineterminator="\n")
        if finnish_office:
            writer.writerow([f" {f.labels[language]} " for f in table.fields])
            writer.writerows([_office(row[f.name], table, f.name, language) for f in table.fields] for row in rows[table.name])
            write_bytes(out / f"{table.name}.csv", content.getvalue().encode("cp1252", errors="replace"))
        else:
            writer.writerow([f.name for f in table.fields])
            writer.writerows([cell_text(row[f.name]) or "" for f in table.fields] for row in rows[table.name])
            write_text(out / f"{table.name}.csv", content.getvalue())
    marked = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in sorted(f"{t.name}.csv" for t in contract.main_tables)}
    descriptor = {**data_package(contract, language), SYNTHETIC_MARK: marked, "description": text("report.synthetic", language)}
    write_text(out / "datapackage.json", json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n")


def _office(value: object, table: Table, name: str, language: str) -> str:
    field = table.field(name)
    if isinstance(value, float):
        return str(value).replace(".", ",")
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    if isinstance(value, bool):
        return text("yes" if value else "no", language)
    if field.code_list and field.type == "string" and value in field.code_list.codes and field.code_list.name != "item":
        return field.code_list.label(str(value), language)
    return cell_text(value) or ""
