"""Working days in China, in which the law counts its terms."""
