"""Pictures and pages, one module each; matplotlib is imported when one is drawn."""
