"""Files to page images with their words, drawn in a process of its own, with limits on time and memory."""
