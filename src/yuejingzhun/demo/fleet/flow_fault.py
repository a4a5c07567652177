"""The faults of life in water and gas areas, each a switch, besides the meters' own errors."""

from enum import StrEnum


class FlowFault(StrEnum):
    """One kind of fault; an area is simulated with any set of them."""

    BURST = "burst"  # a pipe breaks and is mended some days later
    THEFT = "theft"  # somebody draws before the meter, on some evenings
    UNLISTED_METER = "unlisted_meter"  # fed here, listed in a neighbouring area
    FOREIGN_METER = "foreign_meter"  # listed here, fed by a neighbouring area
    STOPPED_METER = "stopped_meter"  # a register that stands still from some day on, though use goes on
    CLOCK_OFFSET = "clock_offset"  # some meters' clocks are late or early by up to an hour
    MISSING_DAYS = "missing_days"  # days of single meters, and one of the inlet, never arrived
    COARSE_REGISTERS = "coarse_registers"  # steps ten times as large
    COARSE_INFLOW = "coarse_inflow"  # the inlet in steps a hundred times as large
    LITTLE_USE = "little_use"  # holiday flats
    INLET_ERROR = "inlet_error"  # the inlet meter is wrong by four times its limit: water 2 %, gas 4 %
    NO_PRESSURE = "no_pressure"  # water: pressure is not collected
    WRONG_SITE = "wrong_site"  # gas: a tenth of the meters listed indoors hang outside, and the other way round
