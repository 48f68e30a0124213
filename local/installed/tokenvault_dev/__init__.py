"""A real tokenvault on this machine: the command `tokenvault-dev`, the pytest fixture `tokenvault_dev`."""

from .facts import TokenvaultDev

__all__ = ["TokenvaultDev"]
