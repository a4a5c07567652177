"""A synthetic part of the province, to try everything on. No person or organisation in it exists."""
