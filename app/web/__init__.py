"""The service over HTTP: the application, its guard, its plain routes, and the pages."""
