"""The raw record as a workbook that a technician fills in offline, and its reader."""
