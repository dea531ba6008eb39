"""What the pages ask of the library and of its tables, in typed functions that know nothing of Streamlit."""
