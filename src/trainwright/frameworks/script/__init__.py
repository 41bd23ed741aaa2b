"""Any script or program of the user as a trainer."""
