"""What runs on a developer's machine or in CI only: the emulator and the launcher. Never part of the package."""
