"""Office and web files to PDFs, by LibreOffice in a process of its own: no macros, no network, limits on time and memory."""
