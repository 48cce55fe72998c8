"""The command line: parse, call, render. Only click is imported at first; commands load the library."""
