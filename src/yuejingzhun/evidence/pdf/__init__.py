"""The certificate for people: PDF/A-3b with the DCC attached."""
