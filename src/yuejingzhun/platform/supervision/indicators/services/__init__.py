"""Acts on indicators and tasks of the plan: one module an act."""
