"""The page of ``translator report``: a file for each section, and tools for HTML and figures."""
