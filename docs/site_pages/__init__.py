"""What the build of the site makes: pages from the code's own tables, the bank and the charts of the gallery."""
