"""Backup and restore of a whole platform, while it runs or not."""

from trainwright.backup.create import Created, create
from trainwright.backup.manifest import Manifest, Part
from trainwright.backup.restore import Restored, restore

__all__ = ["Created", "Manifest", "Part", "Restored", "create", "restore"]
