#!/usr/bin/env bash
# pip download takes a platform for a name, not for a minimum: manylinux_2_34 finds no wheel of manylinux_2_28.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pip==26.2
cd "$work"

download() {
  ./venv/bin/pip download --quiet --no-deps --only-binary=:all: --python-version 3.13 \
    --platform "$1" --dest "$1" msgspec==0.22.0
}

./venv/bin/pip --version | cut -d' ' -f1,2
download manylinux_2_28_aarch64
ls manylinux_2_28_aarch64
# Amazon Linux 2023 has glibc 2.34, and by PEP 600 takes wheels for every older one.
if error=$(download manylinux_2_34_aarch64 2>&1); then
  echo "manylinux_2_34 takes wheels of manylinux_2_28 now"
  exit 1
fi
echo "manylinux_2_34_aarch64: $(echo "$error" | grep 'No matching distribution')"
