"""The big screen 一网统管: a region's metrology on a wall, and what the data suggest to look at."""
