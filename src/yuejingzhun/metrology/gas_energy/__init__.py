"""Energy of natural gas (天然气能量计量): ISO 6976 properties, equations of state, energy account of a supply zone."""
