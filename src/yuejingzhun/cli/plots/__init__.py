"""The pictures of the commands of the science: one file a command, each makes a Matplotlib figure."""
