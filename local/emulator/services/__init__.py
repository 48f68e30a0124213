"""One file for an AWS service or a part of one; to import it is to apply its patches."""
