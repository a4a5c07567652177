"""The transparency log: Merkle trees of RFC 9162 in the formats of C2SP, read by existing clients and witnesses."""
