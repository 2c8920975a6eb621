"""When things happen: pull, decide, deliver, on a schedule."""
