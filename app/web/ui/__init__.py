"""The browser's side: a Gradio app of two tabs, whose scripts and styles lie in static/."""
