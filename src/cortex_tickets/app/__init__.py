"""The Streamlit app: shows and asks, over the package's public interface; no logic of its own.

Importing this package does not import Streamlit; `streamlit_app.py` is what Streamlit runs.
"""
