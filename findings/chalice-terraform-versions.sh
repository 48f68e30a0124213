#!/usr/bin/env bash
# What Chalice packages for Terraform refuses any Terraform since 1.4 and any AWS provider since 5.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile chalice==1.34.0
cd "$work"

mkdir -p app/.chalice && cd app
touch requirements.txt
cat > app.py <<'PY'
from chalice import Chalice

app = Chalice(app_name="sample")


@app.route("/")
def index():
    return {}
PY
cat > .chalice/config.json <<'JSON'
{"version": "2.0", "app_name": "sample", "stages": {"dev": {"api_gateway_stage": "api"}},
 "manage_iam_role": false, "iam_role_arn": "arn:aws:iam::123456789012:role/sample"}
JSON
AWS_DEFAULT_REGION=eu-central-1 ../venv/bin/chalice package --pkg-format terraform out > /dev/null
../venv/bin/python - <<'PY'
import importlib.metadata
import json
from pathlib import Path

written = json.loads(Path("out/chalice.tf.json").read_text(encoding="utf-8"))
terraform = written["terraform"]["required_version"]
provider = written["terraform"]["required_providers"]["aws"]["version"]
print(f"chalice {importlib.metadata.version('chalice')}: Terraform {terraform}, provider aws {provider}")
assert terraform.endswith("< 1.4.0") and provider.endswith("< 5")
assert "null_data_source" in written["data"], "the deprecated data source is gone"
PY
