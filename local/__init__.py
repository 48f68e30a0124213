"""The stack on a developer's machine: emulator, gateway, launcher. Never in the package."""
