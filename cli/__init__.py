"""The command line: parse, call, render. Importing it costs what click costs; commands load the library."""
