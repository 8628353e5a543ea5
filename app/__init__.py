"""People: the settings, the service, and its browser, HTTP and command-line faces."""
