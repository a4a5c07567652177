"""The faults of life, each a switch: what can be wrong with a district's readings besides its meters' errors."""

from enum import StrEnum


class Fault(StrEnum):
    """One kind of fault; a district is simulated with any set of them."""

    LIGHT_LOAD = "light_load"  # holiday flats: a fifteenth of the usual load
    THEFT = "theft"  # a hook on the line: a load that no meter sees, on some evenings
    FOREIGN_METER = "foreign_meter"  # listed here, fed by a neighbouring transformer
    UNLISTED_METER = "unlisted_meter"  # fed here, listed at a neighbouring transformer
    MISSING_DAYS = "missing_days"  # days of single meters, and one of the total meter, never arrived
    CLOCK_OFFSET = "clock_offset"  # some meters' clocks are late or early by up to an hour
    COARSE_REGISTERS = "coarse_registers"  # meters' registers in 0.1 kWh
    COARSE_TOTAL = "coarse_total"  # the total register in 0.01 kWh times the transformer ratio
    FEED_IN = "feed_in"  # photovoltaics with a second register for what is fed in
    ROUGH_LOSS = "rough_loss"  # resistance and unbalance wander: the loss scatters about its law
