#!/usr/bin/env bash
# XLSX says of each cell whether it holds text. pandas makes numbers of the text all the same, Polars does not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile fastexcel==0.21.0 openpyxl==3.1.5 pandas==3.1.1 polars==2.1.0
cd "$work"

./venv/bin/python - <<'PY'
import openpyxl
import pandas
import polars

# Published test cards and made-up tokens: the last row has neither, as where a customer pays otherwise.
rows = [
    ("0012345678", "4111111111111111", "9163629425901111"),
    ("0012345679", "5555555555554444", "9163629425901112"),
    ("0012345680", None, None),
]
book = openpyxl.Workbook()
sheet = book.active
sheet.append(("account", "card", "token"))
for row in rows:
    sheet.append(row)
kinds = {cell.data_type for line in sheet.iter_rows(min_row=2, max_row=3) for cell in line}
assert kinds == {"s"}, "cells of text"
book.save("customers.xlsx")

frame = pandas.read_excel("customers.xlsx")
print(f"written as text: {rows}")
print(f"pandas {pandas.__version__}:", *(f"\n  {name} ({frame[name].dtype}) {frame[name].tolist()}" for name in frame))
assert frame["account"].tolist() == [12345678, 12345679, 12345680]
assert frame["card"].dropna().astype("int64").tolist() == [4111111111111111, 5555555555554444]
assert frame["token"].dropna().astype("int64").tolist() == [9163629425901112] * 2
print("so the cards come back as they were, and two tokens are one")

table = polars.read_excel("customers.xlsx")
print(f"polars {polars.__version__}: {table.rows()}")
assert table.rows() == rows
PY
