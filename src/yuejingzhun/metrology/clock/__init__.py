"""Time and frequency (时间频率): stability, time transfer, ensembles, holdover, monitoring of synchronised clocks."""
