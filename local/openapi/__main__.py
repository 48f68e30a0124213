"""`python -m local.openapi`: writes `docs/openapi.json`. `make openapi` calls it."""

from local.openapi.document import PATH, written

if __name__ == "__main__":
    PATH.write_text(written())
