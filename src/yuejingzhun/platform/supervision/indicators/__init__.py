"""The eight indicators of the plan 2022-2035 and the tasks of its boxes: 专栏1 to 专栏6."""
