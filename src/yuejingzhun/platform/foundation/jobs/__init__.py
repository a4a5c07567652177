"""Long tasks with progress, run beside requests, stopped and started again."""
