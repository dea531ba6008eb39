"""What Streamlit runs, on a laptop and in Snowflake alike."""

from cortex_tickets.app.main import show

if __name__ == "__main__":
    show()
