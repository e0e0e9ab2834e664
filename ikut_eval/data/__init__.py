"""The confidential side: reading, checking and holding participants' data."""
