"""One file an AWS service (or a part of one). Importing a file applies its patches; see `local.emulator.install`."""
