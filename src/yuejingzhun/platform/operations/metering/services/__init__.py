"""What a metering engineer does: one file a verb."""
