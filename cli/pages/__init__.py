"""The page of ``translator report``: one file a section, and what HTML and pictures are made with."""
